/**
 * Operations of a program. A program is `async (input, ctx) => output`; it runs from the top on every activation, and
 * what is finished answers from the journal. Between two operations it may only compute: no clock, no randomness, no network
 * of its own (use `ctx.now`, `ctx.random`, `ctx.effect`).
 */
import type { Verdict } from "../domain/execution/approval.ts";
import type { StoredFile } from "../domain/execution/stored-file.ts";
import type { ToolDeclaration, TurnReply } from "../domain/model/conversation.ts";
import type { DraftMessage } from "../domain/model/turn-draft.ts";
import type { Backoff } from "../domain/values/backoff.ts";
import type { Json, Jsonify } from "../domain/values/json.ts";
import type { AgentMemory } from "./agent-memory.ts";

export interface RetryPolicy {
  /** Tries in all, the first included. Default 1: nothing is tried again by itself. */
  readonly maxAttempts?: number;
  /** Waits between the tries; a number is the first wait in ms. Default 1 s, doubling, at most 60 s, full jitter. */
  readonly backoff?: number | Partial<Backoff>;
  /** Which errors are worth another try. Default: all but `ctx.fail`. */
  readonly retryable?: (error: Error) => boolean;
  /** Milliseconds one try may take, from its start. While the execution is paused nothing times out. Default: none. */
  readonly timeoutMs?: number;
}

export interface StepOptions extends RetryPolicy {
  /**
   * What it computes from; any JSON. It becomes part of the operation: when a deploy gives this step another input, the
   * execution is blocked, and the old result is not taken for it. Default: a step is known by its name and its place alone.
   */
  readonly input?: Json;
}

/** What a step or an effect is told about the try it makes. */
export interface AttemptContext {
  /** 1 for the first try. */
  readonly attempt: number;
  /** Aborted when the execution ends or the try times out. */
  readonly signal: AbortSignal;
  /** The same for every try of this very effect, also after a crash: hand it to the outside. */
  readonly idempotencyKey: string;
  readonly scratchpad: Scratchpad;
  /** Milliseconds since 1970, of this very moment. What `ctx.now` gives is for the program and refused in here. */
  now(): number;
  /** Uniform in [0, 1), drawn anew. */
  random(): number;
}

/** Shared between the tools and validators of one attempt; its writes are part of the entry that made them. */
export interface Scratchpad {
  record(name: string, value: Json): void;
  read(name: string): Json | undefined;
  clear(): void;
}

export interface EffectOptions extends RetryPolicy {
  /** Doing it twice is the same as doing it once. Then an interrupted try is simply made again. */
  readonly idempotent?: boolean;
  /** What to do with a try that a crash interrupted. Default `retry` when idempotent, else `ask` a person. */
  readonly onInterrupt?: "retry" | "fail" | "ask";
  /**
   * Finds out whether a try without a known end reached the outside: the try was interrupted, timed out, or threw `InDoubt`.
   * Spares a person the question. The effect is done again only when this function returns `{ happened: false }`.
   */
  readonly checkOutcome?: (attempt: AttemptContext) => Promise<OutcomeCheck>;
  /** Milliseconds the probe may take; then a person is asked. Default 60 s. */
  readonly checkTimeoutMs?: number;
}

/** What a probe found out; `undefined` when it cannot tell either. */
export type OutcomeCheck<T = Json> =
  | { readonly happened: true; readonly result: T }
  | { readonly happened: false }
  | undefined;

export interface CallOptions {
  /** A name for the child in this branch; default the target. */
  readonly name?: string;
  /** A slice of our own budget; what the child leaves comes back. `Infinity`: no limit of its own. */
  readonly budget?: {
    readonly maxTurns?: number;
    readonly maxTokens?: number;
    readonly maxCostUsd?: number;
    readonly maxChildren?: number;
    /** Where a limit is met: the child fails, or a person is asked to raise it. Default: as the calling execution's. */
    readonly onExceeded?: "fail" | "pause";
  };
  /**
   * Active milliseconds that the child may take, above 0; `Infinity`: no limit. Default: as its function says, else 168 h.
   * The deadline of the calling execution is the child's too.
   */
  readonly timeoutMs?: number;
}

