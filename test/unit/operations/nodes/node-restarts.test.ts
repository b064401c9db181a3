/** Executions that hear of a new instance of their node: all of them, however rare they are among those of the tenant. */
import { expect, it } from "vitest";
import { NodeRestarts } from "../../../../src/operations/nodes/node-restarts.ts";

it("are told beyond a page in which none of them was found, each once", async () => {
  const told: string[] = [];
  const row = (id: string) => ({ id, createdAtMs: 1 });
  const stop = { createdAtMs: 2, id: "stop" };
  const restarts = new NodeRestarts({
    registry: {
      list: async (_, { from }) =>
        (from ? { rows: [row("b"), row("c")], resumeAfter: undefined } : { rows: [], resumeAfter: stop }) as never,
    },
    client: {
      dispatch: async (_, id) => {
        told.push(id);
        if (id === "b") throw new Error("it cannot be reached");
        return { ok: true } as never;
      },
    },
    graceMs: undefined,
  });
  await restarts.tell("t", { agent: "n", instance: "i2", beside: [], lately: ["a", "c"] });
  expect(told.toSorted()).toEqual(["a", "b", "c"]);
});
