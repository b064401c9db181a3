/** One question of a program as the journal knows it: what was asked and how it ended. Values stay in their events. */

import * as z from "zod";
import { Json } from "../values/json.ts";
import type { Amount } from "./budget.ts";
import { NOTHING } from "./budget.ts";
import type { ErrorCode } from "./error-code.ts";
import { LoggedCode } from "./error-code.ts";
import type { StoredResult } from "./stored-result.ts";

/**
 * `step` computes; `effect`, `tool`, `turn` touch the outside; the others wait for something. `external`: an activity that is
 * handed to the outside once and finished from there.
 */
export const EntryKind = z.enum([
  "step",
  "effect",
  "tool",
  "turn",
  "sleep",
  "signal",
  "value",
  "gate",
  "child",
  "external",
]);
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

export type Outcome =
  /** `stored`: it is larger than a row, lies in the file store, and is `null` here. */
  | { readonly ok: true; readonly value: Json; readonly stored?: StoredResult | undefined }
  | { readonly ok: false; readonly error: EntryError };

export type EntryStatus = "open" | "backing_off" | "in_doubt" | "done";

/** What every entry has, whatever it asks for and however far it is. */
interface Asked {
  readonly key: string;
  readonly name: string;
  readonly digest?: string | undefined;
  readonly startedSeq: number;
  /** Tries begun so far, the present one included; starts at 1. */
  readonly attempt: number;
  /** Reserved now for a turn, or granted so far to a child. */
  readonly reserve: Amount;
  /** It lost a race: the program does not wait for it. One that touches the outside, or a child, stays open until its end is known. */
  readonly withdrawn?: boolean;
}

const WORK = ["step", "effect", "tool", "turn"] as const satisfies readonly EntryKind[];
/** Kinds of which tries are made in this process. */
export type WorkKind = (typeof WORK)[number];

export function isWork(kind: EntryKind): kind is WorkKind {
  return WORK.some((known) => known === kind);
}

interface Work extends Asked {
  readonly kind: WorkKind;
  /** Tries that ended badly; one that a crash interrupted is none of them. Absent for none. */
  readonly failures?: number;
  readonly idempotent?: boolean;
  /** The approval that asked a person what became of its last try. */
  readonly gateId?: string;
  /** The execution that began it and never heard of its end: the outside may know it by that one's key. */
  readonly begunIn?: string;
}
interface Sleep extends Asked {
  readonly kind: "sleep";
}
interface SignalWait extends Asked {
  readonly kind: "signal";
  readonly signal: string;
}
interface Value extends Asked {
  readonly kind: "value";
}
interface Approval extends Asked {
  readonly kind: "gate";
  readonly gateId: string;
  /** The outside asked for it: no program waits for it. */
  readonly adopted?: boolean;
}
interface Child extends Asked {
  readonly kind: "child";
  readonly childId: string;
  /** It came by itself: no program waits for it. */
  readonly adopted?: boolean;
  /** It said last that it waits for a person, and where in its own log it was so. */
  readonly childWaiting?: boolean;
  readonly childSeq?: number;
  /** Of what it has: so much was spent, as it said with its last draw. */
  readonly used?: Amount;
}

interface External extends Asked {
  readonly kind: "external";
  /** The ground of the tokens of its attempts. */
  readonly token: string;
  /** What it may take from its start, and until when that is; held time is added when that instant comes. */
  readonly timeoutMs: number;
  readonly untilMs: number;
  /** How long its execution had been held when `untilMs` was set. */
  readonly heldMs: number;
  readonly idempotent?: boolean;
  /** Requests that were proven not to have arrived. */
  readonly failures: number;
  /** Absent: this attempt was not sent, or is known not to have arrived. `sending`: it may have arrived. `accepted`: it did. */
  readonly sent?: "sending" | "accepted";
  /** Names the process of the receiver to which this attempt was sent; absent where that has no name. */
  readonly instance?: string;
  /** Another process has taken that one's place: it counts as lost when its timer fires. */
  readonly gone?: boolean;
  /** Digest of a result that is being put into the file store. */
  readonly storing?: string;
  /** The receiver says that it waits for a person. */
  readonly waits?: boolean;
  /** Until when that is believed without another word of it. */
  readonly waitsUntilMs?: number;
}

/** A person answered an effect in doubt with "retry", or its probe said that the last try never happened. */
interface MayRetry {
  readonly retryGranted?: boolean;
}
export type OpenWork = Work &
  (
    | (MayRetry & { readonly status: "open" /** Its probe is being asked. */; readonly probing?: boolean })
    | (MayRetry & {
        readonly status: "backing_off";
        readonly retryAtMs: number;
        /** Its last try was given up, and whether it reached the outside is not known. */
        readonly timedOut: boolean;
      })
    | { readonly status: "in_doubt"; readonly gateId: string }
  );
