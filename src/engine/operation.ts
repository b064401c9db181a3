import type { Scratchpad } from "../define/context.ts";
import { StepError } from "../define/errors.ts";
import type { OneWayCommand } from "../domain/execution/command.ts";
import type { Entry, EntryError, EntryKind, Outcome } from "../domain/execution/entry.ts";
import type { StoredFiles } from "../domain/execution/stored-file.ts";
import type { Json } from "../domain/values/json.ts";
import type { StartThunk } from "./activity.ts";
import type { ActivityRunner } from "./activity-runner.ts";
import type { Journal } from "./journal.ts";
import type { World } from "./ports.ts";

/** One open question of the program. The run loop knows how to match and answer it, and nothing of what it means. */
export interface Operation {
  readonly key: string;
  readonly kind: EntryKind;
  readonly name: string;
  readonly digest?: string;
  /** True once its branch has lost a race: it is not begun, and not answered. */
  isWithdrawn(): boolean;
  /** The journal has no entry yet: write the intent. */
  begin(): StartThunk | undefined;
  /** The journal has an open entry from before: take it up again. */
  resume(entry: Entry): StartThunk | undefined;
  /** `scratch`: what the entry left on the scratchpad. */
  complete(outcome: Outcome, scratch?: Json): void;
}

/** What answers a program at once and is journaled all the same: see `recorded-values.ts`. */
export interface Values {
  /** What the journal has under this key, or else what is made now: it is the same on every replay. */
  value(key: string, name: string, make: () => number): number;
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
    complete = (outcome) => (outcome.ok ? resolve(outcome.value) : reject(toStepError(outcome.error)));
  });
  return { promise, complete };
}

function toStepError({ code, message, details }: EntryError): StepError {
  return new StepError(code, message, details);
}
