/**
 * A `fetch` that does not wait for ever. Providers send a sign of life every few seconds while they work; a connection
 * that died without a word would otherwise hold the turn, and with it the execution, open without end (P1).
 *
 * The time runs only while the caller waits for a byte: for the head of the answer, then for each piece of its body.
 */
import { TurnFailure } from "../domain/model/conversation.ts";

export type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

export const DEFAULT_SILENCE_MS = 120_000;

export function watchedFetch(fetch: Fetch, silenceMs: number): Fetch {
  return async (input, init) => {
    const giveUp = new AbortController();
    const signal = init?.signal ? AbortSignal.any([init.signal, giveUp.signal]) : giveUp.signal;
    const response = await within(silenceMs, fetch(input, { ...init, signal }), (failure) => giveUp.abort(failure));
    if (!response.body) return response;
    const { status, statusText, headers } = response;
    return new Response(watchedBody(response.body, silenceMs), { status, statusText, headers });
  };
}

function watchedBody(body: ReadableStream<Uint8Array>, silenceMs: number): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  return new ReadableStream({
    pull: async (controller) => {
      const { done, value } = await within(silenceMs, reader.read(), (failure) => reader.cancel(failure));
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: (reason) => reader.cancel(reason),
  });
}

async function within<T>(ms: number, work: Promise<T>, giveUp: (failure: Error) => unknown): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const failure = new TurnFailure("timeout", `not a byte came for ${ms} ms`, { spent: "unknown" });
      reject(failure);
      Promise.resolve(giveUp(failure)).catch(() => {});
    }, ms);
  });
  try {
    return await Promise.race([work, silence]);
  } finally {
    clearTimeout(timer);
    // The promise that loses the race may still reject; no caller waits for it then.
    work.catch(() => {});
  }
}
