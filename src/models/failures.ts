/**
 * From what a provider or the network says to a `TurnFailure`.
 *
 * - An answer with an error status was not charged, except where the provider gave up waiting for itself (timeout).
 * - Once an answer has begun, or no process knows whether the request arrived, it may have been charged: spent unknown.
 * - A message never holds a key.
 */
import type { TurnFailureCode, TurnFailureOptions } from "../domain/model/conversation.ts";
import { TurnFailure } from "../domain/model/conversation.ts";

/** An answer with an error status, in the words all providers share. */
export interface ErrorAnswer {
  readonly provider: string;
  readonly status: number;
  readonly headers: Headers;
  readonly message: string;
  /** The provider's own word for it. */
  readonly type?: string | null | undefined;
}

const CODE_OF_STATUS: Readonly<Record<number, TurnFailureCode>> = {
  401: "authentication",
  402: "authentication",
  403: "authentication",
  408: "timeout",
  // Two requests met on a lock: the same one may succeed.
  409: "server_error",
  429: "rate_limited",
  503: "overloaded",
  504: "timeout",
  529: "overloaded",
};

const CODE_OF_TYPE: ReadonlyMap<string, TurnFailureCode> = new Map([
  ["authentication_error", "authentication"],
  ["billing_error", "authentication"],
  ["permission_error", "authentication"],
  // OpenAI's word for an empty purse: waiting does not fill it.
  ["insufficient_quota", "authentication"],
  ["invalid_request_error", "invalid_request"],
  ["not_found_error", "invalid_request"],
  ["request_too_large", "invalid_request"],
  ["rate_limit_error", "rate_limited"],
  ["rate_limit_exceeded", "rate_limited"],
  ["overloaded_error", "overloaded"],
  ["timeout_error", "timeout"],
]);

export function statusFailure({ provider, status, headers, message, type }: ErrorAnswer): TurnFailure {
  const known = type === "insufficient_quota" ? "authentication" : CODE_OF_STATUS[status];
  const code = known ?? (status >= 500 ? "server_error" : "invalid_request");
  const header = headers.get("x-should-retry");
  return new TurnFailure(code, `${provider} answered ${status}: ${withoutKeys(message)}${requestId(headers)}`, {
    spent: code === "timeout" ? "unknown" : "nothing",
    retryAfterMs: retryAfterMs(headers),
    ...(header === "true" || header === "false" ? { retryable: header === "true" } : {}),
  });
}

/** An error that came in the middle of an answer. */
export function streamFailure(provider: string, type: string | null | undefined, message: string): TurnFailure {
  const code = CODE_OF_TYPE.get(type ?? "") ?? "server_error";
  return new TurnFailure(code, `${provider} broke off: ${withoutKeys(message)}`, { spent: "unknown" });
}

export function cutStream(provider: string, cause?: unknown): TurnFailure {
  return new TurnFailure("cut_stream", `the answer of ${provider} ended in the middle`, { spent: "unknown", cause });
}

export function aborted(provider: string, cause?: unknown): TurnFailure {
  return new TurnFailure("aborted", `the turn with ${provider} was called off`, { spent: "unknown", cause });
}

/** Node's words for a connection that never was: nothing can have reached the other side. */
const NEVER_CONNECTED = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "UND_ERR_CONNECT_TIMEOUT"]);

export function connectionFailure(provider: string, cause: unknown): TurnFailure {
  const chain = causes(cause);
  const own = chain.find((error) => error instanceof TurnFailure);
  if (own) return own;
  const proven = chain.some((error) => NEVER_CONNECTED.has(codeOf(error)));
  const spent: TurnFailureOptions["spent"] = proven ? "nothing" : "unknown";
  return new TurnFailure("connection", `${provider} could not be reached`, { spent, cause });
}

/** The error and what caused it, outermost first. */
export function causes(error: unknown): unknown[] {
  const chain: unknown[] = [];
  for (let next = error; next !== undefined && chain.length < 8; next = next instanceof Error ? next.cause : undefined)
    chain.push(next);
  return chain;
}

function codeOf(error: unknown): string {
  return typeof error === "object" && error !== null && "code" in error ? String(error.code) : "";
}

/** `retry-after-ms`, or `retry-after` in seconds or as a date; a date is read by the answer's own clock. */
function retryAfterMs(headers: Headers): number | undefined {
  const ms = Number.parseFloat(headers.get("retry-after-ms") ?? "");
  if (ms >= 0) return ms;
  const after = headers.get("retry-after");
  if (after === null) return undefined;
  if (/^\s*\d+(\.\d+)?\s*$/.test(after)) return Number(after) * 1_000;
  const wait = Date.parse(after) - Date.parse(headers.get("date") ?? "");
  return wait >= 0 ? wait : undefined;
}

function requestId(headers: Headers): string {
  const id = headers.get("request-id") ?? headers.get("x-request-id");
  return id === null ? "" : ` (request ${id})`;
}

/** Some providers repeat the key they refuse, in part. */
function withoutKeys(text: string): string {
  return text.replaceAll(/\bsk-[\w*.-]+/g, "sk-…").slice(0, 1_000);
}
