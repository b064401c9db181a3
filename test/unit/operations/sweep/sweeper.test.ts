/** The sweeper against the real index and many executions, of which a few are in trouble. */

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Principal } from "../../../../src/domain/execution/principal.ts";
import type { Result } from "../../../../src/domain/values/fault.ts";
import { accept, refuse } from "../../../../src/domain/values/fault.ts";
import type { WakeResult } from "../../../../src/operations/ports.ts";
import { runJobs, Sweeper } from "../../../../src/operations/sweep/sweeper.ts";
import { executionRow, project } from "../../../../src/registry/projection/projection.ts";
import {
  awaitingDeployment,
  keepSweepNote,
  noteWakes,
  overdueExecutions,
  sweepNote,
} from "../../../../src/registry/projection/sweep.ts";
import { running } from "../../../support/log.ts";
import { RegistryDatabase } from "../../../support/registry-database.ts";
import type { StateFields } from "../../../support/state-with.ts";
import { stateWith } from "../../../support/state-with.ts";

const NOW = 10_000_000;
const MINUTE = 60_000;
let registry: RegistryDatabase;
beforeEach(() => {
  registry = new RegistryDatabase();
});
afterEach(() => registry.sqlite.close());

const idOf = (place: number) => `exec_${String(place).padStart(5, "0")}`;
type Row = readonly [id: string, owed: number | undefined, fields?: StateFields];

async function indexed(rows: readonly Row[]): Promise<void> {
  const { state } = running();
  if (!state) throw new Error("it runs");
  const states = rows.map(([id, owed, fields]) =>
    executionRow(stateWith(state, { ...fields, origin: { ...state.origin, id } }), owed),
  );
  await project(registry.d1, states);
}

interface Says {
  readonly poke?: (id: string) => Promise<Result<WakeResult>> | Result<WakeResult>;
  readonly retry?: (id: string) => Result<never>;
  readonly deployment?: string;
}

/** A sweeper, and whom it asked. */
function sweeper({ poke = () => accept({ owedWakeAtMs: null }), retry, deployment = "d2" }: Says = {}) {
  const asked: string[] = [];
  const logged: string[] = [];
  const made = new Sweeper({
    index: {
      overdue: (which, limit) => overdueExecutions(registry.d1, which, limit),
      awaitingDeployment: (which, limit) => awaitingDeployment(registry.d1, which, limit),
      noteWakes: (moves) => noteWakes(registry.d1, moves),
      note: (name) => sweepNote(registry.d1, name),
      keepNote: (name, note) => keepSweepNote(registry.d1, name, note),
    },
    client: {
      wake: async (_caller: Principal, id) => {
        asked.push(id);
        return poke(id);
      },
      dispatch: async (_caller, id, command) => {
        asked.push(`${id} ${command.type}`);
        return retry?.(id) ?? accept({} as never);
      },
    },
    deployment,
    log: ({ execution_id }) => logged.push(String(execution_id)),
    timeout: () => new Promise((_, reject) => setTimeout(() => reject(new Error("late")), 5)),
  });
  return { made, asked, logged };
}

