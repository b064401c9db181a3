/** One try to post to an address that a caller named: written, signed, sent through the one way out. Never rejects. */
import { callbackBody } from "../../contract/approvals/callback.ts";
import { notificationBody } from "../../contract/notifications/notification.ts";
import { noticeBody } from "../../contract/webhooks/notice.ts";
import { WebhookSecrets } from "../../domain/execution/webhook.ts";
import { unreachable } from "../../domain/values/json.ts";
import type { OutboundAnswer, OutboundFetch, OutboundRequest } from "../../domain/values/outbound.ts";
import type {
  CallbackMessage,
  NotificationMessage,
  Posted,
  PostMessage,
  WebhookMessage,
} from "../../engine/message.ts";
import type { World } from "../../engine/ports.ts";
import { signWebhook, webhookId } from "../../vault/sign-webhook.ts";

const WEBHOOK_TIMEOUT_MS = 10_000;
const CALLBACK_TIMEOUT_MS = 5_000;
/** Of a webhook only the status counts; of a callback one field. */
const MAX_ANSWER_BYTES = 4_096;
const MAX_ERROR_CHARACTERS = 300;

export interface PosterParts {
  readonly outbound: OutboundFetch;
  /** Throws when the key to it is missing. */
  readonly open: (whose: { readonly tenant: string; readonly id: string }, sealed: string) => string;
  /** Where the first of these people that has an address is notified, else where their tenant is; `undefined`: nowhere. */
  readonly target: (tenant: string, people: readonly string[]) => Promise<WebhookSecrets | undefined>;
  readonly now: () => number;
}

type Sent = Pick<OutboundRequest, "url" | "headers" | "body" | "timeoutMs">;

export function poster(parts: PosterParts): World["post"] {
  const { outbound, now } = parts;
  return async (message) => {
    const begunAtMs = now();
    try {
      const sent = await sentFor(parts, message, begunAtMs);
      if (!sent) return { ok: false, error: "nobody wants to be told", durationMs: 0, isUnwanted: true };
      const answer = await outbound({ method: "POST", maxBytes: MAX_ANSWER_BYTES, ...sent });
      const durationMs = now() - begunAtMs;
      if (!answer.ok) return { ok: false, error: answer.detail, durationMs, isFinal: answer.kind === "refused" };
      return judged(answer, { durationMs, isTaken: message.to !== "callback" || hasResolved(answer) });
    } catch (error) {
      const said = error instanceof Error ? error.message : String(error);
      return { ok: false, error: said.slice(0, MAX_ERROR_CHARACTERS), durationMs: now() - begunAtMs };
    }
  };
}

async function sentFor(parts: PosterParts, message: PostMessage, atMs: number): Promise<Sent | undefined> {
  switch (message.to) {
    case "webhook":
      return webhookOf(parts, message, atMs);
    case "callback":
      return callbackOf(message);
    case "notification": {
      const { origin, assignee } = message;
      const people = assignee === undefined ? [origin.owner] : [assignee, origin.owner];
      const target = await parts.target(origin.tenant, people);
      return target && signedTo(target, message, { body: JSON.stringify(notificationBody(message, atMs)), atMs });
    }
  }
  return unreachable(message);
}

function webhookOf({ open }: PosterParts, { origin, webhook, seq, notice }: WebhookMessage, atMs: number): Sent {
  const secrets = WebhookSecrets.parse(JSON.parse(open(origin, webhook.sealed ?? "")));
  return signedTo(secrets, { origin, seq }, { body: JSON.stringify(noticeBody(notice, atMs)), atMs });
}

interface Written {
  readonly body: string;
  readonly atMs: number;
}

function signedTo(
  { url, secret, headers }: WebhookSecrets,
  { origin, seq }: Pick<WebhookMessage | NotificationMessage, "origin" | "seq">,
  { body, atMs }: Written,
): Sent {
  const id = webhookId([origin.tenant, origin.id, String(seq)]);
  const own = { "content-type": "application/json", "user-agent": "errand", ...headers };
  const signed = signWebhook(secret, { id, atMs, body });
  return { url, headers: { ...own, ...signed, ...traced(origin) }, body, timeoutMs: WEBHOOK_TIMEOUT_MS };
}

function callbackOf(message: CallbackMessage): Sent {
  const own = { "content-type": "application/json", "user-agent": "errand", "x-execution-id": message.origin.id };
  const headers = { ...own, ...traced(message.origin) };
  return { url: message.url, headers, body: JSON.stringify(callbackBody(message)), timeoutMs: CALLBACK_TIMEOUT_MS };
}

/** The caller's trace goes on where the news of its execution goes. */
function traced({ traceparent }: WebhookMessage["origin"]): Record<string, string> {
  return traceparent === undefined ? {} : { traceparent };
}

function judged(
  { status: httpStatus }: OutboundAnswer,
  { durationMs, isTaken }: { readonly durationMs: number; readonly isTaken: boolean },
): Posted {
  if (httpStatus < 200 || httpStatus > 299)
    return { ok: false, error: `it answered ${httpStatus}`, httpStatus, durationMs };
  if (isTaken) return { ok: true, httpStatus, durationMs };
  return { ok: false, error: "its answer does not say resolved: true", httpStatus, durationMs };
}

/** An agent answers 200 also where nothing in it waits for this decision. */
function hasResolved({ body }: OutboundAnswer): boolean {
  try {
    return (JSON.parse(body) as { readonly resolved?: unknown } | null)?.resolved === true;
  } catch {
    return false;
  }
}