export interface PauseRequest {
  /** Names the approval in the journal. Default "pause", of `waitForApproval` "approval". */
  readonly name?: string;
  /**
   * What the person is asked to decide on; any JSON. It is part of the operation: when a deploy gives it another payload,
   * the execution is blocked, and the old decision is not taken for it.
   */
  readonly payload?: Json;
  /** An id of your own for the approval. It names this one and no other of the tenant. Default: one is made. */
  readonly id?: string;
  /** Where the person can look at it: an absolute http or https address without credentials. */
  readonly url?: string;
  /** Subjects of the keys that may decide; no other caller may then, and no signed webhook. Default: the scope `approve`. */
  readonly approvers?: readonly string[];
  /** True: the caller that started the execution may not decide, and no signed webhook may. */
  readonly fourEyes?: boolean;
  /** Answers a person may choose from besides yes and no. */
  readonly options?: readonly string[];
  /** Milliseconds until the approval expires; `Infinity`: it never does. Default 72 h. */
  readonly expiresInMs?: number;
  /** `continue` (default): the program gets the refusal. `cancel`: a refusal ends the execution. */
  readonly onReject?: "continue" | "cancel";
}

export interface SignalOptions {
  /**
   * A name for this wait in its branch. Without one it is the signal's, and a wait that is still open when the same signal
   * is awaited again counts on.
   */
  readonly name?: string;
  /** Milliseconds until the wait throws `signal_timeout`. Default: none. */
  readonly timeoutMs?: number;
}

export interface ModelRequest {
  /** Names the turn in the journal. Default "turn". */
  readonly name?: string;
  readonly model?: string;
  readonly system?: string;
  /**
   * A bare text is one message of the user. Send a reply's `content` back unchanged as the assistant's message. A file of
   * the execution stands in it as `fileBlock(file)`.
   */
  readonly messages: string | readonly DraftMessage[];
  readonly tools?: readonly ToolDeclaration[];
  /** Most tokens the model may write; part of what is reserved before the turn. */
  readonly maxTokens: number;
}

/** A turn that brought none throws `StepError` with the code of a `TurnFailure`. */
export type ModelReply = TurnReply;

/** Who won a race, and with what: `if (first.winner === "paid") first.value …`. */
export type RaceResult<T extends Readonly<Record<string, (ctx: never) => unknown>>> = {
  readonly [Name in keyof T]: { readonly winner: Name; readonly value: Awaited<ReturnType<T[Name]>> };
}[keyof T];

/**
 * The verbs. What ends badly rejects with `StepError`, whose `code` is one of `ERROR_CODES` or one of the program's own
 * (docs/errors.md); `hasCode(error, "timeout")` tells which. Every verb refuses at once, as `invalid_options`,
 * `duplicate_key` or `not_a_program`, a call that does not fit.
 */
export interface Context {
  readonly executionId: string;
  readonly runId: string;
  /** The execution that started this one as a child, or that its start named as parent; `undefined` for a root. */
  readonly parentExecutionId: string | undefined;
  readonly sessionId: string | undefined;
  readonly actorId: string | undefined;
  /** Aborted when the execution ends for any reason. */
  readonly abortSignal: AbortSignal;
  readonly scratchpad: Scratchpad;
  /** What is remembered beyond this execution: by its run, its session, its actor, or the whole tenant. */
  readonly memory: AgentMemory;
  /** What came with the start, in the order it was sent; kept for 48 hours. Put one into a message with `fileBlock`. */
  readonly files: readonly StoredFile[];

