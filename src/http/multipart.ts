/**
 * A start as `multipart/form-data`: the envelope's fields as JSON texts, the files in `files`. Knows
 * the fields; what a file may be is decided in operations/uploads.ts.
 */
import type { z } from "zod";
import { inBytes } from "../contract/body-limits.ts";
import { ExecuteRequest } from "../contract/executions/requests.ts";
import type { Refusal, Result } from "../domain/values/fault.ts";
import { accept, refuse } from "../domain/values/fault.ts";
import { parseStrictJson } from "../domain/values/strict-json.ts";
import type { Upload } from "../operations/uploads.ts";
import type { C } from "./app.ts";
import { decodeUtf8, jsonBound } from "./body.ts";
import type { FormPart } from "./form.ts";
import { readForm } from "./form.ts";
import { parseValue, readJson } from "./parse.ts";

/** Fields that are texts themselves. */
const PLAIN: ReadonlySet<string> = new Set(["deadline", "id"]);

interface StartBody {
  readonly envelope: z.infer<typeof ExecuteRequest>;
  /** Fields that the envelope does not know, where `input` is missing. */
  readonly stray: readonly string[];
  readonly uploads: readonly Upload[];
}

/** JSON as everywhere, or a form. */
export async function parseStart(c: C): Promise<Result<StartBody>> {
  const type = c.req.header("content-type") ?? "";
  if (!/^\s*multipart\/form-data\b/i.test(type)) {
    const json = await readJson(c);
    if (!json.ok) return json;
    const body = parseValue(json.value, ExecuteRequest);
    return body.ok ? accept({ envelope: body.value, stray: strayOf(json.value), uploads: [] }) : body;
  }
  const form = await readForm(c, type);
  if (!form.ok) return form;
  const fields = fieldsOf(form.value, jsonBound(c.get("asked").endpoint).most);
  if (!fields.ok) return fields;
  const envelope = parseValue(fields.value, ExecuteRequest);
  if (!envelope.ok) return envelope;
  const uploads = uploadsOf(form.value);
  if (!uploads.ok) return uploads;
  const sent = Object.fromEntries(form.value.map(({ name }) => [name, null]));
  return accept({ envelope: envelope.value, stray: strayOf(sent), uploads: uploads.value });
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
function fieldsOf(form: readonly FormPart[], most: number): Result<Record<string, unknown>> {
  const known = form.filter(({ name }) => Object.hasOwn(ExecuteRequest.shape, name));
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
    const json = readField(name, bytes);
    if (!json.ok) return json.code === "invalid_json" ? wrong(name, "is not JSON") : under(name, json);
    fields.set(name, json.value);
  }
  return accept(Object.fromEntries(fields));
}

function readField(name: string, bytes: Uint8Array): Result<unknown> {
  const text = decodeUtf8(bytes);
  if (text === undefined) return refuse("invalid_json", "the field is not UTF-8");
  return PLAIN.has(name) ? accept(text) : parseStrictJson(text);
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
