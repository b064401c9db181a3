/**
 * How a definition judges the response of an attempt. Validators run in order, inside a step: their verdicts are in the
 * journal, and a replay never asks them again. The first failure decides.
 */
import type { Json } from "../domain/values/json.ts";
import type { Scratchpad } from "./context.ts";

/** One run of a tool in the present attempt. A call that the tool's schema refused never ran and is not here. */
export interface ToolCall {
  readonly tool: string;
  readonly input: Json;
  /** `error` is what the model was told. */
  readonly outcome: { readonly ok: true; readonly output: Json } | { readonly ok: false; readonly error: string };
  /** What this very run recorded on the scratchpad under the tool's own name. */
  readonly recorded: Json | undefined;
}

/**
 * What tools and validators of one attempt share; cleared before each retry, so that it never holds anything of an
 * earlier attempt: a model may then call again what it had done before, so give what must happen once an id of its own
 * in the tool's input. `record` overwrites: after several calls of a tool it holds the last one's; `calls` has all of them.
 */
export interface ToolScratchpad extends Scratchpad {
  /** Runs in this attempt, in the order in which they were asked for; of one tool or of all. */
  calls(tool?: string): readonly ToolCall[];
}

export interface ValidatorContext {
  readonly executionId: string;
  /** 1 for the first response. */
  readonly attempt: number;
  readonly signal: AbortSignal;
}

export interface Failed<Code extends string = never> {
  readonly passed: false;
  readonly feedback?: string;
  readonly retryNeeded: boolean;
  readonly failureCode?: Code;
}
export type Judgement<Code extends string = never> = { readonly passed: true } | Failed<Code>;

/**
 * `In` is what it reads of the execution's input, `Code` the failure codes it may name: a definition that does not
 * declare them does not compile. What it throws fails the execution with `runtime_error`; it is never a pass.
 */
export interface Validator<In = unknown, Code extends string = never> {
  readonly name: string;
  validate(
    response: string,
    input: In,
    scratchpad: ToolScratchpad,
    ctx: ValidatorContext,
  ): Judgement<Code> | Promise<Judgement<Code>>;
}

/** The response is fine, as far as this validator is concerned. */
export const pass = { passed: true } as const;

/**
 * The response is not. `feedback` goes to the model when it tries again, and is the explanation when it does not;
 * `retryNeeded` (default true): false where trying again is pointless; then `failureCode` (default `validation_failed`)
 * is what the execution ends with.
 */
export function fail<const Code extends string = never>({
  feedback,
  retryNeeded = true,
  failureCode,
}: {
  readonly feedback?: string;
  readonly retryNeeded?: boolean;
  readonly failureCode?: Code;
} = {}): Failed<Code> {
  return {
    passed: false,
    retryNeeded,
    ...(feedback === undefined ? {} : { feedback }),
    ...(failureCode === undefined ? {} : { failureCode }),
  };
}
