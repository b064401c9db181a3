/** What a program asks of the run loop: one open question with its key, its kind and its answer. What it means is its kind's (`dispatch.ts`). */
import type { Scratchpad } from "../../define/context.ts";
import { StepError } from "../../define/errors.ts";
import type { OneWayCommand } from "../../domain/execution/command.ts";
import type { EntryError, EntryKind, OpenEntry, Outcome } from "../../domain/execution/entry.ts";
import type { StoredFiles } from "../../domain/execution/stored-file.ts";
import type { Json } from "../../domain/values/json.ts";
import type { StartThunk } from "../activities/activity.ts";
import type { ActivityRunner } from "../activities/activity-runner.ts";
import type { Journal } from "../journal/journal.ts";
import type { World } from "../ports.ts";
import { StoredOutput } from "./stored-output.ts";

/** The clock and the dice answer at once and are no operations. */
export type OperationKind = Exclude<EntryKind, "value">;

/**
 * One open request of the program. The run loop compares it with the journal, starts or resumes it as `dispatch.ts` says of its
 * kind, and completes it in the order of the log.
 */
export interface Operation {
  readonly key: string;
  readonly kind: OperationKind;
  readonly name: string;
  readonly digest?: string;
  /** True once its branch has lost a race: it is not started, and not completed. */
  isWithdrawn(): boolean;
  /** The journal has no entry yet: write the intent. */
  start(): StartThunk | undefined;
  /** The journal has an open entry from before: take it up again. */
  resume(entry: OpenEntry): StartThunk | undefined;
  /** `scratch`: what the entry left on the scratchpad. */
  complete(outcome: Outcome, scratch?: Json): void;
}

/** What answers a program at once and is journaled all the same: see `recorded-values.ts`. */
export interface Values {
  /** What the journal has under this key, or else what is made now: it is the same on every replay. */
  value(key: string, name: string, make: () => number): number;
  /** Whether a change to the program holds for this execution; the journal keeps a yes. */
  patched(id: string, asked: { readonly already: string | undefined; readonly isKept: boolean }): boolean;
  /** The same of any JSON in two steps, for what takes its time: `undefined` when the journal has nothing yet. */
  recall(key: string): Json | undefined;
  record(key: string, name: string, value: Json): void;
}

/** The run loop as the verbs of a program see it. */
export interface Loop {
  readonly journal: Journal;
  readonly activities: ActivityRunner;
  readonly world: World;
  readonly values: Values;
  readonly scratchpad: Scratchpad;
  readonly abortSignal: AbortSignal;
  /** What came with the start; absent for most. */
  readonly files: StoredFiles | undefined;
  submit(operation: Operation): void;
  say(command: OneWayCommand): void;
  /** A race is decided: what its losers asked is withdrawn. `lost`: the prefixes of their branches. */
  withdraw(lost: readonly string[]): void;
}

/** A promise and the two functions that answer it. */
export interface Deferred {
  readonly promise: Promise<Json>;
  readonly complete: (outcome: Outcome) => void;
}

export function deferred(): Deferred {
  let complete: (outcome: Outcome) => void = () => {};
  const promise = new Promise<Json>((resolve, reject) => {
    complete = (outcome) => (outcome.ok ? resolve(given(outcome)) : reject(toStepError(outcome.error)));
  });
  return { promise, complete };
}

/** Only a program of this house meets a stored one: it hands its output on. */
function given({ value, stored }: Extract<Outcome, { ok: true }>): Json {
  return stored ? (new StoredOutput(stored) as unknown as Json) : value;
}

function toStepError({ code, message, details }: EntryError): StepError {
  return new StepError(code, message, details);
}
