/**
 * An event as text. It is checked once, when it is appended; what the log holds is read back even if it does not fit.
 *
 * - What is appended fits its schema and its row, and is exactly what its text says. A refusal names the field.
 * - Reading refuses nothing: an event of an unknown type, or one whose data does not fit, keeps its place and means
 *   nothing to those who fold. Fields that newer code wrote stay in it.
 */

import * as z from "zod";
import type { Refusal, Result } from "../values/fault.ts";
import { accept, refuse } from "../values/fault.ts";
import { jsonText, MAX_ROW_BYTES } from "../values/json-text.ts";
import type { ErrorCode } from "./error-code.ts";
import type { Envelope, Event, EventType, NewEvent } from "./event.ts";
import { EVENT_DATA, isEventType } from "./event.ts";
import { Origin } from "./origin.ts";

/** An event that was appended. `event` is for those who fold: what it holds of other people's values is not copied. */
export interface Appended {
  readonly event: Event;
  readonly text: string;
}

type Data = z.ZodObject;
const EXACT = Object.fromEntries(
  Object.entries(EVENT_DATA).map(([type, schema]) => [type, (schema as Data).strict()]),
) as unknown as Readonly<Record<EventType, Data>>;

/** A row holds at least one event, in brackets. */
const MAX_EVENT_BYTES = MAX_ROW_BYTES - 2;

/** Codes of `appendable`: nothing was appended, and who brought the event hears why. */
const UNWRITABLE = ["invalid_value", "value_not_json", "value_too_large"] as const satisfies readonly ErrorCode[];

/** A refusal that the program hears as an error of what it asked for. */
export interface Unwritable extends Refusal {
  readonly code: (typeof UNWRITABLE)[number];
}

export function isUnwritable(answer: { readonly ok: true } | Refusal): answer is Unwritable {
  return !answer.ok && UNWRITABLE.some((code) => code === answer.code);
}

/** The event as its text, or what is wrong with it. Never throws. */
function appendable({ type, data }: NewEvent, envelope: Envelope): Result<Appended> {
  const parsed = EXACT[type].safeParse(data);
  if (!parsed.success) {
    const errors = parsed.error.issues.map(({ path, message }) => ({ path: path.join("."), message }));
    const [first] = errors;
    return refuse("invalid_value", `${first?.path || type}: ${first?.message ?? "does not fit"}`, errors);
  }
  const event = { ...envelope, type, data: parsed.data } as unknown as Event;
  const made = jsonText(event, `the event ${type}`, MAX_EVENT_BYTES);
  if (made.ok) return accept({ event, text: made.text });
  const path = made.path.replace(/^data\./, "");
  return refuse(made.code, made.detail, [{ path, message: made.detail }]);
}

/** All of them, from the number that the first one gets; a refusal when one does not fit. */
export function allAppendable(events: readonly NewEvent[], first: Envelope): Result<Appended[]> {
  const made: Appended[] = [];
  for (const event of events) {
    const one = appendable(event, { ...first, seq: first.seq + made.length });
    if (!one.ok) return one;
    made.push(one.value);
  }
  return accept(made);
}

const Stored = z.looseObject({
  seq: z.number().int().min(1),
  type: z.string(),
  atMs: z.number(),
  actor: z.string(),
  v: z.number().int(),
});

/** The type of an event that nothing can be made of. */
const UNREADABLE = "event.unreadable";

/** An event out of `JSON.parse`. `place` stands in for a number that it does not have. */
export function parseEvent(raw: unknown, place = 0): Event {
  const stored = Stored.safeParse(raw);
  if (!stored.success) return unreadable(raw, { seq: place, atMs: 0, actor: "unknown", v: 0 });
  const { seq, type, atMs, actor, v, data } = stored.data;
  if (!isEventType(type)) return raw as Event;
  const parsed = EVENT_DATA[type].safeParse(data);
  if (!parsed.success) return created(stored.data) ?? unreadable(raw, { seq, atMs, actor, v });
  return { ...stored.data, data: withUnknown(data, parsed.data) } as unknown as Event;
}

function unreadable(raw: unknown, envelope: Envelope): Event {
  return { ...envelope, type: UNREADABLE, data: { stored: raw ?? null } } as unknown as Event;
}

/** Without its first event an execution would have no owner: of that one everything is kept that can be. */
function created(raw: z.infer<typeof Stored>): Event | undefined {
  const data = Created.safeParse(raw.type === "execution.created" ? raw.data : undefined);
  if (!data.success) return undefined;
  const fields = new Map<string, z.ZodType>(Object.entries(Origin.shape));
  const kept = Object.entries(data.data.origin).filter(([name, value]) => fields.get(name)?.safeParse(value).success);
  const origin = { ...UNKNOWN_ORIGIN, ...Object.fromEntries(kept) };
  return { ...raw, data: { input: null, ...data.data, origin } } as unknown as Event;
}

const Created = z.looseObject({ origin: z.looseObject({ id: z.string(), tenant: z.string(), owner: z.string() }) });
const UNKNOWN_ORIGIN = {
  agent: "unknown",
  fn: "unknown",
  kind: "reasoner",
  version: "",
  runId: "unknown",
  owned: false,
  digest: "",
  limits: {},
  timeoutMs: 604_800_000,
};

/** What a schema made of a value, with the fields that it does not know. */
function withUnknown(raw: unknown, parsed: unknown): unknown {
  if (raw === parsed || !isObject(raw) || !isObject(parsed)) return parsed;
  if (Array.isArray(raw) && Array.isArray(parsed)) return parsed.map((item, index) => withUnknown(raw[index], item));
  const known = Object.entries(parsed).map(([name, field]): [string, unknown] => [name, withUnknown(raw[name], field)]);
  return { ...raw, ...Object.fromEntries(known) };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
