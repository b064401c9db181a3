/**
 * The one way out to addresses that callers named. Each address is judged before anything is sent there: the first one and
 * every one that an answer redirects to, which is followed by hand. Only a GET follows redirects, five at most, and takes
 * its headers no further than its own origin. What comes back is read as far as the bounds in bytes and time.
 */
import type { OutboundAnswer, OutboundFailure, OutboundFetch, OutboundRequest } from "../domain/values/outbound.ts";
import type { Reach } from "./judge-url.ts";
import { judgeUrl } from "./judge-url.ts";

const MAX_REDIRECTS = 5;

export interface GuardedFetchParts {
  readonly reach: Reach;
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
}

export function guardedFetch(parts: GuardedFetchParts): OutboundFetch {
  return async (request) => {
    const giveUp = new AbortController();
    const { signal } = giveUp;
    const timer = setTimeout(() => giveUp.abort(), request.timeoutMs);
    void request.until?.then(() => giveUp.abort());
    const late = new Promise<"late">((resolve) => signal.addEventListener("abort", () => resolve("late")));
    try {
      return await followed(request, parts, { signal, late });
    } finally {
      clearTimeout(timer);
    }
  };
}

/** The end of the time of one request: a transport that does not listen to the signal is not waited for. */
interface Deadline {
  readonly signal: AbortSignal;
  readonly late: Promise<"late">;
}

async function followed(
  request: OutboundRequest,
  { reach, fetch }: GuardedFetchParts,
  deadline: Deadline,
): Promise<OutboundAnswer | OutboundFailure> {
  const { signal } = deadline;
  let { url, headers = {} } = request;
  for (let hops = 0; hops <= MAX_REDIRECTS; hops += 1) {
    const judged = judgeUrl(url, reach);
    if (!judged.ok) return failed("refused", hops === 0 ? judged.detail : `it redirects to where it ${judged.detail}`);
    const { method, body } = request;
    const init = { method, headers, signal, redirect: "manual" as const, ...(body === undefined ? {} : { body }) };
    const answer = await inTime(fetch(judged.value.href, init), deadline);
    if (!(answer instanceof Response)) return answer;
    const next = nextOf(answer, judged.value);
    if (next === undefined) return read(answer, request.maxBytes, deadline);
    await answer.body?.cancel().catch(() => undefined);
    if (method !== "GET") return failed("redirected", `it answered ${answer.status}: a ${method} follows no redirect`);
    if (URL.parse(next)?.origin !== judged.value.origin) headers = {};
    url = next;
  }
  return failed("redirected", `it redirected more than ${MAX_REDIRECTS} times`);
}

/** Where an answer redirects to, as an absolute address; `undefined` when it is no redirect. */
function nextOf({ status, headers }: Response, from: URL): string | undefined {
  if (![301, 302, 303, 307, 308].includes(status)) return undefined;
  const location = headers.get("location");
  if (location === null) return undefined;
  // What the address is made of is judged as it stands, so that a parser's mercy opens nothing.
  return /^[a-z][a-z\d+.-]*:/i.test(location) ? location : (URL.parse(location, from.href)?.href ?? location);
}

async function inTime(answer: Promise<Response>, { signal, late }: Deadline): Promise<Response | OutboundFailure> {
  try {
    const first = await Promise.race([answer, late]);
    if (first !== "late") return first;
    answer.then(({ body }) => body?.cancel()).catch(() => undefined);
  } catch (error) {
    if (!signal.aborted) return failed("unreachable", `no answer came: ${reasonOf(error)}`);
  }
  return failed("timeout", "no answer came in time");
}

function reasonOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).slice(0, 200);
}

async function read(answer: Response, maxBytes: number, deadline: Deadline): Promise<OutboundAnswer> {
  const { status, headers } = answer;
  const reader = answer.body?.getReader();
  const decoder = new TextDecoder();
  let body = "";
  let cut: OutboundAnswer["cut"];
  for (let left = maxBytes; reader; ) {
    const chunk = await nextChunk(reader, deadline);
    if (chunk === undefined) break;
    if (typeof chunk === "string") cut = chunk;
    else if (chunk.byteLength > left) cut = "bytes";
    const piece = typeof chunk === "string" ? undefined : chunk.subarray(0, left);
    body += decoder.decode(piece, { stream: true });
    left -= piece?.byteLength ?? 0;
    if (cut === undefined) continue;
    await reader.cancel().catch(() => undefined);
    break;
  }
  body += decoder.decode();
  return { ok: true, status, headers: new Map(headers), body, ...(cut === undefined ? {} : { cut }) };
}

type Reader = ReadableStreamDefaultReader<Uint8Array>;

/** The next piece; `undefined` at the end. */
async function nextChunk(
  reader: Reader,
  { signal, late }: Deadline,
): Promise<Uint8Array | "time" | "broken" | undefined> {
  try {
    const first = await Promise.race([late, reader.read()]);
    return first === "late" ? "time" : first.value;
  } catch {
    return signal.aborted ? "time" : "broken";
  }
}

function failed(kind: OutboundFailure["kind"], detail: string): OutboundFailure {
  return { ok: false, kind, detail };
}
