/** The rows of one schedule: its marks, what it is asked, what is frozen while a start is made, and its history. */
import { SCHEDULE_LIMITS } from "../../domain/schedule/limits.ts";
import { ScheduleSpec } from "../../domain/schedule/spec.ts";
import type { Change, NumberedFiring, Schedule } from "../../domain/schedule/state.ts";
import { Firing, Frozen, ScheduleState } from "../../domain/schedule/state.ts";
import type { Sealer } from "../../vault/vault.ts";
import type { Schema } from "../storage/journal-store.ts";
import { JournalStore } from "../storage/journal-store.ts";
import type { Column, Statement } from "../storage/stored-rows.ts";

const SCHEMA: Schema<"history"> = {
  first: "parts",
  migrations: [
    // The marks, the specification and what is frozen, each sealed: what did not change is not written again.
    "CREATE TABLE IF NOT EXISTS parts (name TEXT PRIMARY KEY, schema INTEGER NOT NULL, content TEXT NOT NULL) WITHOUT ROWID",
  ],
  aside: { history: "CREATE TABLE history (n INTEGER PRIMARY KEY, content TEXT NOT NULL)" },
};
const PUT = "INSERT OR REPLACE INTO parts (name, schema, content) VALUES (?, ?, ?)";
const ROW = "INSERT INTO history (n, content) VALUES (?, ?)";
type PartRow = { name: string; schema: number; content: Column };
type HistoryRow = { n: number; content: Column };
const partPlace = ({ name }: { readonly name: string }) => `schedule ${name}`;
const rowPlace = ({ n }: { readonly n: number }) => `history ${n}`;

/** What the worker needs of the storage. */
export interface ScheduleStore {
  read(): Schedule | undefined;
  /** Returns the schedule as it is stored: with the number of its newest row. One transaction, with the alarm. */
  commit(change: Change, alarmAtMs: number | undefined): Schedule;
  /** Sets the alarm, and writes nothing else. */
  arm(alarmAtMs: number): void;
  /** Newest first, older than `before`. */
  history(page: { readonly before: number; readonly limit: number }): NumberedFiring[];
}

export class ScheduleRows implements ScheduleStore {
  readonly #store: JournalStore<"history">;
  readonly #sealer: Sealer;
  #stored: Schedule | undefined;

  constructor(storage: DurableObjectStorage, sealer: Sealer) {
    this.#store = new JournalStore(storage, sealer, SCHEMA);
    this.#sealer = sealer;
    if (this.#store.isMade) this.#stored = this.#look();
  }

  read(): Schedule | undefined {
    return this.#stored;
  }

  #look(): Schedule | undefined {
    const parts = new Map<string, unknown>();
    for (const { row, text } of this.#store.opened<PartRow>("SELECT name, schema, content FROM parts", partPlace)) {
      this.#store.version = Math.max(this.#store.version, row.schema);
      parts.set(row.name, JSON.parse(text));
    }
    if (!parts.has("marks")) return undefined;
    const marks = ScheduleState.parse(parts.get("marks"));
    const frozen = marks.starting ? { frozen: Frozen.parse(parts.get("frozen")) } : {};
    return { ...marks, spec: ScheduleSpec.parse(parts.get("spec")), ...frozen };
  }

  commit({ schedule, firings }: Change, alarmAtMs: number | undefined): Schedule {
    const before = this.#stored;
    const { newestVersion } = this.#store;
    const { spec, frozen, ...marks } = { ...schedule, rows: schedule.rows + firings.length };
    const put = (name: string, value: unknown): Statement => [
      PUT,
      name,
      newestVersion,
      this.#sealer.seal(JSON.stringify(value), partPlace({ name })),
    ];
    const rows = firings.map((firing, at): Statement => {
      const n = schedule.rows + at + 1;
      return [ROW, n, this.#sealer.seal(JSON.stringify(firing), rowPlace({ n }))];
    });
    const oldest = marks.rows - SCHEDULE_LIMITS.history;
    this.#store.write({
      statements: [
        put("marks", marks),
        ...(before?.spec === spec ? [] : [put("spec", spec)]),
        ...(frozen === undefined || before?.frozen === frozen ? [] : [put("frozen", frozen)]),
        ...rows,
        ...(rows.length > 0 && oldest > 0 ? [["DELETE FROM history WHERE n <= ?", oldest] satisfies Statement] : []),
      ],
      needs: rows.length > 0 ? ["history"] : [],
      alarmAtMs,
    });
    const stored: Schedule = { ...marks, spec, ...(frozen === undefined ? {} : { frozen }) };
    this.#stored = stored;
    return stored;
  }

  arm(alarmAtMs: number): void {
    this.#store.write({ statements: [], alarmAtMs });
  }

  history({ before, limit }: { readonly before: number; readonly limit: number }): NumberedFiring[] {
    if (!this.#store.has("history")) return [];
    const query = "SELECT n, content FROM history WHERE n < ? ORDER BY n DESC LIMIT ?";
    const rows = this.#store.opened<HistoryRow>(query, rowPlace, before, limit);
    return [...rows].map(({ row, text }) => ({ n: row.n, ...Firing.parse(JSON.parse(text)) }));
  }
}
