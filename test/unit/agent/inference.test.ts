/** What the compiler knows of an agent: params have the type of their input. */
import { expect, it } from "vitest";
import * as z from "zod";
import { createPollingAgent } from "../../../src/agent/index.ts";

it("knows the params of each action by its input", () => {
  const agent = createPollingAgent({
    url: "http://localhost:8787",
    id: "larry",
    actions: {
      greet: { input: z.object({ name: z.string() }), run: async ({ name }) => ({ said: name.trim() }) },
      count: {
        input: z.object({ to: z.coerce.number() }),
        idempotent: true,
        run: async ({ to }, ctx) => ({ next: to.toFixed(), key: ctx.idempotencyKey }),
        // @ts-expect-error: there is no such param
        checkOutcome: async ({ from }) => ({ happened: true, output: { from } }),
      },
    },
  });
  expect(agent.working).toEqual([]);
});
