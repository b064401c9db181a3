/**
 * Asks the validators about a response, in order; the first failure decides and the rest are not asked. It happens in a
 * step, so verdicts are in the journal and a replay asks no validator again.
 */
import type { ValidatorVerdict } from "../../domain/execution/attempt.ts";
import { messageOf } from "../../domain/values/thrown.ts";
import type { Scratchpad } from "../context.ts";
import type { AnswerError } from "../errors.ts";
import type { ProgramContext } from "../program-context.ts";
import type { Failed, Judgement, ToolCall, ToolScratchpad, Validator, ValidatorContext } from "../validator.ts";
import { refusedJson, validJson } from "../validators/valid-json.ts";
import { readJson } from "./read-json.ts";

/** How an attempt was judged. `rejected` is the verdict that decided. */
export interface Judged {
  readonly verdicts: readonly ValidatorVerdict[];
  readonly rejected?: { readonly verdict: ValidatorVerdict; readonly retryNeeded: boolean };
}

/** A definition whose validators are of any input; it was checked against them when it was declared. */
export type AnyValidator = Validator<never, string>;

export interface Case {
  readonly response: string;
  readonly input: unknown;
  readonly attempt: number;
  readonly calls: readonly ToolCall[];
}

/** Feedback is stored with its attempt and read by a model: a validator that lists thousands of things is cut here. */
const MOST_FEEDBACK = 8_000;

export async function judge(
  validators: readonly AnyValidator[],
  ctx: ProgramContext,
  { response, input, attempt, calls }: Case,
): Promise<Judged> {
  return ctx.step("validate", async ({ signal, scratchpad }): Promise<Judged> => {
    const verdicts: ValidatorVerdict[] = [];
    const pad = withCalls(scratchpad, calls);
    for (const validator of validators) {
      const judgement = await asked(validator, { response, input, pad, ctx: { ...idOf(ctx), attempt, signal } });
      const verdict = verdictOf(validator.name, judgement);
      verdicts.push(verdict);
      if (!judgement.passed) return { verdicts, rejected: { verdict, retryNeeded: judgement.retryNeeded } };
    }
    return { verdicts };
  });
}

/** Returns the verdict on a model that gave no whole answer; no validator is asked. */
export function judgeAnswer({ reason, message }: AnswerError): Judged {
  const verdict: ValidatorVerdict = { validator: "whole_answer", passed: false, feedback: message };
  return { verdicts: [verdict], rejected: { verdict, retryNeeded: reason === "cut_off" } };
}

/** A text that is JSON and could be read in two ways is no result, whether or not a validator asks for JSON. */
export function judgeText(response: string, { verdicts }: Judged): Judged {
  const read = readJson(response);
  if (read.ok || !read.isJson) return { verdicts };
  const verdict: ValidatorVerdict = { validator: validJson.name, passed: false, feedback: refusedJson(read.reason) };
  return { verdicts: [...verdicts, verdict], rejected: { verdict, retryNeeded: true } };
}

const idOf = ({ executionId }: ProgramContext) => ({ executionId });

interface Question {
  readonly response: string;
  readonly input: unknown;
  readonly pad: ToolScratchpad;
  readonly ctx: ValidatorContext;
}

async function asked(validator: AnyValidator, { response, input, pad, ctx }: Question): Promise<Judgement<string>> {
  try {
    return await validator.validate(response, input as never, pad, ctx);
  } catch (error) {
    throw new Error(`the validator "${validator.name}" failed: ${messageOf(error)}`, { cause: error });
  }
}

function verdictOf(validator: string, judgement: Judgement<string>): ValidatorVerdict {
  if (judgement.passed) return { validator, passed: true };
  const { feedback, failureCode }: Failed<string> = judgement;
  return {
    validator,
    passed: false,
    ...(feedback ? { feedback: feedback.slice(0, MOST_FEEDBACK) } : {}),
    ...(failureCode === undefined ? {} : { failureCode }),
  };
}

function withCalls(scratchpad: Scratchpad, calls: readonly ToolCall[]): ToolScratchpad {
  return {
    record: (name, value) => scratchpad.record(name, value),
    read: (name) => scratchpad.read(name),
    clear: () => scratchpad.clear(),
    calls: (tool) => (tool === undefined ? calls : calls.filter((call) => call.tool === tool)),
  };
}
