/**
 * What a schema makes of a value that comes from outside, as JSON of its own: it shares nothing with the value, with the
 * schema (whose defaults are objects that live as long as the process) or with what another execution was given.
 *
 * It is made once and then kept in the log: a schema may answer differently the next time.
 */
import type { ParsedInput } from "../domain/execution/command.ts";
import type { FieldError } from "../domain/values/fault.ts";
import type { Json } from "../domain/values/json.ts";
import { canonicalJson, toJson } from "../domain/values/json.ts";
import { jsonText } from "../domain/values/json-text.ts";
import type { Checked, StandardSchema } from "./schema.ts";
import { check } from "./schema.ts";

/**
 * Parses a JSON value. Refused with the path of the field: what does not fit, what the schema turns into something that
 * JSON cannot carry (a Date, a Map, an object of a class), and what is too large for a row. A schema that throws is an
 * error at the empty path. Never rejects.
 */
export async function parseJson(schema: StandardSchema, value: Json): Promise<Checked<Json>> {
  const checked = await checkCopy(schema, value);
  if (!checked.ok) return checked;
  const made = jsonText(checked.value, "what the schema makes of it");
  if (!made.ok) return refused({ path: made.path, message: made.detail });
  const odd = objectOfClass(checked.value, []);
  return odd ? refused(odd) : { ok: true, value: JSON.parse(made.text) as Json };
}

/** The same of a function's input, said in fewer words where the schema leaves it as it is. */
export async function parseInput(schema: StandardSchema, input: Json): Promise<Checked<ParsedInput>> {
  const parsed = await parseJson(schema, input);
  if (!parsed.ok) return parsed;
  const same = canonicalJson(parsed.value) === canonicalJson(input);
  return { ok: true, value: same ? { same } : { same, value: parsed.value } };
}

const refused = (error: FieldError): Checked<never> => ({ ok: false, errors: [error] });

/** A transform may change what it is handed: that is a copy. */
async function checkCopy(schema: StandardSchema, value: Json): Promise<Checked<unknown>> {
  try {
    return await check(schema, toJson(value));
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : "no error object";
    return refused({ path: "", message: `the schema itself threw: ${why}` });
  }
}

/** Where a program would get something else than the type of its schema says: JSON keeps a Date as a text. */
function objectOfClass(value: unknown, path: string[]): FieldError | undefined {
  if (value === null || typeof value !== "object") return undefined;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (!Array.isArray(value) && prototype !== null && prototype !== Object.prototype)
    return { path: path.join("."), message: `the schema turns it into ${nameOf(value)}, which is no JSON: ${INSTEAD}` };
  for (const [key, field] of Object.entries(value)) {
    path.push(key);
    const found = objectOfClass(field, path);
    if (found) return found;
    path.pop();
  }
  return undefined;
}

const INSTEAD = "let it stay plain JSON, and convert it in the program";

function nameOf(value: object): string {
  const name: unknown = value.constructor?.name;
  return typeof name === "string" && name !== "" ? `an object of the class ${name}` : "an object of a class";
}
