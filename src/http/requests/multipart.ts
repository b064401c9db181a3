/**
 * A start as `multipart/form-data`: the envelope's fields as JSON texts, the files in `files`. Knows
 * the fields; what a file may be is decided in operations/executions/uploads.ts.
 */
import type { z } from "zod";
import { inBytes } from "../../contract/body-limits.ts";
import { ExecuteRequest } from "../../contract/executions/requests.ts";
import type { Refusal, Result } from "../../domain/values/fault.ts";
import { accept, refuse } from "../../domain/values/fault.ts";
import { parseStrictJson } from "../../domain/values/strict-json.ts";
import type { Upload } from "../../operations/executions/uploads.ts";
import type { C } from "./app.ts";
import { decodeUtf8, jsonBound } from "./body.ts";
import type { FormPart } from "./form.ts";
import { readForm } from "./form.ts";
import { parseValue, readJson } from "./parse.ts";

/** Which fields a form has beside its files, and which of them are texts themselves and no JSON. */
interface FormFields {
  readonly names: ReadonlySet<string>;
  readonly plain: ReadonlySet<string>;
}

const START: FormFields = { names: new Set(Object.keys(ExecuteRequest.shape)), plain: new Set(["deadline", "id"]) };

interface StartBody {
  readonly envelope: z.infer<typeof ExecuteRequest>;
  /** Fields that the envelope does not know, where `input` is missing. */
  readonly stray: readonly string[];
  readonly uploads: readonly Upload[];
}

/** JSON as everywhere, or a form. */
export async function parseStart(c: C): Promise<Result<StartBody>> {
  const sent = await formOf(c, START);
  if (!sent) {
    const json = await readJson(c);
    if (!json.ok) return json;
    const body = parseValue(json.value, ExecuteRequest);
    return body.ok ? accept({ envelope: body.value, stray: strayOf(json.value), uploads: [] }) : body;
  }
  if (!sent.ok) return sent;
  const { parts, fields } = sent.value;
  const envelope = parseValue(fields, ExecuteRequest);
  if (!envelope.ok) return envelope;
  const uploads = uploadsOf(parts);
  if (!uploads.ok) return uploads;
  const names = Object.fromEntries(parts.map(({ name }) => [name, null]));
  return accept({ envelope: envelope.value, stray: strayOf(names), uploads: uploads.value });
}

/** The form that was sent, with its fields read; `undefined` for a body that is none. */
export async function formOf(
  c: C,
  known: FormFields,
): Promise<Result<{ readonly parts: readonly FormPart[]; readonly fields: object }> | undefined> {
  const type = c.req.header("content-type") ?? "";
  if (!/^\s*multipart\/form-data\b/i.test(type)) return undefined;
  const form = await readForm(c, type);
  if (!form.ok) return form;
  const fields = fieldsOf(form.value, jsonBound(c.get("asked").endpoint).most, known);
  return fields.ok ? accept({ parts: form.value, fields: fields.value }) : fields;
}

/** The files of a form as texts, by name. */
export function textsOf(parts: readonly FormPart[]): Result<Record<string, string>> {
  const uploads = uploadsOf(parts);
  if (!uploads.ok) return uploads;
  const texts = new Map<string, string>();
  for (const [index, { name, bytes }] of uploads.value.entries()) {
    const text = decodeUtf8(bytes);
    if (text === undefined) return wrong(`files.${index}`, `"${name.slice(0, 100)}" is no text in UTF-8`);
    if (texts.has(name)) return wrong(`files.${index}`, `"${name.slice(0, 100)}" was sent twice`);
    texts.set(name, text);
  }
  return accept(Object.fromEntries(texts));
}

/** Fields of a start that clients of AgentField send, and Errand ignores; and the files of a form. */
const IGNORED: ReadonlySet<string> = new Set(["run_metadata", "files"]);

/** Of a body without `input`: the fields that no start has. */
function strayOf(body: unknown): string[] {
  const names = typeof body === "object" && body !== null ? Object.keys(body) : [];
  if (names.includes("input")) return [];
  return names.filter((name) => !Object.hasOwn(ExecuteRequest.shape, name) && !IGNORED.has(name));
}

/** What the envelope knows; other text fields are ignored, as other keys of a JSON envelope are. */
function fieldsOf(
  form: readonly FormPart[],
  most: number,
  { names, plain }: FormFields,
): Result<Record<string, unknown>> {
  const known = form.filter(({ name }) => names.has(name) && name !== "files");
  const size = known.reduce((sum, { bytes }) => sum + bytes.byteLength, 0);
  if (size > most)
    return refuse(
      "payload_too_large",
      `the fields beside the files have ${size} bytes; at most ${inBytes(most)} are taken`,
    );
  const stray = form.find((part) => part.fileName !== undefined && part.name !== "files" && !known.includes(part));
  if (stray) return wrong(stray.name, `is a file; files are taken in the field "files"`);
  const fields = new Map<string, unknown>();
  for (const { name, bytes } of known) {
    if (fields.has(name)) return wrong(name, "was sent twice");
    const json = readField(bytes, plain.has(name));
    if (!json.ok) return json.code === "invalid_json" ? wrong(name, "is not JSON") : under(name, json);
    fields.set(name, json.value);
  }
  return accept(Object.fromEntries(fields));
}

function readField(bytes: Uint8Array, isPlain: boolean): Result<unknown> {
  const text = decodeUtf8(bytes);
  if (text === undefined) return refuse("invalid_json", "the field is not UTF-8");
  return isPlain ? accept(text) : parseStrictJson(text);
}

function uploadsOf(form: readonly FormPart[]): Result<Upload[]> {
  const uploads: Upload[] = [];
  for (const [index, { fileName, bytes }] of form.filter(({ name }) => name === "files").entries()) {
    if (fileName === undefined) return wrong(`files.${index}`, "is a text; send a file, with a file name");
    uploads.push({ name: fileName, bytes });
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
