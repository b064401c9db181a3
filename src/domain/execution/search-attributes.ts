/**
 * Search attributes: a few typed facts of an execution by which lists find it. Set at the start and by its program; they are
 * no secrets, because the index holds them as they are.
 */
import * as z from "zod";

export const MOST_ATTRIBUTES = 8;

export const AttributeName = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_.-]{0,63}$/, "must be 1 to 64 letters, digits, _ . - and begin with a letter");
export const AttributeValue = z.union([
  z
    .string()
    .max(256)
    .regex(/^\P{Cc}*$/u, "must hold no control characters"),
  z.number(),
  z.boolean(),
]);
export type AttributeValue = z.infer<typeof AttributeValue>;

const count = (attributes: object) => Object.keys(attributes).length;
const TOO_MANY = `has more than ${MOST_ATTRIBUTES} names`;

export const SearchAttributes = z
  .record(AttributeName, AttributeValue)
  .refine((attributes) => count(attributes) <= MOST_ATTRIBUTES, TOO_MANY);
export type SearchAttributes = z.infer<typeof SearchAttributes>;

/** What a program sets: `null` takes a name away. */
export const AttributeChanges = z
  .record(AttributeName, AttributeValue.nullable())
  .refine((attributes) => count(attributes) <= MOST_ATTRIBUTES, TOO_MANY);
export type AttributeChanges = z.infer<typeof AttributeChanges>;

/** In the order in which they were set last; of more than eight the oldest go. */
export function withChanges(before: SearchAttributes = {}, changes: AttributeChanges): SearchAttributes {
  const kept = Object.entries(before).filter(([name]) => !Object.hasOwn(changes, name));
  const set = Object.entries(changes).flatMap(([name, value]) => (value === null ? [] : [[name, value] as const]));
  return Object.fromEntries([...kept, ...set].slice(-MOST_ATTRIBUTES));
}

/** One text for a name with a value of one type: what the index finds executions by. */
export function attributeText(name: string, value: AttributeValue): string {
  // Plus zero: minus zero is the same number.
  return `${name}=${JSON.stringify(typeof value === "number" ? value + 0 : value)}`;
}

/** The inverse of `attributeText`. */
export function attributeOf(text: string): readonly [name: string, value: AttributeValue] {
  const at = text.indexOf("=");
  return [text.slice(0, at), AttributeValue.parse(JSON.parse(text.slice(at + 1)))];
}

/** The runtime's own: of each execution that has a webhook. No name of a caller's begins so. */
export const WEBHOOK_REGISTERED = attributeText("$webhook", "registered");
/** Beside that one: its webhook did not take what it was told. */
export const WEBHOOK_FAILING = attributeText("$webhook", "failing");
/** Its end is told to a collector of traces, which does not have it yet. */
export const TRACE_DUE = attributeText("$trace", "due");
/** Of each run of a manifest that keeps a log. */
export const loggedRunOf = (agent: string): AttributeFilter & { readonly equals: string } => ({
  name: "$log",
  equals: agent,
});
export const isOwnName = (name: string): boolean => name.startsWith("$");

/** What a list is filtered by: the name has just this value, or one within these bounds, of the type of the bound. */
export interface AttributeFilter {
  readonly name: string;
  readonly equals?: AttributeValue;
  readonly bounds?: readonly AttributeBound[];
}
export interface AttributeBound {
  readonly op: "gt" | "gte" | "lt" | "lte";
  readonly value: string | number;
}
