/**
 * A request's body: read with the limit of its row in the endpoint table, because neither a Content-Length nor its absence
 * says how much will come. What is larger is refused before any of it is scanned.
 */
import { BODY_BYTES, inBytes } from "../../contract/body-limits.ts";
import type { Endpoint } from "../../contract/endpoint.ts";
import type { Refusal, Result } from "../../domain/values/fault.ts";
import { accept, refuse } from "../../domain/values/fault.ts";
import type { C } from "./app.ts";

const JSON_TYPE = /^application\/([\w.-]+\+)?json$/;
const UNNAMED: ReadonlySet<string> = new Set(["", "application/x-www-form-urlencoded"]);

/** How much is read, and what a sender of more is told. */
export interface Bound {
  readonly most: number;
  readonly refusal: Refusal;
}

/**
 * Returns the text of a body. A body that starts with `{` or `[` is JSON under any media type. So is a body sent as a form:
 * `curl -d` sends every body as one, and no call here takes a form. `also`: media types of other texts that this call takes.
 */
export async function readText(c: C, also?: RegExp): Promise<Result<string>> {
  const { type, refusal } = mediaTypeOf(c);
  if (refusal) return refusal;
  const bytes = await readBytes(c.req.raw, jsonBound(c.get("asked").endpoint));
  if (!bytes.ok) return bytes;
  const text = decodeUtf8(bytes.value);
  if (text === undefined) return refuse("invalid_json", "the body is not UTF-8");
  const readable =
    UNNAMED.has(type) || JSON_TYPE.test(type) || also?.test(type) || /^(?:[[{]|$)/.test(text.trimStart());
  return readable ? accept(text) : notTaken("content-type", type);
}

function mediaTypeOf(c: C): { readonly type: string; readonly refusal?: Refusal } {
  const [first = "", ...parameters] = (c.req.header("content-type") ?? "").toLowerCase().split(";");
  const type = first.trim();
  if (type.startsWith("multipart/")) return { type, refusal: notTaken("content-type", type) };
  const charset = /^\s*charset\s*=\s*"?([^"\s]*)/.exec(parameters.find((one) => one.includes("charset")) ?? "")?.[1];
  if (charset !== undefined && !["utf-8", "utf8", "us-ascii"].includes(charset))
    return { type, refusal: notTaken("content-type: charset", charset) };
  const coding = c.req.header("content-encoding")?.trim().toLowerCase() ?? "";
  return coding === "" || coding === "identity" ? { type } : { type, refusal: notTaken("content-encoding", coding) };
}

/** What a JSON body of this call may have. */
export function jsonBound({ method, path, bodyBytes: most = BODY_BYTES.small }: Endpoint): Bound {
  const message = `the body is larger than the ${inBytes(most)} that ${method} ${path} takes`;
  return { most, refusal: refuse("payload_too_large", message) };
}

export async function readBytes(request: Request, bound: Bound): Promise<Result<Uint8Array>> {
  const declared = request.headers.get("content-length");
  if (Number(declared ?? 0) > bound.most) return bound.refusal;
  return declared === null ? readChunks(request.body, bound) : readWhole(request, bound);
}

/** HTTP itself ends a body at its declared length, so this is bounded; and it is ten times cheaper than a loop. */
async function readWhole(request: Request, { most, refusal }: Bound): Promise<Result<Uint8Array>> {
  try {
    const bytes = new Uint8Array(await request.arrayBuffer());
    return bytes.byteLength > most ? refusal : accept(bytes);
  } catch {
    return brokenOff();
  }
}

/** Into one buffer: a sender may cut two megabytes into two million chunks, and each would be an object of its own. */
async function readChunks(
  body: ReadableStream<Uint8Array> | null,
  { most, refusal }: Bound,
): Promise<Result<Uint8Array>> {
  let held = new Uint8Array(Math.min(most, FIRST_BUFFER));
  let size = 0;
  const reader = body?.getReader();
  try {
    for (let next = await reader?.read(); next && !next.done; next = await reader?.read()) {
      const chunk = next.value;
      const needed = size + chunk.byteLength;
      if (needed > most) return refusal;
      if (needed > held.byteLength) held = grown(held, Math.min(most, Math.max(needed, 2 * held.byteLength)));
      held.set(chunk, size);
      size = needed;
    }
  } catch {
    return brokenOff();
  } finally {
    // Not cancelled: the rest is read when the refusal is on its way.
    reader?.releaseLock();
  }
  return accept(held.subarray(0, size));
}

const FIRST_BUFFER = 16_384;

function grown(held: Uint8Array, size: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(size);
  larger.set(held);
  return larger;
}

/** One array of all of them; the only one is taken as it is. */
export function joined(chunks: readonly Uint8Array[], size: number): Uint8Array {
  const [only] = chunks;
  if (only && chunks.length === 1) return only;
  const all = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.byteLength;
  }
  return all;
}

/** `undefined` for bytes that are no UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes);
  } catch {
    return undefined;
  }
}

function notTaken(what: string, given: string): Refusal {
  return refuse("unsupported_media_type", `${what} ${given.slice(0, 100)} is not taken here`);
}

function brokenOff(): Refusal {
  return refuse("invalid_json", "the body broke off, or its chunks are malformed");
}
