/**
 * Reading an execution to its end over connections that break. Knows neither WebSocket nor server-sent events: a
 * `Connect` yields frames until its connection is over, for any reason.
 *
 * - Events come in the order of the log, from `after` + 1 on: none is lost, none comes twice.
 * - The first frame is a snapshot where the transport has one; a later snapshot shows itself only if it is news.
 * - It ends with the terminal event, or at once when the execution ended at or before `after`.
 * - A missing server is waited for without end (the caller's signal ends it); a refusal is thrown.
 * - A turn's text comes in order, at the exact character: what was written while no connection stood comes as a delta
 *   of its own, made of the next snapshot.
 */
import type { ExecutionBody } from "../../contract/executions/body.ts";
import type { DeltaFrame, Frame } from "../../contract/stream/frames.ts";
import { isTerminal } from "../../domain/execution/status.ts";
import { unreachable } from "../../domain/values/json.ts";
import { ProblemError } from "../transport/errors.ts";
import type { Timing } from "../transport/pace.ts";
import { backOff, connectPatience } from "../transport/pace.ts";
import { TurnTexts } from "./turn-texts.ts";

/** How one connection is made. */
export interface Connecting {
  readonly signal: AbortSignal | undefined;
  /** Ends the try when the server has not answered for this long. */
  readonly connectMs: number;
}
export type Connect = (after: number, connecting: Connecting) => AsyncGenerator<Frame>;

export interface Following {
  readonly connect: Connect;
  /** One look at the execution; asked when a connection brought nothing at all. */
  readonly look: (connectMs: number) => Promise<ExecutionBody>;
  readonly after: number;
  readonly timing: Timing;
  readonly signal: AbortSignal | undefined;
  /** Called with `true` when a connection brings its first frame, and with `false` when it is lost before the end. */
  readonly onConnected?: ((connected: boolean) => void) | undefined;
}

const TERMINAL_EVENTS: ReadonlySet<string> = new Set([
  "execution.succeeded",
  "execution.failed",
  "execution.cancelled",
  "execution.timed_out",
]);
/** A connection that held this long was a good one, even if nothing happened. */
const GOOD_CONNECTION_MS = 10_000;

export async function* follow(following: Following): AsyncGenerator<Frame> {
  const { connect, timing, signal } = following;
  const reader = new Reader(following.after);
  for (let failures = 1; ; failures++) {
    signal?.throwIfAborted();
    const connectedAt = Date.now();
    const { last } = reader;
    const connectMs = connectPatience(timing, failures);
    let frames = 0;
    for await (const frame of connect(reader.last, { signal, connectMs })) {
      frames += 1;
      if (frames === 1) following.onConnected?.(true);
      const news = reader.take(frame);
      if (news === "gap") break;
      yield* news;
      if (reader.ended) return;
    }
    signal?.throwIfAborted();
    following.onConnected?.(false);
    if (frames === 0 && (await hasEnded(reader.last, () => following.look(connectMs)))) return;
    const wasGood = frames > 0 && Date.now() - connectedAt > GOOD_CONNECTION_MS;
    if (reader.last > last || wasGood) failures = 1;
    await backOff(timing, failures, { signal });
  }
}

type Of<T extends Frame["type"]> = Extract<Frame, { readonly type: T }>;

/** What one reader has seen; decides what is news to it. */
class Reader {
  /** Seq of the newest event it has. */
  last: number;
  ended = false;
  /** Seq of the newest snapshot or update it was shown. */
  #shown = -1;
  readonly #texts = new TurnTexts();

  constructor(after: number) {
    this.last = after;
  }

  /** What of a frame is news: nothing, itself, or it and the text that its reader has missed. */
  take(frame: Frame): Frame[] | "gap" {
    switch (frame.type) {
      case "event":
        return this.#takeEvent(frame);
      case "delta":
        return this.#takeDelta(frame);
      case "execution_update":
        return this.#isShown(frame) ? [] : [frame];
      case "snapshot":
        return this.#takeSnapshot(frame);
    }
    return unreachable(frame);
  }

  #takeEvent(frame: Of<"event">): Frame[] | "gap" {
    const { seq, type, data } = frame.event;
    if (seq <= this.last) return [];
    if (seq > this.last + 1) return "gap";
    this.last = seq;
    this.ended = TERMINAL_EVENTS.has(type);
    if (type === "turn.completed") this.#texts.forget(String(data.key));
    return [frame];
  }

  #takeDelta(frame: DeltaFrame): Frame[] | "gap" {
    const news = this.#texts.add(frame);
    return news === "gap" ? news : news ? [news] : [];
  }

  #takeSnapshot(frame: Of<"snapshot">): Frame[] | "gap" {
    const shown: Frame[] = this.#isShown(frame) ? [] : [frame];
    // Nothing more can come: the reader has it all.
    this.ended = isTerminal(frame.execution.status) && frame.seq <= this.last;
    const missed = frame.turns_in_flight.map((turn) => this.#takeDelta({ type: "delta", offset: 0, ...turn }));
    return [...shown, ...missed.flatMap((news) => (news === "gap" ? [] : news))];
  }

  #isShown({ seq }: { readonly seq: number }): boolean {
    if (seq <= this.#shown) return true;
    this.#shown = seq;
    return false;
  }
}

async function hasEnded(last: number, look: () => Promise<ExecutionBody>): Promise<boolean> {
  try {
    const { status, seq } = await look();
    return isTerminal(status) && seq <= last;
  } catch (error) {
    if (error instanceof ProblemError && !error.retryable) throw error;
    return false;
  }
}
