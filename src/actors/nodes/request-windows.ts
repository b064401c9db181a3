/**
 * How many requests each polling agent of a tenant has taken in its minute. A row an agent: the minute begins with the first
 * request in it, and is the same one for all isolates and after any restart.
 */
import * as z from "zod";
import type { TakenRequests } from "../../operations/polling-agents/ports.ts";
import type { Sealer } from "../../vault/vault.ts";
import type { Schema } from "../storage/journal-store.ts";
import { JournalStore } from "../storage/journal-store.ts";

const SCHEMA: Schema<never> = {
  first: "request_windows",
  migrations: [
    "CREATE TABLE IF NOT EXISTS request_windows (agent TEXT PRIMARY KEY, ends_at_ms INTEGER NOT NULL, taken INTEGER NOT NULL) WITHOUT ROWID",
  ],
  aside: {},
};
const PUT = "INSERT OR REPLACE INTO request_windows (agent, ends_at_ms, taken) VALUES (?, ?, ?)";
const FORGET = "DELETE FROM request_windows WHERE agent = ?";
const WINDOW_MS = 60_000;

const Row = z.object({ agent: z.string(), ends_at_ms: z.number(), taken: z.number() });

interface Window {
  readonly endsAtMs: number;
  readonly taken: number;
}

export class RequestWindows {
  readonly #store: JournalStore<never>;
  readonly #windows = new Map<string, Window>();

  /** Reads the windows of all agents. Writes nothing, and makes no table. */
  constructor(storage: DurableObjectStorage, sealer: Sealer) {
    this.#store = new JournalStore(storage, sealer, SCHEMA);
    if (!this.#store.isMade) return;
    this.#store.version = SCHEMA.migrations.length;
    for (const row of this.#store.sql.exec("SELECT agent, ends_at_ms, taken FROM request_windows")) {
      const { agent, ends_at_ms: endsAtMs, taken } = Row.parse(row);
      this.#windows.set(agent, { endsAtMs, taken });
    }
  }

  /** Takes so many of a limit, or what is left of it. */
  take(agent: string, { perMin, tokens }: { readonly perMin: number; readonly tokens: number }, nowMs: number) {
    const known = this.#windows.get(agent);
    // A minute that ends later than one that begins now was kept before the clock was set back: it is over.
    const isOpen = known !== undefined && known.endsAtMs > nowMs && known.endsAtMs <= nowMs + WINDOW_MS;
    const { endsAtMs, taken } = isOpen ? known : { endsAtMs: nowMs + WINDOW_MS, taken: 0 };
    const granted = Math.max(0, Math.min(tokens, perMin - taken));
    const answer: TakenRequests = { granted, left: Math.max(0, perMin - taken - granted), endsAtMs };
    if (granted === 0) return answer;
    this.#store.write({ statements: [[PUT, agent, endsAtMs, taken + granted]] });
    this.#windows.set(agent, { endsAtMs, taken: taken + granted });
    return answer;
  }

  forget(agent: string): void {
    if (this.#windows.delete(agent)) this.#store.write({ statements: [[FORGET, agent]] });
  }
}
