/** What the scripted model, which calls no provider, answers, written down beforehand: for runs without a key and tests. */
import type { Json } from "../values/json.ts";
import type { StopReason, TurnRequest } from "./conversation.ts";

/** An answer in short; the rest follows from it. */
export interface ScriptedAnswer {
  readonly text?: string;
  readonly tools?: readonly {
    readonly name: string;
    readonly input: { [key: string]: Json };
    /** What was written instead of a JSON object; `input` is then empty. */
    readonly malformed?: string;
  }[];
  /** Default: `tool_use` with tools, else `end_turn`. */
  readonly stopReason?: StopReason;
}

/**
 * One answer of a script. With `when` it is for the requests that fit; without, for the turn whose number is that of this
 * step among the steps without `when`.
 */
export interface ScriptedStep {
  readonly when?: (request: TurnRequest) => boolean;
  readonly reply: ScriptedAnswer | ((request: TurnRequest) => ScriptedAnswer);
}
export type Script = readonly ScriptedStep[];
