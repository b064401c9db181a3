/** One question of a program as the journal knows it: what was asked and how it ended. Values stay in their events. */
import { z } from "zod";
import { Json } from "../values/json.ts";
import type { Amount } from "./budget.ts";
import { NOTHING } from "./budget.ts";
import type { ErrorCode } from "./error-code.ts";
import { LoggedCode } from "./error-code.ts";

/** `step` computes; `effect`, `tool`, `turn` touch the outside; the others wait for something. */
export const EntryKind = z.enum(["step", "effect", "tool", "turn", "sleep", "signal", "value", "gate", "child"]);
export type EntryKind = z.infer<typeof EntryKind>;

/** Characters of a name that a program gives, and of the key that is made of it and of the branches around it. */
export const MAX_NAME = 500;
export const MAX_KEY = 1_000;

export const EntryError = z.object({
  code: LoggedCode,
  message: z.string(),
  details: Json.optional(),
});
export type EntryError = z.infer<typeof EntryError>;

/** An error of Errand's own: its code is one of the table. */
export function entryError(code: ErrorCode, message: string, details?: Json): EntryError {
  return { code, message, ...(details === undefined ? {} : { details }) };
}

export type Outcome = { readonly ok: true; readonly value: Json } | { readonly ok: false; readonly error: EntryError };

export type EntryStatus = "open" | "backing_off" | "in_doubt" | "done";

export interface Entry {
  readonly key: string;
  readonly kind: EntryKind;
  readonly name: string;
  readonly digest?: string | undefined;
  readonly startedSeq: number;
  readonly status: EntryStatus;
  /** Tries begun so far, the present one included; starts at 1. */
  readonly attempt: number;
  /** Tries that ended badly; one that a crash interrupted is none of them. Absent for none. */
  readonly failures?: number;
  /** Of a finished one: whether it brought a value. */
  readonly ok?: boolean;
  readonly errorCode?: string;
  readonly doneSeq?: number;
  /** The event that holds what it ended with, where that is not the one that ended it. */
  readonly valueSeq?: number;
  /** Of a signal that was taken: how much it holds. */
  readonly signalBytes?: number;
  /** What the clock or the dice said: a number is no more than its place in the log. */
  readonly value?: number;
  readonly retryAtMs?: number;
  readonly wakeAtMs?: number;
  readonly signal?: string;
  readonly childId?: string;
  readonly childWaiting?: boolean;
  /** Where in the child's log it was so. */
  readonly childSeq?: number;
  readonly gateId?: string;
  /** A child that came by itself, an approval that the outside asked for: no program waits for it. */
  readonly adopted?: boolean;
  readonly idempotent?: boolean;
  /** Reserved now for a turn, or granted so far to a child. */
  readonly reserve: Amount;
  /** A person answered an effect in doubt with "retry", or its probe said that the last try never happened. */
  readonly retryGranted?: boolean;
  /** Its last try was given up, and whether it reached the outside is not known. */
  readonly timedOut?: boolean;
  /** Its probe is being asked. */
  readonly probing?: boolean;
  /** It lost a race: the program does not wait for it. One that touches the outside, or a child, stays open until its end is known. */
  readonly withdrawn?: boolean;
  /** The execution that did it: its result was taken over. */
  readonly reusedFrom?: string;
  /** The execution that began it and never heard of its end: the outside may know it by that one's key. */
  readonly begunIn?: string;
}

interface Link {
  readonly seq: number;
  readonly childId: string;
  readonly target: string;
}

/** Adds a child that only has its place beneath us: nothing is waited for, and nothing is paid. */
export function linkChild(
  { entries, keyOfChild }: { readonly entries: Map<string, Entry>; readonly keyOfChild: Map<string, string> },
  { seq, childId, target: name }: Link,
): void {
  const key = `linked:${childId}`;
  const rest = { startedSeq: seq, status: "done", attempt: 1, reserve: NOTHING } as const;
  keyOfChild.set(childId, key);
  entries.set(key, { key, kind: "child", name, childId, adopted: true, ...rest });
}

const OUTSIDE: readonly EntryKind[] = ["effect", "tool", "turn", "child"];

/** A loser that touches the outside, or a child, ends when its end is known. All others end with their race. */
export function outlivesItsRace({ kind, status }: Pick<Entry, "kind" | "status">): boolean {
  return OUTSIDE.includes(kind) && (status === "open" || status === "in_doubt");
}

/** How an entry ended, without its value. */
export type End = Pick<Entry, "ok" | "errorCode" | "valueSeq" | "value" | "signalBytes">;

export function endOf(outcome: Outcome): End {
  return outcome.ok ? { ok: true } : { ok: false, errorCode: outcome.error.code };
}
