/** What a log demands beside itself: the timers that stand, and every message that its events made. For checking only. */
import type { Message } from "./consequences.ts";
import { consequencesOf, messageId } from "./consequences.ts";
import { emptyIndex, foldEntry } from "./entry-index.ts";
import type { Event } from "./event.ts";
import { evolve } from "./evolve.ts";
import { gateChangeOf } from "./evolve-gate.ts";
import type { OpenGate } from "./gate.ts";
import { changeGates, openGatesOf } from "./gate.ts";
import type { ExecutionState } from "./state.ts";
import { outlivesEnd } from "./timer.ts";

export interface Demanded {
  /** Name → instant. */
  readonly timers: ReadonlyMap<string, number>;
  /** Id → the newest message under it; whether it was acknowledged since is not in the log. */
  readonly messages: ReadonlyMap<string, Message>;
}

export function demandedBy(events: readonly Event[]): Demanded {
  const index = emptyIndex();
  const timers = new Map<string, number>();
  const messages = new Map<string, Message>();
  const gates = new Map<string, OpenGate>();
  let state: ExecutionState | undefined;
  for (const event of events) {
    const before = state;
    foldEntry(index, event);
    state = evolve(before, event);
    if (!state) continue;
    const made = consequencesOf(event, { before, after: state, index: () => index, gates: openGatesOf(gates) });
    changeGates(gates, gateChangeOf(event, state));
    const cleared =
      made.clearTimers === "all" ? [...timers.keys()].filter((name) => !outlivesEnd(name)) : made.clearTimers;
    for (const name of cleared) timers.delete(name);
    for (const { name, atMs } of made.setTimers) timers.set(name, atMs);
    for (const message of made.messages) messages.set(messageId(message), message);
  }
  return { timers, messages };
}
