/** Timers that stay on the disk: what is asked of them is what a look at all of them would say. */

import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EXECUTION_SCHEMA } from "../../../../src/actors/executions/migrations.ts";
import { TimerTable } from "../../../../src/actors/executions/timer-table.ts";
import { timerActs } from "../../../../src/domain/execution/hold.ts";
import type { ExecutionState } from "../../../../src/domain/execution/state.ts";
import { outlivesEnd } from "../../../../src/domain/execution/timer.ts";
import { Beside } from "../../../../src/engine/journal/beside.ts";
import { TimerRows } from "../../../../src/engine/journal/timer-rows.ts";
import type { Commit } from "../../../../src/engine/ports.ts";
import { DEFAULT_TIMING } from "../../../../src/engine/ports.ts";
import { parseEncryptionKeys } from "../../../../src/vault/encryption-keys.ts";
import { Vault } from "../../../../src/vault/vault.ts";
import { running } from "../../../support/log.ts";
import { ObjectStorage } from "../../../support/object-storage.ts";
import { stateWith } from "../../../support/state-with.ts";

const key = (id: string) => `${id}:${randomBytes(32).toString("base64")}`;
const [OLD, NEW] = [key("old"), key("new")];

/** A table in SQLite; `opened` anew it knows nothing but the disk. */
class Disk {
  readonly objects = new ObjectStorage();
  queries = 0;

  constructor() {
    this.objects.sqlite.exec(EXECUTION_SCHEMA.aside.timers);
  }

  opened(secrets?: string): TimerTable {
    const parsed = secrets === undefined ? undefined : parseEncryptionKeys(secrets);
    if (parsed && !parsed.ok) throw new Error(parsed.problem);
    const vault = new Vault(parsed ? parsed.keys : { sealing: undefined, opening: new Map() });
    const { sql } = this.objects.storage;
    const counted = {
      exec: (query: string, ...values: never[]) => {
        this.queries += 1;
        return sql.exec(query, ...values);
      },
    };
    return new TimerTable(counted as unknown as SqlStorage, vault.sealerOf("object"), () => true);
  }

  write(table: TimerTable, { puts, removals }: TimerRows["changes"]): void {
    const { statements, apply } = table.changes({ setTimers: puts, clearTimers: removals } as unknown as Commit);
    for (const [query, ...values] of statements) this.objects.storage.sql.exec(query, ...values);
    apply();
  }
}

const names = ["sleep:a", "sleep:b", "retry:a", "signal:s", "gate:g1", "gate:g2", "deadline:", "files:"];
const acts = fc.array(
  fc.record({
    what: fc.constantFrom("set", "set", "set", "clear", "come due", "commit", "commit", "reopen", "end"),
    name: fc.constantFrom(...names),
    atMs: fc.nat(50),
    fires: fc.boolean(),
    status: fc.constantFrom("running" as const, "paused" as const, "waiting" as const),
    requested: fc.boolean(),
  }),
  { maxLength: 60 },
);

