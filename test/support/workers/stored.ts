/** Commits for a store without an engine, and what a reader of it sees. */
import type { Event } from "../../../src/domain/execution/event.ts";
import type { Appended } from "../../../src/domain/execution/event-text.ts";
import { fold } from "../../../src/domain/fold/evolve.ts";
import type { Commit, Store } from "../../../src/engine/ports.ts";
import { ORIGIN } from "../log.ts";

export const created = {
  seq: 1,
  atMs: 1,
  actor: "ann",
  v: 1,
  type: "execution.created",
  data: { origin: ORIGIN, input: "words" },
} as Event;

export const note = (seq: number, message: string) =>
  ({ seq, atMs: seq, actor: "ann", v: 1, type: "note.added", data: { message, tags: [] } }) as Event;

export const appended = (event: Event): Appended => ({ event, text: JSON.stringify(event) });

export function commitOf(events: readonly Event[], more: Partial<Commit> = {}): Commit {
  const state = fold([created, ...events.filter(({ seq }) => seq > 1)]);
  if (!state) throw new Error("no state");
  const none = { setTimers: new Map(), clearTimers: [], putMessages: new Map(), removeMessages: [], forgetLog: false };
  return { ...none, events: events.map(appended), state, ...more };
}

/** Events with `seq > after`, at most `limit`. */
export function eventsIn(store: Pick<Store, "rows">, after: number, limit: number): Event[] {
  const found: Event[] = [];
  for (const { events } of store.rows(after)) found.push(...events.filter(({ seq }) => seq > after));
  return found.slice(0, limit);
}
