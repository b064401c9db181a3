/** Waiting between tries: exponential with full jitter, as the engine does it. */
import type { Backoff } from "../../domain/values/backoff.ts";
import { backoffMs } from "../../domain/values/backoff.ts";

/** All in milliseconds. The defaults suit people and proxies; tests want shorter ones. */
export interface Timing {
  readonly firstBackoffMs: number;
  readonly maxBackoffMs: number;
  /** A single call is given up after this long without a server. */
  readonly maxElapsedMs: number;
  /** One try of a call; a held one gets this on top of its hold. */
  readonly answerMs: number;
  /** The first try to connect a stream is given up after this long without an answer; see `connectPatience`. */
  readonly connectMs: number;
  /** A quiet socket is pinged this often; the platform answers without waking the execution. */
  readonly pingMs: number;
  /** A stream that sends nothing for this long is dead, even if TCP holds it open. The server's heartbeat is 15 s. */
  readonly silenceMs: number;
}

export const DEFAULT_TIMING: Timing = {
  firstBackoffMs: 100,
  maxBackoffMs: 5_000,
  maxElapsedMs: 30_000,
  answerMs: 30_000,
  connectMs: 5_000,
  pingMs: 15_000,
  silenceMs: 40_000,
};

/** How long try `attempt` (from 1 on) to connect a stream may take: longer after each failure, for a server that is slow. */
export function connectPatience({ connectMs, silenceMs }: Timing, attempt: number): number {
  return Math.min(connectMs * attempt, silenceMs);
}

/** Rests before try `attempt + 1`; throws the signal's reason when aborted meanwhile. */
export async function backOff(
  timing: Timing,
  attempt: number,
  { atLeastMs = 0, signal }: { atLeastMs?: number; signal?: AbortSignal | undefined },
): Promise<void> {
  const backoff: Backoff = { initialMs: timing.firstBackoffMs, factor: 2, maxMs: timing.maxBackoffMs, jitter: true };
  // Behind what the server asked for too: it said the same to all who were there.
  await rest(atLeastMs + backoffMs(backoff, attempt, Math.random()), signal);
}

function rest(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, ms);
    if (signal?.aborted) stop();
    else signal?.addEventListener("abort", stop, { once: true });
  });
}
