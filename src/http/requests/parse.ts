/** From a request to parsed values, or to the refusal that names what is wrong. */
import * as z from "zod";
import type { FaultCode, FieldError, Result } from "../../domain/values/fault.ts";
import { accept, FAULTS, refuse } from "../../domain/values/fault.ts";
import { inOneLine, issueWords } from "../../domain/values/field-errors.ts";
import { nearest } from "../../domain/values/nearest.ts";
import { parseStrictJson } from "../../domain/values/strict-json.ts";
import type { C } from "./app.ts";
import { readText } from "./body.ts";

export async function parseBody<T>(c: C, schema: z.ZodType<T>): Promise<Result<T>> {
  const json = await readJson(c);
  return json.ok ? parseValue(json.value, schema) : json;
}

/** The body as JSON; no body is `{}`. */
export async function readJson(c: C): Promise<Result<unknown>> {
  const text = await readText(c);
  if (!text.ok) return text;
  return text.value.trim() === "" ? accept({}) : parseStrictJson(text.value);
}

export function parseQuery<T>(c: C, schema: z.ZodType<T>): Result<T> {
  if (!c.req.url.includes("?")) return parseValue({}, schema);
  if (!isDecodable(c.req.url)) return refuse("invalid_input", "query: is not percent-encoded UTF-8");
  const known = new Set(schema instanceof z.ZodObject ? Object.keys(schema.shape) : []);
  const many = Object.entries(c.req.queries()).find(([name, values]) => isMany(name, values, known));
  if (many)
    return wrongFields([{ path: many[0], message: "is there twice or as a list, and only one of them could count" }]);
  const unknown = isListed(c, known) ? unknownFilters(c.req.query(), known) : misspelt(c.req.query(), known);
  return unknown.length > 0 ? wrongFields(unknown) : parseValue(c.req.query(), schema);
}

/** A page of a list: a filter that it does not know would be taken for one that found everything. */
function isListed(c: C, known: ReadonlySet<string>): boolean {
  return known.has("limit") && !c.req.header("accept")?.includes("text/event-stream");
}

function unknownFilters(query: Readonly<Record<string, string>>, known: ReadonlySet<string>): FieldError[] {
  const names = [...known].join(", ");
  return Object.keys(query).flatMap((path) => {
    if (known.has(path) || path === "token") return [];
    const meant = nearest(path, known);
    const hint = meant === undefined ? "" : ` (did you mean "${meant}"?)`;
    return [{ path, message: `is no parameter of this list${hint}; it takes ${names}` }];
  });
}

/** Elsewhere what is not known is ignored, as proxies and clients add names of their own; what is nearly known is a slip. */
function misspelt(query: Readonly<Record<string, string>>, known: ReadonlySet<string>): FieldError[] {
  return Object.keys(query).flatMap((path) => {
    const meant = known.has(path) ? undefined : nearest(path, known);
    return meant === undefined ? [] : [{ path, message: `is no parameter of this call; did you mean "${meant}"?` }];
  });
}

function wrongFields(errors: readonly FieldError[]) {
  return refuse("invalid_input", inOneLine(errors), errors);
}

/** Proxies and frameworks differ in which of two counts, and in what `name[]` means; what we do not know is ignored. */
function isMany(name: string, values: readonly string[], known: ReadonlySet<string>): boolean {
  const bracket = name.indexOf("[");
  return (values.length > 1 && known.has(name)) || (bracket > 0 && known.has(name.slice(0, bracket)));
}

export function parseHeaders<T>(c: C, schema: z.ZodType<T>): Result<T> {
  const names = schema instanceof z.ZodObject ? Object.keys((schema as z.ZodObject).shape) : [];
  const named = names.flatMap((name) => {
    const value = c.req.header(name);
    return value === undefined ? [] : [[name, value]];
  });
  return parseValue(Object.fromEntries(named), schema);
}

/** The execution that the path names. */
export function idOf(c: C): string {
  return c.req.param("id") ?? "";
}

export function parseValue<T>(value: unknown, schema: z.ZodType<T>): Result<T> {
  const parsed = schema.safeParse(value, { error: issueWords });
  if (parsed.success) return accept(parsed.data);
  const { issues } = parsed.error;
  const errors = issues.map(({ path, message }) => ({ path: path.join("."), message }));
  return refuse(faultOf(issues), inOneLine(errors), errors);
}

/** A schema may say which fault its refusal is (`params: { fault }`): too large is another one than malformed. */
function faultOf([first]: readonly z.core.$ZodIssue[]): FaultCode {
  const fault: unknown = first?.code === "custom" ? first.params?.fault : undefined;
  return typeof fault === "string" && isFaultCode(fault) ? fault : "invalid_input";
}

function isFaultCode(text: string): text is FaultCode {
  return Object.hasOwn(FAULTS, text);
}

function isDecodable(url: string): boolean {
  const at = url.indexOf("?");
  if (at < 0) return true;
  try {
    decodeURIComponent(url.slice(at));
    return true;
  } catch {
    return false;
  }
}
