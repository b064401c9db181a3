/**
 * Personal data in what readers and logs see: e-mail addresses become `a***@e***.com`, phone numbers `+49 *** **56`.
 * Strings, keys and values; numbers only in a field that is named after a phone. A masked text stays as it is when it is
 * masked again. Written forms that the tables of its test list as misses are not found: this is a help for people who
 * look on, not a boundary.
 *
 * - Data is masked for viewers alone: callers with a key that was made with `masked: true`. Every other caller reads
 *   the caller's own data as it is.
 * - Our own ids and names are never touched, because readers go on with them; inside a user's own JSON nothing is
 *   an id of ours. In logs nothing is exempt.
 * - A digest of what is masked is left out: who knows the rest of a text would find a number out by trying.
 */
import type { Principal } from "../../domain/execution/principal.ts";
import { marked } from "../../domain/values/marked.ts";
import { OPAQUE } from "../wire.ts";
import { maskEmailAddresses } from "./mask/email-addresses.ts";
import { namesPhone } from "./mask/phone-fields.ts";
import { maskPhoneField, maskPhoneNumbers } from "./mask/phone-numbers.ts";

export function seesPersonalData({ masked }: Principal): boolean {
  return masked !== true;
}

export function maskPersonalData(text: string): string {
  if (!MAY_HOLD_SOME.test(text)) return text;
  return maskPhoneNumbers(maskEmailAddresses(text));
}

/** A body or a frame of ours, as a reader gets it who does not see personal data. */
export function maskBody(body: unknown): unknown {
  return masked(body, "ours");
}

/** Any JSON of a user's, and every entry of the log. */
export function maskDeep(value: unknown): unknown {
  return masked(value, "theirs");
}

/** `phone`: a user's JSON below a field that is named after one. */
type Whose = "ours" | "theirs" | "phone";

/** Matches an `@`, or seven digits with a few characters between them: a cheap test that spares most texts the search. */
const MAY_HOLD_SOME = /@|＠|%40|(?:\p{Nd}[^\p{Nd}]{0,4}){7}/u;
/** Fields that hold a user's JSON; `data` of an event is ours. */
const THEIRS = new Set([
  ...OPAQUE,
  ...[
    "result",
    "error_details",
    "item",
    "file",
    "content",
    "messages",
    "run_metadata",
    "result_data",
    "output_data",
    "inputs",
  ],
]);
const NAMES = new Set([
  "target",
  "latest_target",
  "id",
  "from",
  "restarted_from",
  "restarted_as",
  "reused_from",
  "begun_in",
  "follows",
  "token",
  "next_cursor",
  "signal",
  "type",
  "status",
]);
const LEFT_OUT = "***";

function masked(value: unknown, whose: Whose): unknown {
  if (typeof value === "string") return (whose === "phone" && maskPhoneField(value)) || maskPersonalData(value);
  if (typeof value === "number") return (whose === "phone" && maskPhoneField(String(value))) || value;
  if (Array.isArray(value)) return value.map((item) => masked(item, whose));
  if (value === null || typeof value !== "object") return value;
  return whose === "ours" ? maskedOurs(value) : maskedTheirs(value, whose);
}

function maskedOurs(value: object): unknown {
  const isEvent = "seq" in value && "actor" in value;
  const fields = Object.entries(value).map(([name, field]) => {
    if (typeof field === "string") return [name, maskedText(name, field)];
    if (name.endsWith("_ids") || name === "execution_sequence") return [name, field];
    return [name, masked(field, THEIRS.has(name) && !(isEvent && name === "data") ? "theirs" : "ours")];
  });
  return Object.fromEntries(fields);
}

function maskedText(name: string, text: string): string {
  if (isName(name)) return text;
  return /(?:^|_)digest$/.test(name) ? LEFT_OUT : maskPersonalData(text);
}

function isName(field: string): boolean {
  return field.endsWith("_id") || NAMES.has(field);
}

/** Two keys may look alike once masked: the second one is numbered, so that no field is lost. */
function maskedTheirs(value: object, whose: Whose): unknown {
  const fields: [string, unknown][] = [];
  const taken = new Set<string>();
  const next = new Map<string, number>();
  for (const [name, field] of Object.entries(value)) {
    const key = freeKey((whose === "phone" && maskPhoneField(name)) || maskPersonalData(name), taken, next);
    taken.add(marked(key));
    fields.push([key, whose === "phone" || namesPhone(name) ? masked(field, "phone") : masked(field, "theirs")]);
  }
  return Object.fromEntries(fields);
}

/** `next` keeps where the numbers of each key go on: eight thousand keys that look alike are numbered in one pass. */
function freeKey(shown: string, taken: ReadonlySet<string>, next: Map<string, number>): string {
  const mark = marked(shown);
  if (!taken.has(mark)) return shown;
  let nth = next.get(mark) ?? 2;
  while (taken.has(`${mark} (${nth})`)) nth += 1;
  next.set(mark, nth + 1);
  return `${shown} (${nth})`;
}
