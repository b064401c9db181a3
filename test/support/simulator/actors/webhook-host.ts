/** What posts to addresses of callers come to; a test hands in another host. */
import type { Posted, PostMessage } from "../../../../src/engine/message.ts";

export type WebhookHost = (message: PostMessage, draw: number) => Posted;

export const TAKES_ALL: WebhookHost = () => ({ ok: true, httpStatus: 200, durationMs: 1 });

/** A request that reaches the host once it may leave. */
export function arrival(message: PostMessage, host: WebhookHost, draw: () => number) {
  return { label: `post to a ${message.to} of ${message.origin.id}`, work: () => host(message, draw()) };
}
