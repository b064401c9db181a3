/**
 * Schemas of definitions: which libraries may have made one, what one makes of a value, and what its issues are in words. It
 * does not know how a schema of zod is made strict (`strict.ts`).
 */
import * as z from "zod";
import type { FieldError } from "../domain/values/fault.ts";
import { issueWords } from "../domain/values/field-errors.ts";
import { unknownKeys } from "./unknown-keys.ts";

/**
 * Any schema library that speaks Standard Schema v1 (standardschema.dev): zod, valibot, arktype. Only what we use of the
 * interface is written down.
 */
export interface StandardSchema<In = unknown, Out = In> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => StandardResult<Out> | Promise<StandardResult<Out>>;
    readonly types?: { readonly input: In; readonly output: Out } | undefined;
  };
}

/** Whether it is a schema of any such library. */
export function isSchema(given: unknown): given is StandardSchema {
  return (typeof given === "object" || typeof given === "function") && given !== null && "~standard" in given;
}

interface StandardIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
  /** Beyond the standard: zod says what kind of issue it is, and which keys it means. */
  readonly code?: string;
  readonly keys?: readonly string[];
  /** Of each option of a union. */
  readonly errors?: readonly (readonly z.core.$ZodIssue[])[];
}
type StandardResult<Out> =
  | { readonly value: Out; readonly issues?: undefined }
  | { readonly issues: readonly StandardIssue[] };

export type InferInput<S> = S extends StandardSchema<infer In, unknown> ? In : never;
export type InferOutput<S> =
  S extends StandardSchema<never, infer Out> ? Out : S extends StandardSchema<infer _, infer Out> ? Out : never;

export type Checked<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly errors: readonly FieldError[] };

/** Parses a value; field paths are dotted (`items.0.name`), empty for the whole. */
export async function check<Out>(schema: StandardSchema<unknown, Out>, value: unknown): Promise<Checked<Out>> {
  const result = await validated(schema, value);
  if (!result.issues) return { ok: true, value: result.value };
  return { ok: false, errors: result.issues.flatMap(toFieldErrors) };
}

/**
 * Validates a value with a schema of any library. zod's own form of the interface parses twice what turns out to be
 * asynchronous: its defaults would be made twice, and no caller would handle a rejection of the first parse.
 */
async function validated<Out>(schema: StandardSchema<unknown, Out>, value: unknown): Promise<StandardResult<Out>> {
  if (!(schema instanceof z.ZodType)) return schema["~standard"].validate(value);
  const { success, data, error } = await schema.safeParseAsync(value, { error: issueWords });
  return success ? { value: data as Out } : { issues: error.issues };
}

/** One line a field, for models and people. */
export function inLines(errors: readonly FieldError[]): string {
  return errors.map(({ path, message }) => `- ${path || "(all)"}: ${message}`).join("\n");
}

/** One error a field. zod names all unknown keys of an object in one issue, at the path of the object. */
function toFieldErrors(issue: StandardIssue): FieldError[] {
  const path = (issue.path ?? []).map((part) => String(typeof part === "object" ? part.key : part));
  const { keys } = issue;
  if (issue.code === "invalid_union") {
    const unknown = unknownKeys([{ code: issue.code, errors: issue.errors ?? [] }]);
    const each = unknown.flatMap((found) => found.keys.map((key) => [...path, ...found.path, key].join(".")));
    if (each.length > 0) return each.map((at) => ({ path: at, message: UNKNOWN_KEY }));
  }
  if (issue.code !== "unrecognized_keys" || !keys) return [{ path: path.join("."), message: issue.message }];
  return keys.map((key) => ({ path: [...path, key].join("."), message: UNKNOWN_KEY }));
}

/** The message of a key that the schema does not name. */
export const UNKNOWN_KEY = "unknown key";