export function isOpenWork(entry: Entry): entry is OpenWork {
  return entry.status !== "done" && isWork(entry.kind);
}

type OpenWait = (Sleep | SignalWait | Approval | Child | External) & { readonly status: "open" };
export type OpenExternal = Extract<OpenWait, { kind: "external" }>;

export function isOpenExternal(entry: Entry | undefined): entry is OpenExternal {
  return entry?.kind === "external" && entry.status === "open";
}

/** What the outside has to show for this attempt. */
export function attemptToken({ token, attempt }: Pick<OpenExternal, "token" | "attempt">): string {
  return `${token}.${attempt}`;
}

/** In flight, or waited for. */
export type OpenEntry = OpenWork | OpenWait;

/** How an entry ended, without its value. */
export type End =
  | {
      readonly ok: true;
      /** The event that holds what it ended with, where that is not the one that ended it. */
      readonly valueSeq?: number;
      /** The execution that did it: its result was taken over. */
      readonly reusedFrom?: string;
    }
  | { readonly ok: false; readonly errorCode: string };

type Ended = End & { readonly status: "done"; readonly doneSeq: number };

/** What was refused before it began, or was taken over, never had an approval or a child of its own. */
type Unbegun<T extends Asked, Field extends keyof T> = Omit<T, Field> & Partial<Pick<T, Field>>;

/** It finished once; what it finished with never changes. */
export type DoneEntry = Ended &
  (
    | Work
    | Sleep
    /** How much the signal that it took holds. */
    | (Unbegun<SignalWait, "signal"> & { readonly signalBytes?: number })
    /** What the clock or the dice said: a number is no more than its place in the log. */
    | (Value & { readonly value?: number })
    | Unbegun<Approval, "gateId">
    | Unbegun<Child, "childId">
    | Unbegun<External, "token" | "timeoutMs" | "untilMs" | "heldMs" | "failures">
  );

/** A child that only has its place beneath us: nothing is waited for, and its end is not reported. */
type LinkedChild = Child & {
  readonly adopted: true;
  readonly status: "done";
  readonly ok?: never;
  readonly doneSeq?: never;
};

/** By `kind` what was asked, by `status` how far it is. Folded by `entry-index.ts`. */
export type Entry = OpenEntry | DoneEntry | LinkedChild;

/** No program waits for it: a child that came by itself, an approval that the outside asked for. */
export function isAdopted(entry: Entry): boolean {
  return (entry.kind === "child" || entry.kind === "gate") && entry.adopted === true;
}

export function childIdOf(entry: Entry | undefined): string | undefined {
  return entry?.kind === "child" ? entry.childId : undefined;
}

/** The event that ended it; absent while it is open, and of a child whose end is not reported. */
export function doneSeqOf(entry: Entry | undefined): number | undefined {
  return entry?.status === "done" ? entry.doneSeq : undefined;
}

/** The approval that it is, or that asked about it. */
export function approvalIdOf(entry: Entry): string | undefined {
  return "gateId" in entry ? entry.gateId : undefined;
}

/** The entry as one of which tries are made; `undefined` for any other. */
export function asWork(entry: Entry | undefined): Extract<Entry, Work> | undefined {
  return entry && isWorkEntry(entry) ? entry : undefined;
}

function isWorkEntry(entry: Entry): entry is Extract<Entry, Work> {
  return isWork(entry.kind);
}

/** Of what was taken over: the execution that did it. */
export function reusedFromOf(entry: Entry | undefined): string | undefined {
  return entry?.status === "done" && entry.ok ? entry.reusedFrom : undefined;
}

interface Link {
  readonly seq: number;
  readonly childId: string;
  readonly target: string;
}

/** Called when a child is linked beneath an ended execution. */
export function linkedChild({ seq, childId, target: name }: Link): LinkedChild {
  const key = `linked:${childId}`;
  const rest = { startedSeq: seq, attempt: 1, reserve: NOTHING } as const;
  return { key, kind: "child", name, childId, adopted: true, status: "done", ...rest };
}

const OUTSIDE: readonly EntryKind[] = ["effect", "tool", "turn", "child"];

/** A loser that touches the outside, or a child, ends when its end is known. All others end with their race. */
export function outlivesItsRace(entry: OpenEntry): boolean {
  const { kind, status } = entry;
  if (kind === "external") return entry.sent !== undefined;
  return OUTSIDE.includes(kind) && (status === "open" || status === "in_doubt");
}

export function endOf(outcome: Outcome): End {
  return outcome.ok ? { ok: true } : { ok: false, errorCode: outcome.error.code };
}
