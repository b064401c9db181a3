/** What operators set of queues: which changes are taken, and that each is one part of the rule. */
import { expect, test } from "vitest";
import { systemPrincipal } from "../../../../src/domain/execution/principal.ts";
import type { QueueChange } from "../../../../src/domain/intake/queue-change.ts";
import { changedRule } from "../../../../src/domain/intake/queue-change.ts";
import type { QueueRule } from "../../../../src/domain/intake/slot-book.ts";
import type { Refusal } from "../../../../src/domain/values/fault.ts";
import { refuse } from "../../../../src/domain/values/fault.ts";
import { Queues } from "../../../../src/operations/operator/queues.ts";

const caller = systemPrincipal("acme");

function town(rules: Record<string, QueueRule> = {}, missing?: Refusal) {
  const set = new Map(Object.entries(rules));
  const changes: QueueChange[] = [];
  const report = (queue: string) => {
    const { limit, paused = false } = set.get(queue) ?? {};
    return { waiting: 0, running: 0, limit, paused };
  };
  const queues = new Queues({
    missing,
    catalog: { agents: new Map() } as never,
    remote: { offers: async (_caller, id, fn) => id === "node" && fn !== "none" },
    limiters: {
      configure: async ({ queue }, change) => {
        changes.push(change);
        const rule = changedRule(set.get(queue), change);
        if (rule) set.set(queue, rule);
        else set.delete(queue);
        return report(queue);
      },
      report: async ({ queue }) => report(queue),
    },
    index: { rules: async () => new Map(set), names: async () => [] },
    forget: () => {},
  });
  return { queues, set, changes };
}

test("a pause and a limit that are set at once both count", async () => {
  const { queues, set } = town();
  await Promise.all([queues.pause(caller, "*"), queues.setLimit(caller, "*", 5)]);
  expect(set.get("*")).toEqual({ limit: 5, paused: true });
  await Promise.all([queues.setLimit(caller, "*", null), queues.resume(caller, "*")]);
  expect(set.has("*")).toBe(false);
});

test("what was set of an agent that has gone is taken back, and nothing new is set", async () => {
  const { queues, changes } = town({ "gone/f": { limit: 2 }, "gone/g": { limit: 2, paused: true } });
  expect((await queues.pause(caller, "gone/f")).ok).toBe(false);
  expect((await queues.setLimit(caller, "gone/f", 3)).ok).toBe(false);
  expect((await queues.setLimit(caller, "gone/other", null)).ok).toBe(false);
  expect((await queues.setLimit(caller, "gone/g", null)).ok).toBe(false);
  expect(changes).toEqual([]);
  expect((await queues.setLimit(caller, "gone/f", null)).ok).toBe(true);
});

test("an agent that runs elsewhere has queues too, of functions that it offers", async () => {
  const { queues, set } = town();
  expect(await queues.setLimit(caller, "node", 2)).toMatchObject({ ok: true, value: { limit: 2 } });
  expect((await queues.pause(caller, "node/sort")).ok).toBe(true);
  expect((await queues.pause(caller, "node/none")).ok).toBe(false);
  expect([...set.keys()]).toEqual(["node", "node/sort"]);
});

test("where no limits are held, nothing is set", async () => {
  const { queues, changes } = town({}, refuse("misconfigured", "the wrangler file has no binding LIMITERS"));
  expect(await queues.pause(caller, "*")).toMatchObject({ ok: false, code: "misconfigured" });
  expect(changes).toEqual([]);
});
