/** What a log demands beside itself: the timers that stand, the gates that are open, and every message that its events made. For checking only. */
import type { Message } from "./consequences.ts";
import { consequencesOf, messageId } from "./consequences.ts";
import { gateChangeOf } from "./evolve-gate.ts";
import type { OpenGate } from "./gate.ts";
import { changeGates, openGatesOf } from "./gate.ts";
import type { Step } from "./invariants-of-entries.ts";
import { outlivesEnd } from "./timer.ts";

export interface Demanded {
  /** Name → instant. */
  readonly timers: ReadonlyMap<string, number>;
  /** Id → the newest message under it; whether it was acknowledged since is not in the log. */
  readonly messages: ReadonlyMap<string, Message>;
  /** The open gates, by id. */
  readonly gates: ReadonlyMap<string, OpenGate>;
}

/** Collects it event by event. */
export class Demands implements Demanded {
  readonly timers = new Map<string, number>();
  readonly messages = new Map<string, Message>();
  readonly gates = new Map<string, OpenGate>();

  see({ event, before, after, index }: Step): void {
    if (!after) return;
    const made = consequencesOf(event, { before, after, index: () => index, gates: openGatesOf(this.gates) });
    changeGates(this.gates, gateChangeOf(event, after));
    const ending = () => [...this.timers.keys()].filter((name) => !outlivesEnd(name));
    for (const name of made.clearTimers === "all" ? ending() : made.clearTimers) this.timers.delete(name);
    for (const { name, atMs } of made.setTimers) this.timers.set(name, atMs);
    for (const message of made.messages) this.messages.set(messageId(message), message);
  }
}
