/**
 * The context as the programs of this house have it, beyond what users meet: turns of a conversation that the house leads, tools,
 * attempts. Implemented by `engine/operations/context.ts`; it knows nothing of the journal behind it.
 */
import type { AttemptEvent } from "../domain/execution/command.ts";
import type { Outcome } from "../domain/execution/entry.ts";
import type { RecordScope } from "../domain/memory/scope.ts";
import type { Script } from "../domain/model/script.ts";
import type { FieldError } from "../domain/values/fault.ts";
import type { Json } from "../domain/values/json.ts";
import type {
  AttemptContext,
  Context,
  EffectOptions,
  ModelReply,
  ModelRequest,
  OutcomeCheck,
  RaceResult,
} from "./context.ts";
import type { Checked } from "./schema.ts";

/** A turn with what only programs of the house say. */
export interface ProgramModelRequest extends ModelRequest, TurnOptions {}

interface TurnOptions {
  /** What the scripted model, which calls no provider, answers. */
  readonly script?: Script | undefined;
  /**
   * Not worth a failed execution: beyond the budget it throws `StepError` `budget_exceeded` instead of ending the
   * execution, and it is tried once.
   */
  readonly optional?: boolean;
}

/** A turn of a conversation that the house itself leads. */
export interface LedTurn extends TurnOptions {
  /** Names the turn in the journal. */
  readonly name: string;
  /**
   * What is asked, as the code says it. Where the journal holds this turn it is called once more, with what the journal
   * keeps of it: what is data of the execution is then as it was. In the same breath; the last answer counts.
   */
  readonly asked: (before?: Json) => LedRequest;
  /** The first turn, which the execution settles something with: only of this one the journal's word is asked. */
  readonly settles: boolean;
}

export interface LedRequest {
  /** What the journal keeps of the request instead of all of it: a conversation grows, and is not stored anew each turn. */
  readonly kept: Json;
  /** Of what is new in it and of the turn before: a link of a chain, so that no turn reads the whole conversation. */
  readonly digest: string;
  /** All of it, for the model. */
  readonly request: () => Omit<ModelRequest, "name">;
}

export interface ToolRequest {
  readonly name: string;
  /** As the model sent it. */
  readonly input: Json;
  /** What the tool's schema makes of it; asked once, then the journal has the answer. */
  readonly parse: (input: Json) => Promise<Checked<Json>>;
  readonly options: Pick<EffectOptions, "idempotent" | "onInterrupt">;
  /** Both are handed a copy of the parsed input. */
  readonly run: (input: Json, attempt: AttemptContext) => Json | Promise<Json>;
  readonly checkOutcome?: ((input: Json, attempt: AttemptContext) => Promise<OutcomeCheck>) | undefined;
  /** Asked with the parsed input before anything runs: says why it must not run, or nothing. It may ask the context. */
  readonly refusal?: ((input: Json) => Promise<string | undefined>) | undefined;
}

export type ToolAnswer =
  | {
      /** Names the entry, which holds the outcome. */
      readonly key: string;
      /** As it was parsed. */
      readonly input: Json;
      readonly outcome: Outcome;
      /** What the run left on the scratchpad, by name. */
      readonly recorded: Readonly<Record<string, Json>>;
      readonly refused?: undefined;
      readonly denied?: undefined;
    }
  /** The input does not fit: nothing ran. */
  | { readonly refused: readonly FieldError[]; readonly denied?: undefined }
  /** The reason why it must not run. */
  | { readonly denied: string; readonly refused?: undefined };

/** One value that Errand keeps for programs of the house: of a plan, of a thread, of a reference, or in the memory of a session. It
 * belongs to the execution's owner. */
export interface RecordName {
  readonly scope: RecordScope | "session";
  /** Which plan, thread, reference or session. */
  readonly id: string;
  readonly key: string;
}

export interface RecordVerbs {
  /** Whether another execution of this tenant has ended, or is known no longer. */
  hasEnded(executionId: string): Promise<boolean>;
  /** `null` when there is none. */
  read(record: RecordName): Promise<Json>;
  /** Whether it was written: where `expects` is given, only over this value, `null` for none. `ttlMs`: how long it is kept. */
  write(
    record: RecordName,
    value: { readonly data: Json; readonly expects?: Json | undefined; readonly ttlMs?: number | undefined },
  ): Promise<boolean>;
}

/** The context as the programs of this house have it: verbs that users meet in a nicer form. */
export interface ProgramContext extends Context {
  /** Whose the execution is: for whom a built-in program acts. */
  readonly ownedBy: { readonly tenant: string; readonly owner: string };
  /** What tools need from outside, by the names they declare. */
  readonly services: Readonly<Record<string, unknown>>;
  readonly records: RecordVerbs;
  /** `already`: a name. What an execution did next under it shows that it went the new way, before the change had an id. */
  patched(id: string, already?: string): boolean;
  generate(request: ProgramModelRequest): Promise<ModelReply>;
  turn(turn: LedTurn): Promise<ModelReply>;
  /** What tells one JSON value from another. */
  digest(value: Json): string;
  /** Runs a leaf (E4): an effect with events of its own. */
  tool(request: ToolRequest): Promise<ToolAnswer>;
  /** Hands an activity to the outside, once, and waits for its end; it is finished by a command. */
  external(request: { name: string; input?: Json; timeoutMs: number; idempotent?: boolean }): Promise<Json>;
  /** Writes down once where an attempt stands. */
  sayAttempt(event: AttemptReport): Promise<void>;
  all<T, R>(
    items: readonly T[],
    keyOf: (item: T, index: number) => string,
    fn: (item: T, ctx: ProgramContext) => Promise<R>,
  ): Promise<R[]>;
  race<T extends Readonly<Record<string, (ctx: ProgramContext) => unknown>>>(contenders: T): Promise<RaceResult<T>>;
  within<T>(ms: number, fn: (ctx: ProgramContext) => Promise<T>): Promise<T>;
}

/** An attempt's event without its key, which is the context's business. */
type AttemptReport = AttemptEvent extends infer E
  ? E extends { readonly type: infer T; readonly data: infer D }
    ? { readonly type: T; readonly data: Omit<D, "key"> }
    : never
  : never;
