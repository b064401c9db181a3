/** What an agent can do, as its author writes it: an input, a `run`, and how each of them ends. */
import type { z } from "zod";
import type { Json } from "../domain/values/json.ts";

/** The subtask that is done, and what it may say meanwhile. */
export interface ActionContext {
  readonly executionId: string;
  readonly planId: string;
  /** The subtask; of a task without subtasks the task. */
  readonly taskId: string;
  readonly title: string;
  /** The same for every attempt of this subtask, on any agent: hand it to the outside, so that nothing is done twice. */
  readonly idempotencyKey: string;
  /** 1 for the first attempt. */
  readonly attempt: number;
  /** Aborted when the lease is lost, the execution is cancelled, the time is over or the agent stops: end soon then. */
  readonly signal: AbortSignal;
  /** What the plan is for, what was done before, what comes next: titles and messages. */
  readonly plan: { readonly goal: string; readonly previous: readonly string[]; readonly upcoming: readonly string[] };
  readonly successCriteria: readonly string[];
  /** The data of the last progress that was reported of this subtask with some, else its message; `null` when there was none. */
  readonly lastProgress: Json;
  /** True: an earlier process of this agent was lost while it did this subtask. */
  readonly isInterrupted: boolean;
  /** Tells how far it is. People read the message; `data` is handed to the next attempt. Is sent with the next report. */
  progress(message: string, data?: { readonly [key: string]: Json }): void;
  /** What the report of the end says to people. Default: the title. */
  say(message: string): void;
}

/** Whether an interrupted attempt reached the outside; `undefined` when that is not known: then a person is asked. */
export type Outcome =
  | { readonly happened: true; readonly output: Output | Waiting }
  | { readonly happened: false }
  | undefined;

export type Output = { readonly [key: string]: Json };

export interface Action<Input extends z.ZodType = z.ZodType> {
  /** What it takes: the params of a subtask are checked with it, and what does not fit is told to a person. */
  readonly input: Input;
  /** True when it may be done twice: an interrupted attempt is simply made again. */
  readonly idempotent?: boolean;
  /** Gives the output, or `waitFor(…)`. Throws `Blocked` or `ActionError`; any other error is tried again by the plan's policy. */
  readonly run: (params: z.output<Input>, ctx: ActionContext) => Promise<Output | Waiting>;
  /** Asked about an attempt that was interrupted, when it is not idempotent. */
  readonly checkOutcome?: (params: z.output<Input>, ctx: ActionContext) => Promise<Outcome>;
}

/** The subtask is done when something comes from outside: `agent.settle(idempotencyKey, …)` ends it, also after a restart. */
export class Waiting {
  readonly message: string;
  /** What it waits for: the store keeps it. */
  readonly for: Json;

  constructor(message: string, what: Json) {
    this.message = message;
    this.for = what;
  }
}

/** What `run` returns when the answer comes later: the lease is kept meanwhile, for 48 hours at most. */
export function waitFor(message: string, what: Json = null): Waiting {
  return new Waiting(message, what);
}

interface ActionErrorOptions {
  /** What kind of error it is, such as `timeout`. Default `action_error`. */
  readonly type?: string;
  /** False: trying again is pointless, and a person is asked. Default true. */
  readonly retriable?: boolean;
  readonly cause?: unknown;
}

/** Thrown by `run`: the subtask went wrong. The message is read by people; personal data in it is masked by the server. */
export class ActionError extends Error {
  override readonly name: string = "ActionError";
  readonly type: string;
  readonly retriable: boolean;

  constructor(message: string, { type = "action_error", retriable = true, cause }: ActionErrorOptions = {}) {
    super(message, { cause });
    this.type = type;
    this.retriable = retriable;
  }
}

interface BlockedOptions {
  /** Default `external_dependency_blocked`. */
  readonly type?: string;
  /** What a person could do, a sentence each, ten at most. A subtask without alternatives offers them as `approve_suggestion_N`. */
  readonly suggestions?: readonly string[];
  /** False: only this subtask waits for the person, and others go on. Default true. */
  readonly blocking?: boolean;
  readonly cause?: unknown;
}

/** Thrown by `run`: it cannot go on without a person. */
export class Blocked extends ActionError {
  override readonly name = "Blocked";
  readonly suggestions: readonly string[];
  readonly blocking: boolean;

  constructor(message: string, { suggestions = [], blocking = true, type, cause }: BlockedOptions = {}) {
    super(message, { type: type ?? "external_dependency_blocked", retriable: false, cause });
    this.suggestions = suggestions;
    this.blocking = blocking;
  }
}
