/** The sweeper while the index answers questions and takes no writes: its rows are stale, and nothing is woken for that again and again. */

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Result } from "../../../../src/domain/values/fault.ts";
import { accept } from "../../../../src/domain/values/fault.ts";
import type { WakeResult } from "../../../../src/operations/ports.ts";
import { rememberingIndex } from "../../../../src/operations/sweep/sweep-memory.ts";
import { Sweeper } from "../../../../src/operations/sweep/sweeper.ts";
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
const DAY = 24 * 60;

let registry: RegistryDatabase;
beforeEach(() => {
  registry = new RegistryDatabase();
});
afterEach(() => registry.sqlite.close());

const idOf = (place: number) => `exec_${String(place).padStart(5, "0")}`;
const refuseWrites = (refuses: boolean) => registry.sqlite.exec(`PRAGMA query_only = ${refuses ? "ON" : "OFF"}`);

async function indexed(places: number, owedAtMs: number | undefined, fields: StateFields = {}) {
  const { state } = running();
  if (!state) throw new Error("it runs");
  const rows = Array.from({ length: places }, (_, place) =>
    executionRow(stateWith(state, { ...fields, origin: { ...state.origin, id: idOf(place) } }), owedAtMs),
  );
  await project(registry.d1, rows);
}

function sweeper(poke: (id: string) => Result<WakeResult> = () => accept({ owedWakeAtMs: null })) {
  const asked = new Map<string, number>();
  const note = (name: string) => void asked.set(name, (asked.get(name) ?? 0) + 1);
  const index = {
    overdue: (which: Parameters<typeof overdueExecutions>[1], limit: number) =>
      overdueExecutions(registry.d1, which, limit),
    awaitingDeployment: (which: Parameters<typeof awaitingDeployment>[1], limit: number) =>
      awaitingDeployment(registry.d1, which, limit),
    noteWakes: (moves: Parameters<typeof noteWakes>[1]) => noteWakes(registry.d1, moves),
    note: (name: string) => sweepNote(registry.d1, name),
    keepNote: (name: string, kept: unknown) => keepSweepNote(registry.d1, name, kept),
  };
  const made = new Sweeper({
    index: rememberingIndex(index, () => {}),
    client: {
      wake: async (_caller, id) => {
        note(id);
        return poke(id);
      },
      dispatch: async (_caller, id, { type }) => {
        note(`${id} ${type}`);
        return accept({} as never);
      },
    },
    deployment: "d2",
    log: () => {},
    timeout: () => new Promise(() => {}),
  });
  return { made, asked };
}

describe("while the index refuses writes for a day", () => {
  test("executions that ended, and whose rows say still that they run, are woken once and not each minute", async () => {
    await indexed(250, NOW - 2 * MINUTE);
    refuseWrites(true);
    const { made, asked } = sweeper();
    for (let minute = 0; minute < DAY; minute += 1) await made.wakeOverdue(NOW + minute * MINUTE);
    expect([asked.size, Math.max(...asked.values())]).toEqual([250, 1]);
    refuseWrites(false);
    await made.wakeOverdue(NOW + DAY * MINUTE);
    expect(Math.max(...asked.values())).toBe(1);
    const rows = registry.sqlite.prepare("SELECT count(*) AS n FROM executions WHERE next_wake_at_ms IS NOT NULL");
    expect(rows.get()?.n).toBe(0);
  });

  test("an alarm that is lost in the meantime is found behind them, and again when it is lost again", async () => {
    await indexed(250, NOW - 2 * MINUTE);
    const sleeps = idOf(249);
    await project(registry.d1, [rowOf(sleeps, NOW + 30 * MINUTE)]);
    refuseWrites(true);
    const owes = { now: NOW + 600 * MINUTE };
    const { made, asked } = sweeper((id) => accept({ owedWakeAtMs: id === sleeps ? owes.now : null }));
    for (let minute = 0; minute < DAY; minute += 1) {
      await made.wakeOverdue(NOW + minute * MINUTE);
      if (minute === 700) owes.now = NOW + 2 * DAY * MINUTE;
    }
    // Once when it owed the wake of the row, then each minute from 601 on until it said that it had caught up.
    const [others, own] = [Math.max(...[...asked].flatMap(([id, n]) => (id === sleeps ? [] : [n]))), asked.get(sleeps)];
    expect(others).toBe(1);
    expect(own).toBeGreaterThan(1);
    expect(own).toBeLessThan(105);
  });

  test("a program that changed is tried once by a deployment, and not each minute", async () => {
    await indexed(150, undefined, { status: "blocked", reason: "program_changed: it asks for more", updatedAtMs: 1 });
    refuseWrites(true);
    const { made, asked } = sweeper();
    for (let minute = 0; minute < DAY; minute += 1) await made.retryPrograms(NOW + minute * MINUTE);
    expect([asked.size, Math.max(...asked.values())]).toEqual([150, 1]);
  });
});

function rowOf(id: string, owedAtMs: number) {
  const { state } = running();
  if (!state) throw new Error("it runs");
  return executionRow({ ...state, seq: state.seq + 1, origin: { ...state.origin, id } }, owedAtMs);
}
