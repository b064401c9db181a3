/**
 * A JSON Schema as the fields of a form, and what was typed as the value that the schema wants. Pure.
 *
 * - A field that a form cannot show well (a union, a map, a list in a list) is a field of JSON.
 * - An empty field that is not required is left out, so that its default holds.
 */

import type { Json } from "../../domain/values/json.ts";
import { capital } from "../parts/words.ts";

interface Common {
  readonly name: string;
  readonly title: string;
  readonly description: string | undefined;
  readonly required: boolean;
}

export type Field = Common &
  (
    | { readonly kind: "text"; readonly long: boolean; readonly initial: string }
    | {
        readonly kind: "number";
        readonly whole: boolean;
        readonly min?: number;
        readonly max?: number;
        readonly initial: string;
      }
    | { readonly kind: "flag"; readonly initial: string }
    | { readonly kind: "choice"; readonly options: readonly string[]; readonly initial: string }
    | { readonly kind: "group"; readonly fields: readonly Field[] }
    | { readonly kind: "list"; readonly item: Field }
    | { readonly kind: "json"; readonly initial: string }
  );

/** What was typed: a text for each simple field. */
export type Draft = string | readonly Draft[] | { readonly [name: string]: Draft };

export interface Read {
  readonly value: Json | undefined;
  /** Path of a field → what is wrong with it. */
  readonly faults: ReadonlyMap<string, string>;
}

interface Schema {
  readonly type?: unknown;
  readonly enum?: unknown;
  readonly const?: unknown;
  readonly properties?: unknown;
  readonly required?: unknown;
  readonly items?: unknown;
  readonly title?: unknown;
  readonly description?: unknown;
  readonly default?: unknown;
  readonly [key: string]: unknown;
}

/** Characters from which a text may be long enough for several lines. */
const LONG = 500;
const MAX_DEPTH = 4;

/** The fields of an input; a schema that describes no object is one field of JSON. */
export function fieldOf(schema: unknown, name = "", required = true): Field {
  return made(schema, { name, required, depth: 0 });
}

interface Place {
  readonly name: string;
  readonly required: boolean;
  readonly depth: number;
}

function made(given: unknown, { name, required, depth }: Place): Field {
  const schema: Schema = typeof given === "object" && given !== null ? { ...given } : {};
  const common = {
    name,
    title: text(schema.title) ?? titleOf(name),
    description: text(schema.description),
    required,
  };
  const initial = schema.default === undefined ? "" : asText(schema.default);
  if (Array.isArray(schema.enum) && schema.enum.every((option) => typeof option === "string"))
    return { ...common, kind: "choice", options: schema.enum, initial };
  return simple(schema, { common, depth, initial });
}

interface Parts {
  readonly common: Common;
  readonly depth: number;
  readonly initial: string;
}

function simple(schema: Schema, { common, depth, initial }: Parts): Field {
  const { type } = schema;
  if (type === "string") return { ...common, kind: "text", long: (numberIn(schema.maxLength) ?? 0) > LONG, initial };
  if (type === "number" || type === "integer")
    return { ...common, kind: "number", whole: type === "integer", ...bounds(schema), initial };
  if (type === "boolean") return { ...common, kind: "flag", initial };
  if (type === "array") return listOf(schema, { common, depth, initial });
  const isGroup = type === "object" && depth < MAX_DEPTH && isPlainObject(schema.properties);
  return isGroup ? { ...common, kind: "group", fields: fieldsOf(schema, depth) } : { ...common, kind: "json", initial };
}

function fieldsOf({ properties, required }: Schema, depth: number): Field[] {
  const needed = new Set(Array.isArray(required) ? required : []);
  return Object.entries(properties as object).map(([name, schema]) =>
    made(schema, { name, required: needed.has(name), depth: depth + 1 }),
  );
}

function listOf({ items }: Schema, { common, depth, initial }: Parts): Field {
  const item = made(items, { name: "", required: true, depth: depth + 1 });
  const showable = depth < MAX_DEPTH && item.kind !== "json" && item.kind !== "list" && initial === "";
  return showable ? { ...common, kind: "list", item } : { ...common, kind: "json", initial };
}

function bounds({ minimum, maximum }: Schema) {
  const [min, max] = [numberIn(minimum), numberIn(maximum)];
  // The largest safe integer is no bound that a person wants to read.
  const says = max !== undefined && max < Number.MAX_SAFE_INTEGER;
  return { ...(min === undefined ? {} : { min }), ...(says ? { max } : {}) };
}

