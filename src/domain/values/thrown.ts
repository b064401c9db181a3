/**
 * What user code threw, of any type, as words and data that can be stored and shown: an error without a message, a
 * plain object, a proxy, `null`. Called by the engine wherever a try or a program ends badly.
 *
 * - Total: no function here throws, no matter what getters and proxies do.
 * - Bounded: texts, lists, depth and the whole. No stack goes in, and of an error no fields but its name, message, code,
 *   `cause` and `errors`: errors of libraries carry requests with their keys.
 */
import type { Json } from "./json.ts";

const MOST_MESSAGE = 2_000;
const MOST_TEXT = 1_000;
const MOST_FIELDS = 50;
const MOST_ITEMS = 20;
const MOST_DEPTH = 5;
/** Characters of all texts and keys together. */
const MOST_CHARACTERS = 8_000;
const MORE = "[…]";
const UNREADABLE = "[unreadable]";

type Class<T> = abstract new (...given: never[]) => T;

/** `instanceof` that answers about a revoked proxy too. */
export function isA<T>(thrown: unknown, type: Class<T>): thrown is T {
  try {
    return thrown instanceof type;
  } catch {
    return false;
  }
}

/** A sentence for people, never empty. */
export function messageOf(thrown: unknown): string {
  const text = isObject(thrown) ? messageOfObject(thrown) : messageOfPrimitive(thrown);
  return text.slice(0, MOST_MESSAGE);
}

/** What a message does not hold: the cause and the errors of an error, the fields of a plain object. */
export function detailsOf(thrown: unknown): Json | undefined {
  if (!isObject(thrown) || typeof thrown === "function") return undefined;
  const inspection = new Inspection();
  if (!isA(thrown, Error)) return inspection.of(thrown, 0);
  const inner = inspection.insideOf(thrown, 0);
  return Object.keys(inner).length === 0 ? undefined : inner;
}

/** Any value as JSON, in part: what JSON cannot carry becomes a text about it. */
export function inspected(value: unknown): Json {
  return new Inspection().of(value, 0);
}

/** A field of something that may be anything; `undefined` when it cannot be read. */
export function fieldOf(value: unknown, name: string): unknown {
  try {
    return isObject(value) ? (value as Readonly<Record<string, unknown>>)[name] : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is object {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}

function messageOfPrimitive(thrown: unknown): string {
  if (typeof thrown === "string") return thrown || "an empty text was thrown";
  return `${String(thrown)} was thrown`;
}

function messageOfObject(thrown: object): string {
  const message = fieldOf(thrown, "message");
  if (typeof message === "string" && message !== "") return message;
  if (isObject(message)) return JSON.stringify(inspected(message));
  if (typeof thrown === "function") return "a function was thrown";
  if (isA(thrown, Error)) return `${textOf(fieldOf(thrown, "name")) ?? "an error"} without a message`;
  const shown = JSON.stringify(inspected(thrown));
  return shown === JSON.stringify(UNREADABLE)
    ? "a value that cannot be read was thrown"
    : `an object was thrown: ${shown}`;
}

function read(value: object, key: string): unknown {
  try {
    return (value as Readonly<Record<string, unknown>>)[key];
  } catch {
    return UNREADABLE;
  }
}

const textOf = (value: unknown) => (typeof value === "string" && value !== "" ? value : undefined);

class Inspection {
  #room = MOST_CHARACTERS;
  readonly #around = new Set<object>();

  of(value: unknown, depth: number): Json {
    if (value === null || value === undefined) return null;
    if (typeof value === "boolean") return value;
    if (typeof value === "number" && Number.isFinite(value)) return value;
    if (!isObject(value)) return this.#text(typeof value === "bigint" ? `${value}n` : String(value));
    if (typeof value === "function") return "[function]";
    if (this.#around.has(value)) return "[circular]";
    if (depth >= MOST_DEPTH || this.#room <= 0) return MORE;
    this.#around.add(value);
    try {
      return this.#ofObject(value, depth);
    } catch {
      return UNREADABLE;
    } finally {
      this.#around.delete(value);
    }
  }

  #ofObject(value: object, depth: number): Json {
    if (Array.isArray(value)) return this.#items(value, depth);
    if (value instanceof Date) return this.#text(String(value.toJSON()));
    if (value instanceof Error) return this.#error(value, depth);
    const fields = new Map<string, Json>();
    const keys = Object.keys(value);
    for (const key of keys.slice(0, MOST_FIELDS)) {
      if (this.#room <= 0) break;
      const name = this.#text(key);
      const field = read(value, key);
      if (field !== undefined) fields.set(name, this.of(field, depth + 1));
    }
    if (keys.length > MOST_FIELDS) fields.set(MORE, `${keys.length - MOST_FIELDS} more`);
    return Object.fromEntries(fields);
  }

  #error(error: Error, depth: number): Json {
    const code = fieldOf(error, "code");
    return {
      name: this.#text(textOf(fieldOf(error, "name")) ?? "Error"),
      message: this.#text(textOf(fieldOf(error, "message")) ?? ""),
      ...(typeof code === "string" || typeof code === "number" ? { code: this.of(code, depth) } : {}),
      ...this.insideOf(error, depth),
    };
  }

  insideOf(error: Error, depth: number): { [key: string]: Json } {
    this.#around.add(error);
    const cause = fieldOf(error, "cause");
    const errors = fieldOf(error, "errors");
    return {
      ...(cause === undefined ? {} : { cause: this.of(cause, depth + 1) }),
      ...(errors === undefined ? {} : { errors: this.of(errors, depth + 1) }),
    };
  }

  #items(list: readonly unknown[], depth: number): Json[] {
    const items = list.slice(0, MOST_ITEMS).map((item) => this.of(item, depth + 1));
    return list.length > MOST_ITEMS ? [...items, `${list.length - MOST_ITEMS} more`] : items;
  }

  #text(text: string): string {
    const cut = text.slice(0, Math.min(MOST_TEXT, Math.max(0, this.#room)));
    this.#room -= cut.length + 1;
    return cut.length < text.length ? `${cut}…` : cut;
  }
}
