/**
 * What a program is given, and what becomes of an execution whose program is no longer the one that wrote its log (E3).
 * Called only by `decide`.
 */
import type { EngineCommand, RetryProgram } from "../execution/command.ts";
import type { NewEvent } from "../execution/event.ts";
import { awaitsRequested } from "../execution/hold.ts";
import type { ExecutionState } from "../execution/state.ts";
import type { Decided } from "./decided.ts";
import { accepted, WAITING_FOR_APPROVAL } from "./decided.ts";

/** The reason of a block that other code, an older or a repaired one, may lift. */
export const PROGRAM_CHANGED = "program_changed";

type TakeInput = Extract<EngineCommand, { type: "take_input" }>;

/** The reason of a block that the launcher asks for: the program never gave control back. Other code may lift it too. */
export const NEVER_RESTS = "never_rests";

/** An input is parsed once: a later parse, by another schema or by one with dice in it, would be another input. */
export function inputParsed({ parsed, differs = false }: Pick<TakeInput, "parsed" | "differs">): NewEvent {
  const value = parsed.same ? {} : { value: parsed.value };
  return { type: "input.parsed", data: { ...value, ...(differs ? { differs } : {}) } };
}

/**
 * The code of this deployment is tried: the execution runs on with it, or is blocked again. Once for each deployment in a
 * row, so that a sweep may ask as often as it likes. Nothing for an execution that is blocked for another reason.
 */
export function retryProgram(state: ExecutionState, { deployment }: RetryProgram): Decided {
  if (!isProgramChanged(state) || state.triedBy === deployment) return accepted();
  const resumed: NewEvent = {
    type: "execution.resumed",
    data: { reason: "program_retried", by: "system", deployment },
  };
  return awaitsRequested(state) ? accepted(resumed, WAITING_FOR_APPROVAL) : accepted(resumed);
}

/** True while an execution is blocked because its program changed, or never rests: other code may let it go on. */
export function isProgramChanged({ status, reason = "" }: Pick<ExecutionState, "status" | "reason">): boolean {
  const blockedFor = (word: string) => reason === word || reason.startsWith(`${word}: `);
  return status === "blocked" && (blockedFor(PROGRAM_CHANGED) || blockedFor(NEVER_RESTS));
}
