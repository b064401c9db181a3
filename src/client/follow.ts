/**
 * Reading an execution to its end over connections that break. Knows neither WebSocket nor server-sent events: a
 * `Connect` yields frames until its connection is over, for whatever reason.
 *
 * R1  Events come in the order of the log, from `after` + 1 on: none is lost, none comes twice.
 * R2  The first frame is a snapshot where the transport has one; a later snapshot shows itself only if it is news.
 * R3  It ends with the terminal event, or at once when the execution ended at or before `after`.
 * R4  A missing server is waited for without end (the caller's signal ends it); a refusal is thrown.
 */
import type { ExecutionBody } from "../contract/execution-body.ts";
import type { Frame } from "../contract/frames.ts";
import { isTerminal } from "../domain/status.ts";
import { ProblemError } from "./errors.ts";
import type { Tempo } from "./pace.ts";
import { backOff } from "./pace.ts";

export type Connect = (after: number, signal: AbortSignal | undefined) => AsyncGenerator<Frame>;

export interface Following {
  readonly connect: Connect;
  /** One look at the execution; asked when a connection brought nothing at all. */
  readonly look: () => Promise<ExecutionBody>;
  readonly after: number;
  readonly tempo: Tempo;
  readonly signal: AbortSignal | undefined;
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
  const { connect, tempo, signal } = following;
  const reader = new Reader(following.after);
  for (let failures = 1; ; failures++) {
    signal?.throwIfAborted();
    const connectedAt = Date.now();
    const { last } = reader;
    let frames = 0;
    for await (const frame of connect(reader.last, signal)) {
      frames += 1;
      const news = reader.take(frame);
      if (news === "gap") break;
      if (news === "yes") yield frame;
      if (reader.ended) return;
    }
    signal?.throwIfAborted();
    if (frames === 0 && (await hasEnded(following, reader.last))) return;
    if (reader.last > last || Date.now() - connectedAt > GOOD_CONNECTION_MS) failures = 1;
    await backOff(tempo, failures, { signal });
  }
}

/** What one reader has seen; decides what is news to it. */
class Reader {
  /** Seq of the newest event it has. */
  last: number;
  ended = false;
  /** Seq of the newest snapshot or update it was shown. */
  #shown = -1;

  constructor(after: number) {
    this.last = after;
  }

  take(frame: Frame): "yes" | "no" | "gap" {
    if (frame.type === "event") return this.#takeEvent(frame.event);
    // Nothing more can come: the reader has it all.
    if (frame.type === "snapshot") this.ended = isTerminal(frame.execution.status) && frame.seq <= this.last;
    if (frame.seq <= this.#shown) return "no";
    this.#shown = frame.seq;
    return "yes";
  }

  #takeEvent({ seq, type }: { readonly seq: number; readonly type: string }): "yes" | "no" | "gap" {
    if (seq <= this.last) return "no";
    if (seq > this.last + 1) return "gap";
    this.last = seq;
    this.ended = TERMINAL_EVENTS.has(type);
    return "yes";
  }
}

async function hasEnded({ look }: Following, last: number): Promise<boolean> {
  try {
    const { status, seq } = await look();
    return isTerminal(status) && seq <= last;
  } catch (error) {
    if (error instanceof ProblemError && !error.retryable) throw error;
    return false;
  }
}
