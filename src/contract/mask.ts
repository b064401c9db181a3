/**
 * Personal data in what readers and logs see: e-mail addresses become `a***@e***.com`, phone numbers `+49 *** **56`.
 * Strings only, keys and values; a masked text stays as it is when it is masked again.
 *
 * M1  Whoever decides sees what is decided: a caller with the scope `approve` (`admin` implies it) reads everything.
 * M2  Our own ids and names are never touched, because readers go on with them; inside a user's own JSON nothing is
 *     an id of ours. In logs nothing is exempt.
 */
import type { Caller } from "../domain/caller.ts";
import { hasScope } from "../domain/caller.ts";
import { maskEmailAddresses } from "./mask/email-addresses.ts";
import { maskPhoneField, maskPhoneNumbers } from "./mask/phone-numbers.ts";
import { OPAQUE } from "./wire.ts";

export function seesPersonalData(caller: Caller): boolean {
  return hasScope(caller, "approve");
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

type Whose = "ours" | "theirs";

/** An `@`, or seven digits in whatever is written between them: a cheap look that spares most texts the search. */
const MAY_HOLD_SOME = /@|＠|%40|(?:\p{Nd}[^\p{Nd}]{0,4}){7}/u;
/** Fields that hold a user's JSON; `data` of an event is ours. */
const THEIRS = new Set([...OPAQUE, "result", "error_details", "item", "file", "content", "messages"]);
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
  "payload_digest",
  "signal",
  "type",
  "status",
]);
const PHONE_WORDS = new Set(
  "phone telephone telefon tel mobile mobil cell cellphone handy fax whatsapp msisdn".split(" "),
);
const PHONE_ENDINGS = new Set(["number", "no", "nr", "num", "numbers", "phones", ...PHONE_WORDS]);

function masked(value: unknown, whose: Whose): unknown {
  if (typeof value === "string") return maskPersonalData(value);
  if (Array.isArray(value)) return value.map((item) => masked(item, whose));
  if (value === null || typeof value !== "object") return value;
  return whose === "ours" ? maskedOurs(value) : maskedTheirs(value);
}

function maskedOurs(value: object): unknown {
  const isEvent = "seq" in value && "actor" in value;
  const fields = Object.entries(value).map(([name, field]) => {
    if (typeof field === "string") return [name, isName(name) ? field : maskPersonalData(field)];
    return [name, masked(field, THEIRS.has(name) && !(isEvent && name === "data") ? "theirs" : "ours")];
  });
  return Object.fromEntries(fields);
}

function isName(field: string): boolean {
  return field.endsWith("_id") || NAMES.has(field);
}

/** Two keys may look alike once masked: the second one is numbered, so that no field is lost. */
function maskedTheirs(value: object): unknown {
  const fields = new Map<string, unknown>();
  for (const [name, field] of Object.entries(value)) {
    const shown = maskPersonalData(name);
    let key = shown;
    for (let nth = 2; fields.has(key); nth += 1) key = `${shown} (${nth})`;
    const phone = typeof field === "string" && namesPhone(name) ? maskPhoneField(field) : undefined;
    fields.set(key, phone ?? masked(field, "theirs"));
  }
  return Object.fromEntries(fields);
}

/** `phone`, `mobileNumber`, `contact_tel`; not `phone_id`, not `telemetry`. */
function namesPhone(name: string): boolean {
  const words = name
    .replaceAll(/([a-z])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z]+/);
  return PHONE_ENDINGS.has(words.at(-1) ?? "") && words.some((word) => PHONE_WORDS.has(word) || word === "phonenumber");
}
