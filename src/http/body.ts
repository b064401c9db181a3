/**
 * A request's body as text: read with a limit, because neither a Content-Length nor its absence says how much will come.
 */
import type { Refusal, Result } from "../domain/fault.ts";
import { accept, refuse } from "../domain/fault.ts";
import type { C } from "./app.ts";

const MAX_BODY_BYTES = 32 * 1_048_576;
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });
const JSON_TYPE = /^application\/([\w.-]+\+)?json$/;

/** A body that starts with `{` or `[` is JSON whatever its media type says: `curl -d` sends none of use. */
export async function readText(c: C): Promise<Result<string>> {
  const { type, refusal } = mediaTypeOf(c);
  if (refusal) return refusal;
  const declared = c.req.header("content-length");
  if (Number(declared ?? 0) > MAX_BODY_BYTES) return tooLarge();
  const bytes = declared === undefined ? await readChunks(c.req.raw.body) : await readWhole(c.req.raw);
  if (!bytes.ok) return bytes;
  const text = decode(bytes.value);
  if (text === undefined) return refuse("invalid_json", "the body is not UTF-8");
  const readable = type === "" || JSON_TYPE.test(type) || /^\s*([[{]|$)/.test(text);
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

/** HTTP itself ends a body at its declared length, so this is bounded; and it is ten times cheaper than a loop. */
async function readWhole(request: Request): Promise<Result<Uint8Array>> {
  try {
    const bytes = new Uint8Array(await request.arrayBuffer());
    return bytes.byteLength > MAX_BODY_BYTES ? tooLarge() : accept(bytes);
  } catch {
    return brokenOff();
  }
}

async function readChunks(body: ReadableStream<Uint8Array> | null): Promise<Result<Uint8Array>> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of body ?? []) {
      size += chunk.byteLength;
      if (size > MAX_BODY_BYTES) return tooLarge();
      chunks.push(chunk);
    }
  } catch {
    return brokenOff();
  }
  const [only] = chunks;
  return accept(only && chunks.length === 1 ? only : joined(chunks, size));
}

function joined(chunks: readonly Uint8Array[], size: number): Uint8Array {
  const all = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.byteLength;
  }
  return all;
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
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

function tooLarge(): Refusal {
  return refuse("payload_too_large", `the body is larger than the ${MAX_BODY_BYTES} bytes (32 MiB) that are taken`);
}