const text = (value: unknown) => (typeof value === "string" && value !== "" ? value : undefined);
const numberIn = (value: unknown) => (typeof value === "number" ? value : undefined);
const asText = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));
const isPlainObject = (value: unknown) => typeof value === "object" && value !== null && !Array.isArray(value);

/** `customer_id`, `customerId` → `Customer id`. */
export function titleOf(name: string): string {
  const words = name
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replaceAll(/[_-]+/g, " ")
    .toLowerCase();
  return capital(words);
}

/** What a form shows before anything is typed: defaults, and one item of a list that must have one. */
export function initialDraft(field: Field): Draft {
  switch (field.kind) {
    case "group":
      return Object.fromEntries(field.fields.map((inner) => [inner.name, initialDraft(inner)]));
    case "list":
      return field.required ? [initialDraft(field.item)] : [];
    case "text":
    case "number":
    case "flag":
    case "choice":
    case "json":
      return field.initial;
  }
}

/** A value as a draft, for an input that is edited. What the form has no field for is lost. */
export function formValueOf(field: Field, value: unknown): Draft {
  if (field.kind === "group") {
    const given = new Map(isPlainObject(value) ? Object.entries(value as object) : []);
    return Object.fromEntries(field.fields.map((inner) => [inner.name, formValueOf(inner, given.get(inner.name))]));
  }
  if (field.kind === "list") return Array.isArray(value) ? value.map((item) => formValueOf(field.item, item)) : [];
  if (value === undefined) return "";
  return field.kind === "json" ? JSON.stringify(value, null, 2) : asText(value);
}

/** The value that was typed, or what is wrong with it by the paths of the fields. */
export function readDraft(field: Field, draft: Draft): Read {
  const faults = new Map<string, string>();
  const value = read(field, draft, { path: field.name, faults });
  return { value, faults };
}

interface Reading {
  readonly path: string;
  readonly faults: Map<string, string>;
}

function read(field: Field, draft: Draft | undefined, { path, faults }: Reading): Json | undefined {
  if (field.kind === "group") return readGroup(field, draft, { path, faults });
  if (field.kind === "list") {
    const items = Array.isArray(draft) ? draft : [];
    if (items.length === 0 && !field.required) return undefined;
    return items.map((item, at) => read(field.item, item, { path: `${path}.${at}`, faults }) ?? null);
  }
  const typed = typeof draft === "string" ? draft : "";
  if (typed.trim() === "") {
    if (field.required) faults.set(path, "This field is required.");
    return undefined;
  }
  return readText(field, typed, { path, faults });
}

function readGroup(
  { fields, required }: Extract<Field, { kind: "group" }>,
  draft: Draft | undefined,
  { path, faults }: Reading,
): Json | undefined {
  const given = new Map(isPlainObject(draft) ? Object.entries(draft as { readonly [name: string]: Draft }) : []);
  const found = new Map<string, string>();
  const entries = fields.flatMap((inner) => {
    const value = read(inner, given.get(inner.name), { path: joined(path, inner.name), faults: found });
    return value === undefined ? [] : [[inner.name, value] as const];
  });
  // Nothing was typed into a group that may be left out.
  if (entries.length === 0 && !required) return undefined;
  for (const [at, fault] of found) faults.set(at, fault);
  return Object.fromEntries(entries);
}

const joined = (path: string, name: string) => (path === "" ? name : `${path}.${name}`);

function readText(
  field: Exclude<Field, { kind: "group" | "list" }>,
  typed: string,
  { path, faults }: Reading,
): Json | undefined {
  switch (field.kind) {
    case "text":
    case "choice":
      return typed;
    case "flag":
      return typed === "true";
    case "number": {
      const value = Number(typed);
      const fault = faultOfNumber(field, value);
      if (fault !== undefined) faults.set(path, fault);
      return value;
    }
    case "json":
      try {
        return JSON.parse(typed);
      } catch (error) {
        faults.set(path, `This is no JSON: ${error instanceof Error ? error.message : error}`);
        return undefined;
      }
  }
}

function faultOfNumber({ whole, min, max }: Extract<Field, { kind: "number" }>, value: number): string | undefined {
  if (!Number.isFinite(value)) return "This must be a number.";
  if (whole && !Number.isInteger(value)) return "This must be a whole number.";
  if (min !== undefined && value < min) return `This must be at least ${min}.`;
  if (max !== undefined && value > max) return `This must be at most ${max}.`;
  return undefined;
}