  /**
   * Computation: may run more than once and touches nothing outside.
   * Rejects with `timeout`, `value_not_json`, `value_too_large`, `error` for what it threw, or the code of its `StepError`.
   */
  step<T>(
    name: string,
    fn: (attempt: AttemptContext) => T | PromiseLike<T>,
    options?: StepOptions,
  ): Promise<Jsonify<T>>;
  /**
   * Touches the outside: its intent is durable before it starts, its result before anything follows from it.
   * Rejects with `timeout`, `interrupted`, `in_doubt`, `resolved_as_failed`, `value_not_json`, `value_too_large`,
   * `internal_error`, `error` for what it threw, or the code of its `StepError`.
   */
  effect<T>(
    name: string,
    input: Json,
    options: EffectOptions,
    fn: (attempt: AttemptContext) => T | PromiseLike<T>,
  ): Promise<Jsonify<T>>;
  /**
   * One turn of a model, tried up to five times.
   * Rejects with `rate_limited`, `overloaded`, `timeout`, `server_error`, `connection`, `cut_stream`, `invalid_request`,
   * `authentication`, `aborted`, `no_model`, `unknown_price`, `file_not_found`, `file_expired`, `file_missing`.
   */
  generate(request: ModelRequest): Promise<ModelReply>;
  /**
   * Runs another target as a child and waits for its output.
   * Rejects with `target_not_found`, `too_deep`, `child_refused`, `child_cancelled`, `child_timeout`, `value_too_large`, or the
   * code with which the child failed: `runtime_error`, `invalid_input`, `budget_exceeded`, one of its own.
   */
  call<T = Json>(target: string, input: Json, options?: CallOptions): Promise<T>;
  /**
   * Waits for a person, at no cost, for as long as it takes. Returns the person's decision, also a refusal.
   * Rejects with `approval_already_requested`, `value_too_large`.
   */
  pause(request?: PauseRequest): Promise<Verdict>;
  /**
   * The same, and goes on only when it was approved: throws `ApprovalRejected` when it was rejected or changes were asked
   * for, `ApprovalExpired` when no person decided in time.
   * Rejects with `approval_rejected`, `approval_expired`, `approval_already_requested`, `value_too_large`.
   */
  waitForApproval(request?: PauseRequest): Promise<Verdict & { readonly decision: "approved" }>;
  /** Waits for `POST …/signals/{name}`; signals that came earlier are not lost. Rejects with `signal_timeout`. */
  signal<T = Json>(name: string, options?: SignalOptions): Promise<T>;
  /** Milliseconds, or an instant as a Date. */
  sleep(until: number | Date, options?: { readonly name?: string }): Promise<void>;
  /** Milliseconds since 1970, the same on every replay. */
  now(): number;
  /** Uniform in [0, 1), the same on every replay. */
  random(): number;
  /**
   * Whether this execution goes the way of a change to its program, which `id` names: true where nothing that it did lies behind
   * this place, false where it did and went the old way. The first answer is its answer for good. `docs/changing-code.md`
   */
  patched(id: string): boolean;
  /** Said at once. Rejects with `invalid_value`, `value_not_json`, `value_too_large` when the log cannot take it. */
  note(message: string, tags?: readonly string[]): Promise<void>;
  /** The same. `percent` is from 0 to 100. */
  progress(report: {
    readonly percent?: number;
    readonly done?: number;
    readonly total?: number;
    readonly message?: string;
  }): Promise<void>;
  /**
   * Sets search attributes, by which lists find the execution: texts of at most 256 characters, numbers, booleans; `null` takes
   * one away. It has eight at most: a ninth takes the place of the one that was set longest ago. Rejects with `invalid_options`.
   */
  setAttributes(attributes: Readonly<Record<string, string | number | boolean | null>>): Promise<void>;
  /** Runs `fn` for all items at once; each branch has keys of its own, so its results are found again in any order. */
  all<T, R>(
    items: readonly T[],
    keyOf: (item: T, index: number) => string,
    fn: (item: T, ctx: Context) => Promise<R>,
  ): Promise<R[]>;
  /**
   * Runs branches against each other: the first one that settles decides. What the others wait for is withdrawn: their sleeps
   * and signals end, their tries are aborted, their children cancelled, their approvals closed. Ask through the context that
   * each is handed; rejects with what the winner throws. `docs/races.md`
   */
  race<T extends Readonly<Record<string, (ctx: Context) => unknown>>>(contenders: T): Promise<RaceResult<T>>;
  /** Runs `fn` for at most so many milliseconds (`Infinity`: no limit); then what it waits for is withdrawn. Rejects with `timeout`. */
  within<T>(ms: number, fn: (ctx: Context) => Promise<T>): Promise<T>;
  /** Ends the execution as failed with a code of the definition's own. */
  fail(code: string, message: string): never;
}
