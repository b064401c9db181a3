/**
 * A value that user code hands in, as the JSON text that the log keeps. The one place that says what JSON cannot carry and
 * what is too large. What it answers is a value: its callers turn a refusal into the error of their verb.
 *
 * - Nothing changes in silence: what the text would not give back is refused with its path. Two things are said by the
 *   type `Jsonify` instead: an object with `toJSON` (a Date, a URL) is stored as what that gives, and a property that is
 *   `undefined` is left out. `undefined` as the whole value is `null`, and -0 is 0.
 * - It never throws, no matter what value it is handed: getters, proxies and circles are refused like everything else. Each
 *   part of a value is read once, so that what was looked at is what is stored.
 * - The work is bounded by the limits and not by the value: it stops where the text would be too long.
 */
import type { Json } from "./json.ts";

/** One value: an input, a result, a payload. */
export const MAX_VALUE_BYTES = 1_500_000;
/** A row of the log, whole (1.5 MiB): a value with all that is said of it. The platform takes 2 MB, seal and columns included. */
export const MAX_ROW_BYTES = 1_572_864;
/** Deeper values are refused, as those of HTTP bodies are at their own limit: readers of the log walk them by recursion. */
export const MAX_DEPTH = 500;

/** The path is dotted (`items.3.price`), empty for the value itself. `detail` names both and is complete without them. */
export type JsonText =
  | { readonly ok: true; readonly text: string }
  | {
      readonly ok: false;
      readonly code: "value_not_json" | "value_too_large";
      readonly path: string;
      readonly detail: string;
    };

/** `what` begins the sentence of a refusal: `the result of "charge"`. */
export function jsonText(value: unknown, what: string, maxBytes = MAX_VALUE_BYTES): JsonText {
  if (value === undefined) return { ok: true, text: "null" };
  const copy = new Copy(maxBytes);
  try {
    const text = JSON.stringify(copy.of(value));
    return fitsBytes(text, maxBytes) ? { ok: true, text } : tooLarge(what, maxBytes, `${utf8Bytes(text)}`);
  } catch (thrown) {
    if (thrown === TOO_LONG) return tooLarge(what, maxBytes, `more than ${maxBytes}`);
    const path = copy.path.join(".");
    const message = thrown instanceof NotJson ? thrown.message : "threw when it was read";
    const detail = `${what} is no JSON: ${path === "" ? "it" : `"${path}"`} ${message}`;
    return { ok: false, code: "value_not_json", path, detail };
  }
}

function tooLarge(what: string, maxBytes: number, bytes: string): JsonText {
  const detail = `${what} has ${bytes} bytes; at most ${maxBytes} are stored: keep it elsewhere and store where it is`;
  return { ok: false, code: "value_too_large", path: "", detail };
}

/** True when the text has at most so many bytes in UTF-8. A character is at most three: short texts are known as short. */
export function fitsBytes(text: string, maxBytes: number): boolean {
  return text.length * 3 <= maxBytes || utf8Bytes(text) <= maxBytes;
}

/** Bytes of the text in UTF-8; a lone half of a surrogate pair is written as U+FFFD, three bytes. */
export function utf8Bytes(text: string): number {
  let bytes = text.length;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code < 0x80) continue;
    bytes += code < 0x800 ? 1 : 2;
    const isPair = code >= 0xd800 && code < 0xdc00 && (text.charCodeAt(index + 1) & 0xfc00) === 0xdc00;
    // Four bytes for two code units: the second one is counted here.
    if (isPair) index += 1;
  }
  return bytes;
}

/** Thrown inside this file only. */
class NotJson {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}
const TOO_LONG = Symbol("too long");

type ToJson = (this: object, key: string) => unknown;

/** Copies a value part by part, and knows where it is. */
class Copy {
  readonly path: (string | number)[] = [];
  /** The objects around the present part: one that holds itself is refused, one that stands twice is not. */
  readonly #around = new Set<object>();
  /** Characters that the text needs at least; more than the limit is known before the text is made. */
  #room: number;

  constructor(room: number) {
    this.#room = room;
  }

  /** `form`: it is what `toJSON` gave, which is asked once. */
  of(value: unknown, form = false): Json {
    this.#room -= typeof value === "string" ? value.length + 2 : 1;
    if (this.#room < 0) throw TOO_LONG;
    if (value === null || typeof value === "string" || typeof value === "boolean") return value;
    if (typeof value === "number") return finite(value);
    if (typeof value === "object") return this.#ofObject(value, form);
    throw new NotJson(value === undefined ? "is undefined: use null" : `is a ${typeof value}: ${INSTEAD}`);
  }

  #ofObject(value: object, form: boolean): Json {
    if (this.#around.has(value)) throw new NotJson("holds itself: a circular value has no text");
    if (this.#around.size >= MAX_DEPTH) throw new NotJson(`is nested deeper than ${MAX_DEPTH} levels`);
    const toJSON: unknown = form ? undefined : (value as { readonly toJSON?: unknown }).toJSON;
    if (typeof toJSON === "function") return this.of(this.#formOf(value, toJSON as ToJson), true);
    this.#around.add(value);
    const copy = this.#inside(value);
    this.#around.delete(value);
    return copy;
  }

  #formOf(value: object, toJSON: ToJson): unknown {
    const form = toJSON.call(value, String(this.path.at(-1) ?? ""));
    if (value instanceof Date && form === null) throw new NotJson("is an invalid Date");
    return form;
  }

  #inside(value: object): Json {
    if (Array.isArray(value)) return this.#ofArray(value);
    if (!isPlain(value)) throw new NotJson(`is a ${classOf(value)}: ${INSTEAD}`);
    return this.#ofFields(value as Readonly<Record<string, unknown>>);
  }

  #ofArray(list: readonly unknown[]): Json[] {
    if (Object.getPrototypeOf(list) !== Array.prototype) throw new NotJson(`is a ${classOf(list)}: use a plain array`);
    const { length } = list;
    // A hole of a sparse array reads as undefined; a long one ends at its first.
    const copy: Json[] = [];
    for (let index = 0; index < length; index += 1) {
      this.path.push(index);
      copy.push(this.of(list[index]));
      this.path.pop();
    }
    if (Reflect.ownKeys(list).length !== length + 1) throw new NotJson("is an array with named properties");
    return copy;
  }

  #ofFields(fields: Readonly<Record<string, unknown>>): Json {
    const copy: Record<string, Json> = {};
    for (const key of Object.keys(fields)) {
      this.path.push(key);
      const field = fields[key];
      if (field !== undefined) {
        this.#room -= key.length + 3;
        put(copy, key, this.of(field));
      }
      this.path.pop();
    }
    const symbol = Object.getOwnPropertySymbols(fields)[0];
    if (symbol) throw new NotJson(`has the key ${String(symbol)}: keys must be texts`);
    return copy;
  }
}

const INSTEAD = "store plain objects, arrays, texts, finite numbers, booleans and null";

function finite(value: number): number {
  if (Number.isFinite(value)) return value === 0 ? 0 : value;
  throw new NotJson(`is ${value}: numbers must be finite`);
}

/** Also one of another realm, or without a prototype. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null || Object.getPrototypeOf(prototype) === null;
}

function classOf(value: object): string {
  const made: unknown = (value as { readonly constructor?: unknown }).constructor;
  return (typeof made === "function" && made.name) || "object of a class";
}

/** An assignment to `__proto__` would set the prototype. */
function put(copy: Record<string, Json>, key: string, value: Json): void {
  if (key !== "__proto__") copy[key] = value;
  else Object.defineProperty(copy, key, { value, enumerable: true, configurable: true, writable: true });
}
