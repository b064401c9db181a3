/** What an operator asks first: from when on something is late, stands still or is behind. */
import { expect, test } from "vitest";
import { systemPrincipal } from "../../../../src/domain/execution/principal.ts";
import type { Backlog, SweepReport } from "../../../../src/domain/read-models/overview.ts";
import { Overview } from "../../../../src/operations/operator/overview.ts";

const NOW = 100_000_000;
const NONE = { count: 0, items: [], more: false };

async function looked({ sweptAtMs, sinceMs }: { readonly sweptAtMs?: number; readonly sinceMs?: number }) {
  const asked: Record<string, number> = {};
  const overview = new Overview({
    index: {
      deadLetters: async () => NONE,
      failingWebhooks: async () => NONE,
      overdue: async (_tenant, before) => {
        asked.overdueBefore = before;
        return NONE;
      },
      still: async (_tenant, { before, now }) => {
        Object.assign(asked, { stillBefore: before, stillNow: now });
        return NONE;
      },
    },
    health: async () => ({}) as never,
    backlog: async () => ({ waiting: 0, held: 0, ...(sinceMs === undefined ? {} : { sinceMs }) }) as unknown as Backlog,
    lastSweep: async () => (sweptAtMs === undefined ? undefined : ({ atMs: sweptAtMs } as SweepReport)),
    now: () => NOW,
  });
  const { isLate, lagMs } = await overview.look(systemPrincipal("acme"));
  return { isLate, lagMs, asked };
}

test("the sweeper is late five minutes after its last sweep, and before its first one", async () => {
  expect((await looked({})).isLate).toBe(true);
  expect((await looked({ sweptAtMs: NOW - 300_000 })).isLate).toBe(false);
  expect((await looked({ sweptAtMs: NOW - 300_001 })).isLate).toBe(true);
});

test("the index is as far behind as its oldest row waits, and never less than nothing", async () => {
  expect((await looked({})).lagMs).toBe(0);
  expect((await looked({ sinceMs: NOW - 7_000 })).lagMs).toBe(7_000);
  expect((await looked({ sinceMs: NOW + 7_000 })).lagMs).toBe(0);
});

test("an execution stands still after an hour", async () => {
  expect((await looked({})).asked).toMatchObject({ stillBefore: NOW - 3_600_000, stillNow: NOW });
});
