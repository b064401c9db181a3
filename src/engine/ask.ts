import type { Scratchpad } from "../define/context.ts";
import { StepError } from "../define/errors.ts";
import type { Said } from "../domain/command.ts";
import type { Entry, EntryError, EntryKind, Outcome } from "../domain/entry.ts";
import type { Json } from "../domain/json.ts";
import type { StoredFiles } from "../domain/stored-file.ts";
import type { Journal } from "./journal.ts";
import type { World } from "./ports.ts";
import type { Launch } from "./work.ts";
import type { Works } from "./works.ts";

/** One open question of the program. The run loop knows how to match and answer it, and nothing of what it means. */
export interface Ask {
  readonly key: string;
  readonly kind: EntryKind;
  readonly name: string;
  readonly digest?: string;
  /** True once its branch has lost a race: it is not begun, and not answered. */
  isWithdrawn(): boolean;
  /** The journal has no entry yet: write the intent. */
  begin(): Launch | undefined;
  /** The journal has an open entry from before: take it up again. */
  resume(entry: Entry): Launch | undefined;
  /** `scratch`: what the entry left on the scratchpad. */
  settle(outcome: Outcome, scratch?: Json): void;
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
  readonly works: Works;
  readonly world: World;
  readonly values: Values;
  readonly scratchpad: Scratchpad;
  readonly abortSignal: AbortSignal;
  /** What came with the start; absent for most. */
  readonly files: StoredFiles | undefined;
  ask(ask: Ask): void;
  say(command: Said): void;
  /** A race is decided: what its losers asked is withdrawn. `lost`: the prefixes of their branches. */
  withdraw(lost: readonly string[]): void;
}

/** A promise and the two functions that answer it. */
export interface Deferred {
  readonly promise: Promise<Json>;
  readonly settle: (outcome: Outcome) => void;
}

export function deferred(): Deferred {
  let settle: (outcome: Outcome) => void = () => {};
  const promise = new Promise<Json>((resolve, reject) => {
    settle = (outcome) => (outcome.ok ? resolve(outcome.value) : reject(toStepError(outcome.error)));
  });
  return { promise, settle };
}

function toStepError({ code, message, details }: EntryError): StepError {
  return new StepError(code, message, details);
}
