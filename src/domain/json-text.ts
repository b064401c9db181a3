/**
 * A value that user code hands in, as the JSON text that the log keeps. The one place that says what JSON cannot carry and
 * what is too large. What it answers is a value: its callers turn a refusal into the error of their verb.
 *
 * T1  Nothing changes in silence: what the text would not give back is refused with its path. Only a property that is
 *     `undefined` is left out, as everywhere in JSON; `undefined` itself is `null`.
 * T2  It never throws, whatever it is handed: getters, proxies and circles are refused like everything else.
 */

/** A row of the log, whole: the platform takes 2 MB, and the rest is room for the seal and the row's own columns. */
export const MAX_ROW_BYTES = 1_500_000;
/** Deeper values are refused, as those of HTTP bodies are at their own limit: readers of the log walk them by recursion. */
const MAX_DEPTH = 500;

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
export function jsonText(value: unknown, what: string, maxBytes = MAX_ROW_BYTES): JsonText {
  const found = textOrFault(value);
  if ("fault" in found) {
    const { path, message } = found.fault;
    const detail = `${what} is no JSON: ${path === "" ? "it" : `"${path}"`} ${message}`;
    return { ok: false, code: "value_not_json", path, detail };
  }
  const { text } = found;
  if (fitsBytes(text, maxBytes)) return { ok: true, text };
  const detail = `${what} has ${utf8Bytes(text)} bytes; at most ${maxBytes} are stored: keep it elsewhere and store where it is`;
  return { ok: false, code: "value_too_large", path: "", detail };
}

interface Fault {
  readonly path: string;
  readonly message: string;
}

function textOrFault(value: unknown): { readonly text: string } | { readonly fault: Fault } {
  const path: (string | number)[] = [];
  try {
    const message = faultOf(value, { path, above: new Set() });
    if (message !== undefined) return { fault: { path: path.join("."), message } };
    return { text: JSON.stringify(value) ?? "null" };
  } catch {
    return { fault: { path: path.join("."), message: "threw when it was read" } };
  }
}

interface Walk {
  /** Where the walk is; after a fault, where that was found. */
  readonly path: (string | number)[];
  readonly above: Set<object>;
}

function faultOf(value: unknown, walk: Walk): string | undefined {
  switch (typeof value) {
    case "string":
    case "boolean":
      return undefined;
    case "number":
      return Number.isFinite(value) ? undefined : `is ${value}, and JSON has finite numbers only`;
    case "undefined":
      return walk.path.length === 0 ? undefined : "is undefined: use null";
    case "bigint":
    case "function":
    case "symbol":
      return `is a ${typeof value}`;
    default:
      return value === null ? undefined : faultOfObject(value as object, walk);
  }
}

function faultOfObject(value: object, walk: Walk): string | undefined {
  if (walk.above.has(value)) return "contains itself";
  if (walk.above.size >= MAX_DEPTH) return `is nested deeper than ${MAX_DEPTH} levels`;
  const odd = Array.isArray(value) ? undefined : faultOfKind(value);
  if (odd !== undefined) return odd;
  walk.above.add(value);
  const fault = Array.isArray(value) ? faultInArray(value, walk) : faultInFields(value, walk);
  walk.above.delete(value);
  return fault;
}

/** Objects of classes come back as plain ones, or as nothing at all (Map, Error). */
function faultOfKind(value: object): string | undefined {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (typeof (value as { toJSON?: unknown }).toJSON === "function")
    return `is ${nameOf(prototype)}: hand in its text or its fields`;
  if (prototype === null || prototype === Object.prototype) return undefined;
  // A plain object of another realm has a prototype of its own, without one above it.
  if (Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype as object, "hasOwnProperty"))
    return undefined;
  return `is ${nameOf(prototype)}: hand in a plain object or an array`;
}

function nameOf(prototype: unknown): string {
  const name: unknown = (prototype as { constructor?: { name?: unknown } } | null)?.constructor?.name;
  return typeof name === "string" && name !== "" && name !== "Object"
    ? `a ${name}`
    : "an object with methods of its own";
}

function faultInArray(value: readonly unknown[], walk: Walk): string | undefined {
  for (let index = 0; index < value.length; index += 1) {
    walk.path.push(index);
    const fault = faultOf(value[index], walk);
    if (fault !== undefined) return fault;
    walk.path.pop();
  }
  return undefined;
}

function faultInFields(value: object, walk: Walk): string | undefined {
  for (const key of Object.keys(value)) {
    walk.path.push(key);
    const field: unknown = (value as Record<string, unknown>)[key];
    const fault = field === undefined ? undefined : faultOf(field, walk);
    if (fault !== undefined) return fault;
    walk.path.pop();
  }
  return undefined;
}

/** A UTF-16 unit is at most three bytes: short texts need no counting. */
export function fitsBytes(text: string, maxBytes: number): boolean {
  return text.length * 3 <= maxBytes || (text.length <= maxBytes && utf8Bytes(text) <= maxBytes);
}

/** Bytes of a text in UTF-8. Counted here because `domain` knows no `TextEncoder`. */
export function utf8Bytes(text: string): number {
  let bytes = text.length;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit < 0x80) continue;
    // Both halves of a pair count two: four bytes in all. A lone half is written as a replacement of three.
    bytes += unit < 0x800 || isHalfOfPair(text, index, unit) ? 1 : 2;
  }
  return bytes;
}

function isHalfOfPair(text: string, index: number, unit: number): boolean {
  if (unit >= 0xd800 && unit < 0xdc00) return isBetween(text.charCodeAt(index + 1), 0xdc00);
  return unit >= 0xdc00 && unit < 0xe000 && isBetween(text.charCodeAt(index - 1), 0xd800);
}

function isBetween(unit: number, from: number): boolean {
  return unit >= from && unit < from + 0x400;
}
