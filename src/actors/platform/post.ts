/** One try to tell a webhook: opened, written, signed, sent through the one way out. Never rejects. */
import { noticeBody } from "../../contract/webhooks/notice.ts";
import { WebhookSecrets } from "../../domain/execution/webhook.ts";
import type { OutboundFetch } from "../../domain/values/outbound.ts";
import type { Posted, PostMessage } from "../../engine/message.ts";
import type { World } from "../../engine/ports.ts";
import { signWebhook, webhookId } from "../../vault/sign-webhook.ts";

const TIMEOUT_MS = 10_000;
/** Only its status counts. */
const MAX_ANSWER_BYTES = 1_024;
const MAX_ERROR_CHARACTERS = 300;

export interface PosterParts {
  readonly outbound: OutboundFetch;
  /** Throws when the key to it is missing. */
  readonly open: (whose: { readonly tenant: string; readonly id: string }, sealed: string) => string;
  readonly now: () => number;
}

export function poster(parts: PosterParts): World["post"] {
  return async (message) => {
    const begunAtMs = parts.now();
    try {
      return await sendOnce(parts, message);
    } catch (error) {
      const said = error instanceof Error ? error.message : String(error);
      return { ok: false, error: said.slice(0, MAX_ERROR_CHARACTERS), durationMs: parts.now() - begunAtMs };
    }
  };
}

async function sendOnce(
  { outbound, open, now }: PosterParts,
  { origin, webhook, seq, notice }: PostMessage,
): Promise<Posted> {
  const { url, secret, headers } = WebhookSecrets.parse(JSON.parse(open(origin, webhook.sealed ?? "")));
  const atMs = now();
  const body = JSON.stringify(noticeBody(notice, atMs));
  const id = webhookId([origin.tenant, origin.id, String(seq)]);
  const own = { "content-type": "application/json", "user-agent": "errand", ...headers };
  const answer = await outbound({
    method: "POST",
    url,
    headers: { ...own, ...signWebhook(secret, { id, atMs, body }) },
    body,
    timeoutMs: TIMEOUT_MS,
    maxBytes: MAX_ANSWER_BYTES,
  });
  const durationMs = now() - atMs;
  if (!answer.ok) return { ok: false, error: answer.detail, durationMs, isFinal: answer.kind === "refused" };
  const { status: httpStatus } = answer;
  if (httpStatus >= 200 && httpStatus < 300) return { ok: true, httpStatus, durationMs };
  return { ok: false, error: `it answered ${httpStatus}`, httpStatus, durationMs };
}
