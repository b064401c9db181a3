/** The latest run of an agent, out of an index in memory. */
import { expect, test } from "vitest";
import type { Principal } from "../../../../src/domain/execution/principal.ts";
import type { ExecutionFilter, ListPage } from "../../../../src/domain/read-models/summary.ts";
import type { ExecutionView } from "../../../../src/domain/read-models/view.ts";
import { accept, refuse } from "../../../../src/domain/values/fault.ts";
import { AgentRuns } from "../../../../src/operations/manifests/agent-runs.ts";
import { pagedRegistry, rowOf } from "../../../support/paged-registry.ts";

const olga: Principal = { tenant: "t", subject: "olga", scopes: ["read"] };

type Kind = "logged" | "old" | "unlogged" | "gone";

/**
 * Runs from the newest to the oldest: `logged`, as the index knows, or so since an `old` version that did not write it down, or asked to
 * keep no log, or `gone` since the index was read.
 */
function latestOf(runs: readonly Kind[]) {
  const rows = runs.map((kind, n) => rowOf(`${kind} ${n}`, 10_000 - n));
  const [all, known] = [pagedRegistry(rows), pagedRegistry(rows.filter(({ id }) => /^(logged|gone)/.test(id)))];
  const asked: ExecutionFilter[] = [];
  const list = (filter: ExecutionFilter, page: ListPage) => {
    asked.push(filter);
    return (filter.attributes ? known : all).list(filter, page);
  };
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
    registry: { list },
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
  expect(asked[0]).toMatchObject({ attributes: [{ name: "$log", equals: "a" }], owner: "olga" });
  expect(asked[0]?.statuses).toEqual(expect.arrayContaining(["succeeded", "failed", "cancelled", "timeout"]));
  expect(asked[0]?.statuses).not.toContain("running");
});

test.each([1, 10, 11, 49, 50, 51, 120, 399])("it is found behind %i that keep none, or are gone", async (count) => {
  expect(await latestOf([...many(count), "logged", "logged"]).latest()).toBe(`logged ${count}`);
  expect(await latestOf([...many(count, "gone"), "logged"]).latest()).toBe(`logged ${count}`);
});

test("it is one read behind any number that keep none", async () => {
  const { latest, views } = latestOf([...many(3_000), "logged"]);
  expect([await latest(), views()]).toEqual(["logged 3000", 1]);
});

test("one of an earlier version is found where no later one is, but not behind 400, and where there is none that is said", async () => {
  expect(await latestOf([...many(399), "old"]).latest()).toBe("old 399");
  expect(await latestOf(["old", ...many(3), "logged"]).latest()).toBe("logged 4");
  const far = latestOf([...many(450), "old"]);
  expect([await far.latest(), far.views()]).toEqual([
    'none of the newest 400 runs of "a" has ended and keeps a log',
    400,
  ]);
  expect(await latestOf(many(3)).latest()).toBe('no run of "a" has ended and keeps a log');
});
