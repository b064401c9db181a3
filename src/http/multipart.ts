/**
 * A start as `multipart/form-data`: the envelope's fields as JSON texts (`input` at least), the files in `files`. Knows
 * the form; what a file may be is decided in operations/uploads.ts.
 */
import type { z } from "zod";
import { ExecuteRequest } from "../contract/requests.ts";
import { parseStrictJson } from "../contract/strict-json.ts";
import type { Refusal, Result } from "../domain/fault.ts";
import { accept, refuse } from "../domain/fault.ts";
import type { Upload } from "../operations/uploads.ts";
import type { C } from "./app.ts";
import { parseBody, parseValue } from "./parse.ts";

/** All of it lies in memory until it is stored, and an isolate has 128 MB. */
const MAX_FORM_BYTES = 32 * 1_048_576;
/** Fields that are texts themselves. */
const PLAIN: ReadonlySet<string> = new Set(["deadline", "id"]);

interface StartBody {
  readonly envelope: z.infer<typeof ExecuteRequest>;
  readonly uploads: readonly Upload[];
}

/** JSON as everywhere, or a form. */
export async function parseStart(c: C): Promise<Result<StartBody>> {
  const type = c.req.header("content-type") ?? "";
  if (!/^\s*multipart\/form-data\b/i.test(type)) {
    const body = await parseBody(c, ExecuteRequest);
    return body.ok ? accept({ envelope: body.value, uploads: [] }) : body;
  }
  const form = await readForm(c, type);
  if (!form.ok) return form;
  const fields = await fieldsOf(form.value);
  if (!fields.ok) return fields;
  const envelope = parseValue(fields.value, ExecuteRequest);
  if (!envelope.ok) return envelope;
  const uploads = await uploadsOf(form.value);
  return uploads.ok ? accept({ envelope: envelope.value, uploads: uploads.value }) : uploads;
}

async function readForm(c: C, type: string): Promise<Result<FormData>> {
  if (!/;\s*boundary=("[^"]+"|[^";\s]+)/i.test(type))
    return refuse("invalid_form", "content-type: names no boundary between the parts");
  const declared = Number(c.req.header("content-length") ?? 0);
  if (declared > MAX_FORM_BYTES) return tooLarge(`has ${declared} bytes`);
  const read = { bytes: 0 };
  const body = c.req.raw.body?.pipeThrough(atMost(MAX_FORM_BYTES, read)) ?? null;
  try {
    return accept(await new Response(body, { headers: { "content-type": type } }).formData());
  } catch {
    if (read.bytes > MAX_FORM_BYTES) return tooLarge("goes on");
    return refuse("invalid_form", "the body does not parse: it is cut, or its boundary is another one");
  }
}

/** Breaks off where the limit is passed, whatever the sender said of the length; holds nothing itself. */
function atMost(most: number, read: { bytes: number }): TransformStream<Uint8Array, Uint8Array> {
  return new TransformStream({
    transform(chunk, controller) {
      read.bytes += chunk.byteLength;
      if (read.bytes > most) controller.error(new Error("the limit is passed"));
      else controller.enqueue(chunk);
    },
  });
}

function tooLarge(how: string): Refusal {
  return refuse("payload_too_large", `the form ${how}; at most ${MAX_FORM_BYTES} bytes (32 MiB) are taken in all`);
}

/** What the envelope knows; other text fields are ignored, as other keys of a JSON envelope are. */
async function fieldsOf(form: FormData): Promise<Result<Record<string, unknown>>> {
  const fields = new Map<string, unknown>();
  for (const [name, value] of form) {
    if (name === "files") continue;
    const known = Object.hasOwn(ExecuteRequest.shape, name);
    if (!known && typeof value !== "string") return wrong(name, `is a file; files are taken in the field "files"`);
    if (!known) continue;
    if (fields.has(name)) return wrong(name, "was sent twice");
    const text = typeof value === "string" ? value : await value.text();
    const json = PLAIN.has(name) ? accept(text) : parseStrictJson(text);
    if (!json.ok) return json.code === "invalid_json" ? wrong(name, "is not JSON") : under(name, json);
    fields.set(name, json.value);
  }
  if (!fields.has("input")) return wrong("input", "is missing: send a field that holds a JSON object");
  return accept(Object.fromEntries(fields));
}

async function uploadsOf(form: FormData): Promise<Result<Upload[]>> {
  const uploads: Upload[] = [];
  for (const [index, value] of form.getAll("files").entries()) {
    if (typeof value === "string") return wrong(`files.${index}`, "is a text; send a file, with a file name");
    uploads.push({ name: value.name, bytes: new Uint8Array(await value.arrayBuffer()) });
  }
  return accept(uploads);
}

/** A refusal inside of a field: its path begins with the field's name. */
function under(name: string, { errors = [] }: Refusal): Refusal {
  const [first] = errors;
  return wrong(first?.path ? `${name}.${first.path}` : name, first?.message ?? "does not fit");
}

function wrong(path: string, message: string): Refusal {
  return refuse("invalid_input", `${path}: ${message}`, [{ path, message }]);
}
