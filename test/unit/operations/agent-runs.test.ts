/** The latest run of an agent, out of an index in memory. */
import { expect, test } from "vitest";
import type { Principal } from "../../../src/domain/execution/principal.ts";
import type { ExecutionFilter, ListPage } from "../../../src/domain/read-models/summary.ts";
import type { ExecutionView } from "../../../src/domain/read-models/view.ts";
import { accept, refuse } from "../../../src/domain/values/fault.ts";
import { AgentRuns } from "../../../src/operations/agent-runs.ts";
import { pagedRegistry, rowOf } from "../../support/paged-registry.ts";

const olga: Principal = { tenant: "t", subject: "olga", scopes: ["read"] };

/** Runs from the newest to the oldest: `logged`, or asked to keep no log, or `gone` since the index was read. */
function latestOf(runs: readonly ("logged" | "unlogged" | "gone")[]) {
  const { list, asked } = pagedRegistry(runs.map((kind, n) => rowOf(`${kind} ${n}`, 10_000 - n)));
  let views = 0;
  const agentRuns = new AgentRuns({
    client: {
      view: async (_caller, id) => {
        views += 1;
        if (id.startsWith("gone")) return refuse("not_found", "removed");
        return accept({ state: { origin: { id, agent: "a", builtIn: "manifest" } } } as unknown as ExecutionView);
      },
      events: async (_caller, id) => {
        const input = id.startsWith("unlogged") ? { save_log: false } : {};
        return accept({ events: [{ type: "execution.created", data: { input } }] } as never);
      },
    },
    registry: { list: (filter: ExecutionFilter, page: ListPage) => list(filter, page) },
    executions: { settled: async () => refuse("not_found", "not asked") },
    fn: "run",
  });
  const latest = async () => {
    const found = await agentRuns.latest(olga, "a");
    return found.ok ? found.value.view.state.origin.id : found.detail;
  };
  return { latest, asked, views: () => views };
}
const many = (count: number, kind: "unlogged" | "gone" = "unlogged") => Array.from({ length: count }, () => kind);

test("the newest that has ended and keeps a log is mostly one read", async () => {
  const { latest, asked, views } = latestOf(["logged", ...many(60), "logged"]);
  expect([await latest(), views()]).toEqual(["logged 0", 1]);
  expect(asked[0]).toMatchObject({ agent: "a", fn: "run", owner: "olga" });
  expect(asked[0]?.statuses).toEqual(expect.arrayContaining(["succeeded", "failed", "cancelled", "timeout"]));
  expect(asked[0]?.statuses).not.toContain("running");
});

test.each([1, 10, 11, 49, 50, 51, 120, 399])("it is found behind %i that keep none, or are gone", async (count) => {
  expect(await latestOf([...many(count), "logged", "logged"]).latest()).toBe(`logged ${count}`);
  expect(await latestOf([...many(count, "gone"), "logged"]).latest()).toBe(`logged ${count}`);
});

test("behind 400 of them it is not looked for, and where there is none that is said", async () => {
  const far = latestOf([...many(450), "logged"]);
  expect([await far.latest(), far.views()]).toEqual([
    'none of the newest 400 runs of "a" has ended and keeps a log',
    400,
  ]);
  expect(await latestOf(many(3)).latest()).toBe('no run of "a" has ended and keeps a log');
});