describe("timers on the disk", () => {
  it.each([
    ["in plain text", () => undefined, 0],
    ["sealed, under a key that changes", (turn: number) => (turn % 2 === 0 ? `${OLD},${NEW}` : `${NEW},${OLD}`), 0],
    // They become few at an end, and many again.
    ["more and fewer of them than are kept in memory", () => undefined, 60],
  ])("answer as a look at all of them would: %s", (_how, secretsOf, others) => {
    const base = running().state as ExecutionState;
    fc.assert(
      fc.property(acts, (told) => {
        const disk = new Disk();
        let opened = 0;
        let table = disk.opened(secretsOf(opened));
        let rows = new TimerRows(table);
        const timers = new Map<string, number>();
        let durable = new Map<string, number>();
        const fired = new Set<string>();
        for (const { what, name, atMs, fires, status, requested } of told) {
          if (what === "set" && name === "gate:g1")
            for (let at = 0; at < others; at += 1) {
              rows.put(`gate:o${at}`, 30 + at);
              timers.set(`gate:o${at}`, 30 + at);
              fired.delete(`gate:o${at}`);
            }
          if (what === "set") {
            rows.put(name, atMs);
            timers.set(name, atMs);
            fired.delete(name);
          }
          if (what === "clear") {
            rows.remove(name);
            timers.delete(name);
            fired.delete(name);
          }
          if (what === "come due") {
            const due = [...timers].filter(([, at]) => at <= atMs).sort((a, b) => a[1] - b[1]);
            expect([...rows.due(atMs)].sort()).toEqual(due.map(([one]) => one).sort());
            for (const [one] of fires ? due : []) {
              rows.markFired(one);
              fired.add(one);
            }
          }
          if (what === "commit") {
            disk.write(table, rows.changes);
            rows.flush();
            durable = new Map(timers);
          }
          if (what === "reopen") {
            opened += 1;
            table = disk.opened(secretsOf(opened));
            rows = new TimerRows(table);
            timers.clear();
            for (const [one, at] of durable) timers.set(one, at);
            fired.clear();
          }
          if (what === "end") {
            rows.removeEnding();
            for (const one of timers.keys()) if (!outlivesEnd(one)) timers.delete(one);
            for (const one of fired) if (!outlivesEnd(one)) fired.delete(one);
          }
          const gates = { ...base.gates, ...(requested ? { requested: "x" } : {}) };
          const state = stateWith(base, { status, gates });
          for (const about of [state, undefined]) {
            const acting = [...timers].filter(([one]) => about === undefined || timerActs(about, one));
            const waited = acting.filter(([one]) => !fired.has(one)).map(([, at]) => at);
            expect(rows.earliest(about)).toBe(Math.min(Number.POSITIVE_INFINITY, ...waited));
            expect(rows.hasFired(about)).toBe(acting.some(([one]) => fired.has(one)));
          }
          expect(rows.all()).toEqual(timers);
        }
      }),
      { numRuns: others > 0 ? 100 : 300 },
    );
  });

  const many = (count: number, disk = new Disk()) => {
    const table = disk.opened(OLD);
    const puts = new Map(Array.from({ length: count }, (_, at) => [`gate:g${at}`, 1_000 + at] as const));
    disk.write(table, { puts, removals: [] });
    return disk;
  };

  it("cost a flush nothing: beside 5,000 of them none is read while none changes", () => {
    const disk = many(5_000);
    const beside = new Beside(
      { state: undefined, outbox: new Map(), alarmAtMs: 1, timers: disk.opened(OLD) },
      DEFAULT_TIMING,
    );
    const state = running().state as ExecutionState;
    beside.alarmChange(state, 0);
    const { queries } = disk;
    for (let times = 0; times < 1_000; times += 1) beside.alarmChange(state, 0);
    expect(disk.queries).toBe(queries);
  });

  it("are cleared one by one with as many queries, however many there are", () => {
    const cost = (count: number) => {
      const disk = many(count);
      const table = disk.opened(OLD);
      const rows = new TimerRows(table);
      disk.queries = 0;
      for (let at = 0; at < 20; at += 1) {
        rows.remove(`gate:g${at}`);
        rows.earliest(undefined);
        disk.write(table, rows.changes);
        rows.flush();
      }
      return disk.queries;
    };
    expect(cost(4_000)).toBe(cost(1_000));
  });

  it("are one query in all where they are few, whatever is asked of them and written", () => {
    const disk = many(3);
    const table = disk.opened(OLD);
    const kept = new TimerRows(table);
    disk.queries = 0;
    for (let at = 0; at < 20; at += 1) {
      kept.put("retry:a", at);
      kept.remove(`gate:g${at}`);
      kept.due(at);
      kept.earliest(undefined);
      disk.write(table, kept.changes);
      kept.flush();
    }
    expect(disk.queries).toBe(1);
    expect([...kept.all()]).toEqual([["retry:a", 19]]);
    expect([...disk.opened(OLD).until(20)]).toEqual([{ name: "retry:a", atMs: 19 }]);
  });

  it("get an index over their instants when they are many, and are found by it", () => {
    const indexes = (disk: Disk) =>
      disk.objects.sqlite.prepare("SELECT name FROM sqlite_master WHERE name = 'timers_due'").all().length;
    expect([indexes(many(64)), indexes(many(65))]).toEqual([0, 1]);
    const plan = (where: string) =>
      JSON.stringify(
        many(65).objects.sqlite.prepare(`EXPLAIN QUERY PLAN SELECT name, at_ms FROM timers ${where}`).all(),
      );
    for (const where of [
      "WHERE class = 1 AND at_ms > 5 ORDER BY at_ms LIMIT 1",
      "WHERE class IN (0, 1, 2) AND at_ms <= 9",
    ]) {
      expect(plan(where)).toContain("USING INDEX timers_due");
      expect(plan(where)).not.toContain("TEMP B-TREE");
    }
  });

  it("tell readers of an approval's expiry and of a sleep, and not when files go", () => {
    const { state } = running();
    if (!state) throw new Error("it runs");
    const rows = new TimerRows(new Disk().opened());
    rows.put("files:", 5);
    expect(rows.awaited(state)).toBe(Number.POSITIVE_INFINITY);
    rows.put("gate:g1", 30);
    rows.put("sleep:a", 40);
    expect([rows.awaited(state), rows.earliest(state)]).toEqual([30, 5]);
    // An operator holds it: its instants are kept, and none of them acts.
    expect(rows.awaited(stateWith(state, { status: "paused" }))).toBe(Number.POSITIVE_INFINITY);
  });

  it("say nothing of what a program calls them", () => {
    const disk = new Disk();
    disk.write(disk.opened(OLD), { puts: new Map([["sleep:claim of Ann", 9]]), removals: [] });
    const [row] = disk.objects.sqlite.prepare("SELECT id, name FROM timers").all();
    expect(`${row?.id} ${new TextDecoder().decode(row?.name as unknown as Uint8Array)}`).not.toContain("Ann");
  });
});