describe("lost alarms", () => {
  const waiting = (place: number): Row => [
    idOf(place),
    undefined,
    { status: "waiting", reason: "waiting_for_approval" },
  ];
  const thousand = Array.from({ length: 1_000 }, (_, place) => waiting(place));

  test.each([0, 244, 999])(
    "of 1,001 executions that wait, only the one at place %i that lost its alarm is poked",
    async (at) => {
      const rows = thousand.map(
        (row, place): Row => (place === at ? [idOf(place), NOW - 2 * MINUTE, { suspended: "sleeping" }] : row),
      );
      await indexed([...rows, [idOf(1_000), NOW + 30 * MINUTE, { suspended: "sleeping" }]]);
      const { made, asked } = sweeper();
      await made.wakeOverdue(NOW);
      expect(asked).toEqual([idOf(at)]);
      await made.wakeOverdue(NOW + MINUTE);
      expect(asked).toEqual([idOf(at)]);
    },
  );

  test("rows that fail, refuse or never answer stop nothing, and are named", async () => {
    await indexed(Array.from({ length: 350 }, (_, place) => [idOf(place), 1_000 + place]));
    const bad = [idOf(0), idOf(101), idOf(349)];
    const poke = (id: string): Promise<Result<WakeResult>> | Result<WakeResult> => {
      if (id === bad[0]) throw new Error("broken");
      if (id === bad[1]) return refuse("not_found", "there is no such execution");
      return id === bad[2] ? new Promise(() => {}) : accept({ owedWakeAtMs: null });
    };
    const { made, asked, logged } = sweeper({ poke });
    await made.wakeOverdue(NOW);
    expect([asked.length, new Set(asked).size]).toEqual([350, 350]);
    expect(logged.toSorted()).toEqual(bad);
    await made.wakeOverdue(NOW + MINUTE);
    expect(asked.slice(350).toSorted()).toEqual(bad);
  });

  test("more than one sweep takes are all reached, though the first ones stay bad", async () => {
    await indexed(Array.from({ length: 1_600 }, (_, place) => [idOf(place), 1_000 + place]));
    const { made, asked } = sweeper({ poke: () => refuse("unavailable", "it does not answer") });
    for (let sweep = 0; sweep < 3; sweep += 1) await made.wakeOverdue(NOW + sweep * MINUTE);
    expect(new Set(asked).size).toBe(1_600);
  });

  test("what an execution says it owes is noted, unless its own row is newer", async () => {
    await indexed([
      [idOf(1), 1_000],
      [idOf(2), 1_000],
    ]);
    const later = { owedWakeAtMs: NOW + MINUTE };
    const poke = async (id: string) => {
      if (id === idOf(2)) await indexed([[id, 5_000, { seq: 99 }]]);
      return accept(later);
    };
    await sweeper({ poke }).made.wakeOverdue(NOW);
    const rows = registry.sqlite.prepare("SELECT next_wake_at_ms AS at FROM executions ORDER BY id").all();
    expect(rows.map(({ at }) => at)).toEqual([NOW + MINUTE, 5_000]);
  });

  test("a row of the same seq that speaks of another wake is taken, an older one is not", async () => {
    const at = () => registry.sqlite.prepare("SELECT next_wake_at_ms AS at FROM executions").get()?.at;
    await indexed([[idOf(1), undefined, { seq: 9 }]]);
    await indexed([[idOf(1), 5_000, { seq: 9 }]]);
    expect(at()).toBe(5_000);
    await indexed([[idOf(1), 7_000, { seq: 8 }]]);
    expect(at()).toBe(5_000);
  });
});

describe("programs that changed", () => {
  const blocked = (place: number, fields: StateFields = {}): Row => [
    idOf(place),
    undefined,
    { status: "blocked", reason: "program_changed: it asks for more", updatedAtMs: 1_000, ...fields },
  ];

  test("are tried so many a minute, each once, and not woken as if they overslept", async () => {
    await indexed([...Array.from({ length: 250 }, (_, place) => blocked(place)), blocked(900, { reason: "a_task" })]);
    const { made, asked } = sweeper();
    await made.wakeOverdue(NOW);
    expect(asked).toEqual([]);
    const counts: number[] = [];
    for (let sweep = 0; sweep < 5; sweep += 1) {
      await made.retryPrograms(NOW + sweep * MINUTE);
      counts.push(asked.length);
    }
    expect(counts).toEqual([100, 200, 250, 250, 250]);
    expect(new Set(asked).size).toBe(250);
    expect(asked[0]).toBe(`${idOf(0)} retry_program`);
  });

  test("are tried anew by the next deployment, and by the same one only where it could not ask", async () => {
    await indexed([blocked(1), blocked(2)]);
    const late = (id: string) => (id === idOf(2) ? refuse("unavailable", "older code answers still") : undefined);
    const first = sweeper({ retry: late as never });
    await first.made.retryPrograms(NOW);
    await first.made.retryPrograms(NOW + 11 * MINUTE);
    await first.made.retryPrograms(NOW + 22 * MINUTE);
    expect(first.asked.filter((id) => id.startsWith(idOf(2)))).toHaveLength(3);
    const second = sweeper({ deployment: "d3" });
    await second.made.retryPrograms(NOW + 23 * MINUTE);
    expect(second.asked).toHaveLength(2);
    await second.made.retryPrograms(NOW + 40 * MINUTE);
    await second.made.retryPrograms(NOW + 60 * MINUTE);
    expect(second.asked).toHaveLength(2);
  });

  test("that were blocked after the walk had passed them are found by a later one", async () => {
    await indexed([blocked(5)]);
    const { made, asked } = sweeper();
    await made.retryPrograms(NOW);
    await indexed([blocked(1, { updatedAtMs: NOW + 1 })]);
    await made.retryPrograms(NOW + MINUTE);
    expect(asked).toHaveLength(1);
    await made.retryPrograms(NOW + 11 * MINUTE);
    expect(asked).toEqual([`${idOf(5)} retry_program`, `${idOf(1)} retry_program`]);
  });
});

test("each job runs by itself: those that fail are named, the others are done", async () => {
  const done: string[] = [];
  const logged: unknown[] = [];
  const fail = async () => {
    throw new Error("no");
  };
  const failAtOnce = () => {
    throw new Error("not even a promise");
  };
  await runJobs({ fail, failAtOnce, works: async () => done.push("works") }, ({ job }) => logged.push(job));
  expect([done, logged.toSorted()]).toEqual([["works"], ["fail", "failAtOnce"]]);
});
