/** Signals that came before anybody waited for them: their names, and how much they hold. A part of the entry index. */
import type { Event } from "./event.ts";
import { utf8Bytes } from "./json-text.ts";

export interface WaitingSignals {
  /** Names of the signals that nobody has taken yet, by seq. */
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

export function takeSignal(waiting: WaitingSignals, seq: number): void {
  waiting.signals.delete(seq);
  waiting.signalBytes -= waiting.signalSizes.get(seq) ?? 0;
  waiting.signalSizes.delete(seq);
}
