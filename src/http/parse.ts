/** From a request to parsed values, or to the refusal that names what is wrong. */
import type { z } from "zod";
import type { Result } from "../domain/fault.ts";
import { accept, refuse } from "../domain/fault.ts";
import type { C } from "./app.ts";

const MAX_BODY_BYTES = 32 * 1_048_576;

/** A body that starts with `{` or `[` is JSON whatever its media type says: `curl -d` sends none of use. */
export async function parseBody<T>(c: C, schema: z.ZodType<T>): Promise<Result<T>> {
  const declared = Number(c.req.header("content-length") ?? 0);
  if (declared > MAX_BODY_BYTES) return tooLarge(declared);
  const mediaType = c.req.header("content-type")?.split(";")[0]?.trim().toLowerCase() ?? "";
  if (mediaType.startsWith("multipart/"))
    return refuse("unsupported_media_type", `content-type: ${mediaType} is not taken here`);
  const bytes = await c.req.arrayBuffer();
  if (bytes.byteLength > MAX_BODY_BYTES) return tooLarge(bytes.byteLength);
  const json = decodeJson(bytes);
  return json.ok ? parseValue(json.value, schema) : json;
}

export function parseQuery<T>(c: C, schema: z.ZodType<T>): Result<T> {
  return parseValue(c.req.query(), schema);
}

export function parseHeaders<T>(c: C, schema: z.ZodType<T>): Result<T> {
  return parseValue(c.req.header(), schema);
}

/** The execution that the path names. */
export function idOf(c: C): string {
  return c.req.param("id") ?? "";
}

function decodeJson(bytes: ArrayBuffer): Result<unknown> {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes);
  } catch {
    return refuse("invalid_json", "the body is not UTF-8");
  }
  if (text.trim() === "") return accept({});
  try {
    return accept(JSON.parse(text));
  } catch {
    return refuse("invalid_json", "the body does not parse as JSON");
  }
}

function parseValue<T>(value: unknown, schema: z.ZodType<T>): Result<T> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return accept(parsed.data);
  const errors = parsed.error.issues.map(({ path, message }) => ({ path: path.join("."), message }));
  const [first] = errors;
  return refuse("invalid_input", `${first?.path || "body"}: ${first?.message ?? "does not fit"}`, errors);
}

function tooLarge(size: number) {
  return refuse("payload_too_large", `the body has ${size} bytes; at most ${MAX_BODY_BYTES} (32 MiB) are taken`);
}
