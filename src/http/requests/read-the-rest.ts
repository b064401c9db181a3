/**
 * Reads what a refused request still sends. A connection that is closed over unread bytes is cut, and the cut overtakes
 * the answer (RFC 9112, 9.6): the sender would hear of a broken pipe, and not why it was refused.
 */
import type { MiddlewareHandler } from "hono";
import { BODY_BYTES } from "../../contract/body-limits.ts";
import type { Vars } from "./app.ts";

/** A sender of more is cut off. */
const MOST_BYTES = 2 * BODY_BYTES.form;
/** The answer waits no longer, and no longer than this for the next piece. */
const MOST_MS = 5_000;
const MOST_IDLE_MS = 500;

export const readTheRest: MiddlewareHandler<{ Variables: Vars }> = async (c, next) => {
  await next();
  if (c.res.status >= 400) await discardRest(c.req.raw);
};

/** For an answer before the end of its request that is no refusal. */
export async function discardRest({ body, headers }: Request): Promise<void> {
  const isBounded = Number(headers.get("content-length") ?? 0) <= MOST_BYTES;
  if (body && !body.locked && isBounded) await discard(body);
}

async function discard(body: ReadableStream<Uint8Array>): Promise<void> {
  const reader = body.getReader();
  const stop = () => void reader.cancel().catch(() => {});
  const end = Date.now() + MOST_MS;
  let idle: ReturnType<typeof setTimeout> | undefined;
  try {
    for (let size = 0; size < MOST_BYTES && Date.now() < end; ) {
      idle = setTimeout(stop, MOST_IDLE_MS);
      const { done, value } = await reader.read();
      clearTimeout(idle);
      if (done) return;
      size += value.byteLength;
    }
  } catch {
    // The sender is gone, and hears nothing any more.
  } finally {
    clearTimeout(idle);
    reader.releaseLock();
  }
}
