/** What is wrong with a value, in words for the person who sent it: the messages of zod's issues, and all of them in one line. */
import type { z } from "zod";
import type { FieldError } from "./fault.ts";

/** An instant as callers send it. */
const EXAMPLE_INSTANT = "2026-11-26T19:30:00Z";
/** So many fields are named in one line at most. */
const MOST_NAMED = 10;

/**
 * An error map for `safeParse`: a schema's own message wins over it, and what it has no words for keeps zod's. It says what
 * to send, and a field that is not there is "missing".
 */
export const issueWords: z.core.$ZodErrorMap = (issue) => {
  if (issue.input === undefined && issue.code !== "custom") return `is missing${wantedBy(issue)}`;
  switch (issue.code) {
    case "invalid_type":
      return `must be ${withArticle(issue.expected)}, not ${kindOf(issue.input)}`;
    case "too_big":
      return `must ${verbOf(issue.origin)} ${issue.inclusive === false ? "less than" : "at most"} ${issue.maximum}${unitOf(issue.origin, issue.maximum)}`;
    case "too_small":
      return `must ${verbOf(issue.origin)} ${issue.inclusive === false ? "more than" : "at least"} ${issue.minimum}${unitOf(issue.origin, issue.minimum)}`;
    case "invalid_value":
      return `must be ${issue.values.length > 1 ? "one of " : ""}${issue.values.map(String).join(", ")}`;
    case "invalid_format":
      return issue.format === "datetime" ? `must be an instant such as ${EXAMPLE_INSTANT}` : undefined;
    case "unrecognized_keys":
      return `has the unknown ${issue.keys.length === 1 ? "key" : "keys"} ${issue.keys.join(", ")}${takenBy(issue.inst)}`;
  }
  return undefined;
};

/** All of them, each with its field: `path: message; path: message`. */
export function inOneLine(errors: readonly FieldError[], whole = "body"): string {
  if (errors.length === 0) return `${whole}: does not fit`;
  const named = errors.slice(0, MOST_NAMED).map(({ path, message }) => `${path || whole}: ${message}`);
  const more = errors.length - named.length;
  return named.join("; ") + (more > 0 ? `; and ${more} more` : "");
}

function wantedBy(issue: z.core.$ZodRawIssue): string {
  if (issue.code === "invalid_type") return `: send ${withArticle(issue.expected)}`;
  if (issue.code === "invalid_value")
    return `: send ${issue.values.length > 1 ? "one of " : ""}${issue.values.map(String).join(", ")}`;
  return "";
}

const WORDS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    string: "a text",
    number: "a number",
    int: "a whole number",
    boolean: "true or false",
    object: "an object",
    record: "an object",
    array: "a list",
    tuple: "a list",
    null: "null",
  }),
);

function withArticle(expected: string): string {
  return WORDS.get(expected) ?? `a value of the type ${expected}`;
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  return WORDS.get(typeof value) ?? typeof value;
}

function verbOf(origin: string): string {
  return origin === "string" || origin === "array" || origin === "set" ? "have" : "be";
}

function unitOf(origin: string, count: number | bigint): string {
  const end = Number(count) === 1 ? "" : "s";
  if (origin === "string") return ` character${end}`;
  return origin === "array" || origin === "set" ? ` item${end}` : "";
}

/** Of an object that takes no other keys: those that it takes. */
function takenBy(schema: unknown): string {
  if (typeof schema !== "object" || schema === null || !("shape" in schema)) return "";
  return `; it takes ${Object.keys(schema.shape ?? {}).join(", ")}`;
}
