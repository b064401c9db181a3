/** What carries out one action of an approved plan: a function, or one with what is to be known of it. */

import type { Json } from "../../domain/values/json.ts";
import type { AttemptContext, EffectOptions, OutcomeCheck } from "../context.ts";
import { declared } from "../declared.ts";
import type { Given, Services } from "../handed-in.ts";

/** What a dispatcher is handed beside the input of its action. */
export interface DispatchRun<S extends Services = Services> {
  readonly services: Given<S>;
  /** The same for every try of this very action, also after a crash: hand it to the outside. */
  readonly idempotencyKey: string;
  /** Aborted when the execution ends. */
  readonly signal: AbortSignal;
}

/** A function that may be interrupted and not repeated: a person is asked what became of it. */
type DispatchFunction = (input: never, run: DispatchRun) => unknown;

export interface DispatcherOptions<In, Out, S extends Services> {
  /** What it needs from outside, by name. A missing one is an error at start-up. */
  readonly services?: S;
  /** Doing it twice is the same as doing it once: an interrupted try is simply made again. */
  readonly idempotent?: boolean;
  /** Tries in all, the first included. Default 1. */
  readonly maxAttempts?: number;
  /** Finds out whether an interrupted try reached the outside; spares the question to a person. */
  readonly checkOutcome?: (input: In, run: DispatchRun<S>) => Promise<OutcomeCheck>;
  readonly run: (input: In, run: DispatchRun<S>) => Out | Promise<Out>;
  /** Takes the action back when a later one of the plan failed. Asked in reverse order, of what succeeded. */
  readonly compensate?: (input: In, run: DispatchRun<S> & { readonly output: Out }) => unknown;
}

/** As executors use it. */
export interface DefinedDispatcher {
  readonly services: readonly string[];
  readonly options: Pick<EffectOptions, "idempotent" | "maxAttempts">;
  readonly run: (input: Json, run: DispatchRun) => unknown;
  readonly checkOutcome?: ((input: Json, run: DispatchRun) => Promise<OutcomeCheck>) | undefined;
  readonly compensate?: ((input: Json, run: DispatchRun & { readonly output: Json }) => unknown) | undefined;
}

export type Dispatcher = DispatchFunction | DefinedDispatcher;

const DISPATCHERS = new WeakSet<object>();

/** Declares a dispatcher that says more than a bare function. Throws for options that are none. */
export function defineDispatcher<In, Out = Json, S extends Services = Record<never, never>>(
  options: DispatcherOptions<In, Out, S>,
): DefinedDispatcher {
  return declared(
    () => dispatcherOf(options as never),
    () => dispatcherOf({ run: () => null }),
  );
}

const FUNCTIONS = ["run", "checkOutcome", "compensate"] as const;

function dispatcherOf(options: DispatcherOptions<Json, Json, Services>): DefinedDispatcher {
  const { services = {}, idempotent, maxAttempts, checkOutcome, run, compensate } = options;
  for (const name of FUNCTIONS) {
    if (name === "run" ? typeof run === "function" : ["function", "undefined"].includes(typeof options[name])) continue;
    throw new Error(`defineDispatcher: ${name} must be a function`);
  }
  const made: DefinedDispatcher = Object.freeze({
    services: Object.keys(services),
    options: {
      ...(idempotent === undefined ? {} : { idempotent }),
      ...(maxAttempts === undefined ? {} : { maxAttempts }),
    },
    ...{ run, checkOutcome, compensate },
  }) as DefinedDispatcher;
  DISPATCHERS.add(made);
  return made;
}

export function isDispatcher(value: unknown): value is Dispatcher {
  return typeof value === "function" || (typeof value === "object" && value !== null && DISPATCHERS.has(value));
}

/** A bare function with nothing said of it. */
export function definedDispatcher(dispatcher: Dispatcher): DefinedDispatcher {
  if (typeof dispatcher !== "function") return dispatcher;
  return { services: [], options: {}, run: (input, run) => dispatcher(input as never, run) };
}

export function dispatchRun(
  attempt: Pick<AttemptContext, "idempotencyKey" | "signal">,
  services: Readonly<Record<string, unknown>>,
): DispatchRun {
  const { idempotencyKey, signal } = attempt;
  return { idempotencyKey, signal, services: services as Given<Services> };
}
