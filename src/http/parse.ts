/** From a request to parsed values, or to the refusal that names what is wrong. */
import { z } from "zod";
import type { FaultCode, Result } from "../domain/values/fault.ts";
import { accept, FAULTS, refuse } from "../domain/values/fault.ts";
import { parseStrictJson } from "../domain/values/strict-json.ts";
import type { C } from "./app.ts";
import { readText } from "./body.ts";

export async function parseBody<T>(c: C, schema: z.ZodType<T>): Promise<Result<T>> {
  const text = await readText(c);
  if (!text.ok) return text;
  const json = text.value.trim() === "" ? accept({}) : parseStrictJson(text.value);
  return json.ok ? parseValue(json.value, schema) : json;
}

export function parseQuery<T>(c: C, schema: z.ZodType<T>): Result<T> {
  if (!c.req.url.includes("?")) return parseValue({}, schema);
  if (!isDecodable(c.req.url)) return refuse("invalid_input", "query: is not percent-encoded UTF-8");
  const known = new Set(schema instanceof z.ZodObject ? Object.keys(schema.shape) : []);
  const many = Object.entries(c.req.queries()).find(([name, values]) => isMany(name, values, known));
  if (!many) return parseValue(c.req.query(), schema);
  const [path] = many;
  const message = "is there twice or as a list, and only one of them could count";
  return refuse("invalid_input", `${path}: ${message}`, [{ path, message }]);
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
  const parsed = schema.safeParse(value);
  if (parsed.success) return accept(parsed.data);
  const { issues } = parsed.error;
  const errors = issues.map(({ path, message }) => ({ path: path.join("."), message }));
  const [first] = errors;
  return refuse(faultOf(issues), `${first?.path || "body"}: ${first?.message ?? "does not fit"}`, errors);
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
