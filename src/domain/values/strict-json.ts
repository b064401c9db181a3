/**
 * JSON as callers and models send it, held to RFC 7493 (I-JSON): a text that two programs could read differently is refused,
 * and the refusal names the field. `JSON.parse` alone takes the last of two equal keys and rounds large integers in silence.
 *
 * - Judged by its tokens before anything is built: a text of brackets costs nothing.
 * - A text that is no JSON at all is left to `JSON.parse` to refuse.
 */
import { createScanner, visit } from "jsonc-parser";
import { CrowdedKeys, MAX_CROWDED_KEYS } from "./crowded-keys.ts";
import type { FieldError, Result } from "./fault.ts";
import { accept, refuse } from "./fault.ts";
import type { Json } from "./json.ts";
import { marked } from "./marked.ts";

const MAX_DEPTH = 64;
const CROWDED =
  `is one of more than ${MAX_CROWDED_KEYS} keys of one object that are whole numbers and differ by multiples of 65,536: ` +
  "put a letter before each";

/** The library's kinds of tokens that matter here; its own enum is erased before it runs. */
const OPEN_OBJECT = 1;
const CLOSE_OBJECT = 2;
const OPEN_ARRAY = 3;
const CLOSE_ARRAY = 4;
const COMMA = 5;
const STRING = 10;
const NUMBER = 11;
const END = 17;

/** An object (which knows its keys) or an array that is being read. */
interface Level {
  /** Each marked. */
  readonly keys: Set<string> | undefined;
  crowd: CrowdedKeys | undefined;
  /** The key or the index that is being read. */
  at: string | number;
  expectsKey: boolean;
}

export function parseStrictJson(text: string): Result<unknown> {
  const fault = firstFault(text);
  if (fault) return refuse("invalid_input", `${fault.path || "body"}: ${fault.message}`, [fault]);
  try {
    return accept(JSON.parse(text));
  } catch {
    return refuse("invalid_json", `the body is no JSON object: it stops parsing ${placeOfError(text)}`);
  }
}

const STOP = new Error("the first error says enough");
const SHOWN = 20;

/**
 * Where a text ends to be JSON, with what stands there. Stops at the first error: behind it a text may nest deeper than the
 * tokens before it say.
 */
function placeOfError(text: string): string {
  let at = text.length;
  try {
    visit(text, { onError: stop }, { disallowComments: true, allowTrailingComma: false });
  } catch (error) {
    if (error !== STOP) throw error;
  }
  function stop(_code: number, offset: number): never {
    at = offset;
    throw STOP;
  }
  const before = text.slice(0, at).split("\n");
  const place = `at line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
  return at >= text.trimEnd().length
    ? `${place}, where it ends`
    : `${place}, at ${JSON.stringify(text.slice(at, at + SHOWN))}`;
}

/** A text of a model. `isJson` tells a text that parses and is refused from one that is no JSON at all, as prose is. */
export type ModelJson =
  | { readonly ok: true; readonly value: Json }
  | { readonly ok: false; readonly isJson: boolean; readonly reason: string };

/** What a model wrote, by the rules of HTTP bodies. `reason` is for the model: what is wrong, and where. */
export function readModelJson(text: string): ModelJson {
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch (error) {
    return { ok: false, isJson: false, reason: error instanceof Error ? error.message : String(error) };
  }
  const fault = firstFault(text);
  if (!fault) return { ok: true, value };
  const subject = fault.path === "" ? "the value" : `"${fault.path}"`;
  return { ok: false, isJson: true, reason: `${subject} ${fault.message}` };
}

function firstFault(text: string): FieldError | undefined {
  const scanner = createScanner(text, true);
  const levels: Level[] = [];
  for (let kind: number = scanner.scan(); kind !== END; kind = scanner.scan()) {
    const message =
      kind === STRING || kind === NUMBER
        ? faultOfValue(kind, scanner.getTokenValue(), levels)
        : faultOfMark(kind, levels);
    if (message !== undefined) return { path: levels.map(({ at }) => at).join("."), message };
  }
  return undefined;
}

function faultOfMark(kind: number, levels: Level[]): string | undefined {
  if (kind === CLOSE_OBJECT || kind === CLOSE_ARRAY) levels.pop();
  if (kind === OPEN_OBJECT || kind === OPEN_ARRAY) {
    if (levels.length >= MAX_DEPTH) return `is nested deeper than ${MAX_DEPTH} levels`;
    const isObject = kind === OPEN_OBJECT;
    levels.push({
      keys: isObject ? new Set() : undefined,
      crowd: undefined,
      at: isObject ? "" : 0,
      expectsKey: isObject,
    });
  }
  const level = levels.at(-1);
  if (kind !== COMMA || !level) return undefined;
  if (typeof level.at === "number") level.at += 1;
  else level.expectsKey = true;
  return undefined;
}

function faultOfValue(kind: number, text: string, levels: readonly Level[]): string | undefined {
  if (kind === NUMBER) return faultOfNumber(text);
  const level = levels.at(-1);
  if (!level?.keys || !level.expectsKey) return faultOfString(text);
  level.expectsKey = false;
  level.at = text;
  if (text === "__proto__") return "is a key that no object may have";
  // The other way to an object's prototype.
  if (text === "prototype" && levels.at(-2)?.at === "constructor") return "is a key that no object may have";
  const key = marked(text);
  if (level.keys.has(key)) return "is there twice, and only one of them could count";
  level.keys.add(key);
  if (level.keys.size > MAX_CROWDED_KEYS && isCrowded(level, text)) return CROWDED;
  return faultOfString(text);
}

/** Small objects are not counted: the keys before the first that is looked at are few. */
function isCrowded(level: Level, key: string): boolean {
  level.crowd ??= new CrowdedKeys();
  return level.crowd.add(key);
}

function faultOfString(text: string): string | undefined {
  return text.isWellFormed() ? undefined : "holds half of a surrogate pair, which is no character";
}

function faultOfNumber(text: string): string | undefined {
  // A shorter number is exact, or rounded as every program rounds it.
  if (text.length < 16 && !/e/i.test(text)) return undefined;
  const value = Number(text);
  if (!Number.isFinite(value)) return "is a number larger than any that can be kept (1.8e308)";
  if (!/^-?\d+$/.test(text) || String(value) === text || BigInt(text) === BigInt(value)) return undefined;
  return "is an integer of more digits than are kept (2^53 - 1): it would be rounded, so send it as text";
}
