/** Signals that came before the program waited for them: their names, and how much they hold. A part of the entry index. */
import type { Event } from "../execution/event.ts";
import { utf8Bytes } from "../values/json-text.ts";

export interface WaitingSignals {
  /** Names of the signals that no wait has taken yet, by seq. */
  readonly signals: Map<number, string>;
  /** Bytes of each of them as JSON, by seq, and of all together. */
  readonly signalSizes: Map<number, number>;
  signalBytes: number;
}

export function noSignals(): WaitingSignals {
  return { signals: new Map(), signalSizes: new Map(), signalBytes: 0 };
}

export function keepSignal(waiting: WaitingSignals, { seq, data }: Extract<Event, { type: "signal.received" }>): void {
  const size = utf8Bytes(JSON.stringify(data.data));
  waiting.signals.set(seq, data.name);
  waiting.signalSizes.set(seq, size);
  waiting.signalBytes += size;
}

/** Returns how much it held. */
export function takeSignal(waiting: WaitingSignals, seq: number): number {
  const size = waiting.signalSizes.get(seq) ?? 0;
  waiting.signals.delete(seq);
  waiting.signalBytes -= size;
  waiting.signalSizes.delete(seq);
  return size;
}

interface TakenSignal {
  readonly signal?: string;
  readonly signalBytes?: number;
}

/** Puts a signal that was taken and not given to the program back in its old place: signals are taken in the order in which they came. */
export function giveBack(waiting: WaitingSignals, seq: number, entry: TakenSignal): void {
  const { signal = "", signalBytes = 0 } = entry;
  const { signals, signalSizes } = waiting;
  const all = [...signals, [seq, signal] as const].sort(([a], [b]) => a - b);
  signals.clear();
  for (const [at, name] of all) signals.set(at, name);
  signalSizes.set(seq, signalBytes);
  waiting.signalBytes += signalBytes;
}
