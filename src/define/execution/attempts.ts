/**
 * The run loop of an agentic execution as a program on the durable engine: attempt, judge, correct, until a response is
 * valid or trying again is pointless.
 *
 * - The first failing validator decides. A correction goes into the same conversation. The scratchpad is empty
 * when an attempt begins. A failure that needs no retry asks the model nothing more. An attempt's beginning and
 * its verdicts are events, said once.
 */
import type { FailureCode } from "../../domain/execution/attempt.ts";
import type { Json } from "../../domain/values/json.ts";
import { isA } from "../../domain/values/thrown.ts";
import { AnswerError, ExecutionFailure } from "../errors.ts";
import type { ProgramContext } from "../program-context.ts";
import type { Conversation } from "./conversation.ts";
import type { AnyValidator, Judged } from "./judge.ts";
import { judge, judgeAnswer, judgeText } from "./judge.ts";
import { readJson } from "./read-json.ts";
import { summarize } from "./summary.ts";

/** What a definition says about the run loop, and one pass of the user's code. */
export interface AttemptPlan {
  readonly input: unknown;
  readonly validators: readonly AnyValidator[];
  readonly onRetry: "feedback" | "execute";
  /** Of a program that asks for several answers one after the other: which one this is. Default 1. */
  readonly turn?: number;
  /** The number of the first attempt: attempts are counted through all turns. Default 1. */
  readonly first?: number;
  /** Hears the number of each attempt. */
  readonly counted?: (n: number) => void;
  /** What is given for a response. Default: the response as JSON, else `{ response }`. */
  readonly result?: ((response: string) => Json) | undefined;
  /** The single attempt: gives a response. */
  readonly execute: (attempt: { readonly n: number; readonly feedback: string | undefined }) => Promise<string>;
}

const NO_FEEDBACK = "The previous response was invalid. Please try again.";

/** Gives the result: the response as JSON, or `{ response }`. Throws `ExecutionFailure` when there is none. */
export async function runAttempts(plan: AttemptPlan, ctx: ProgramContext, conversation: Conversation): Promise<Json> {
  const { onRetry, turn = 1, first = 1, result = resultOf } = plan;
  let feedback: string | undefined;
  for (let n = first; ; n += 1) {
    plan.counted?.(n);
    await ctx.sayAttempt({ type: "attempt.started", data: { n, ...(turn === 1 ? {} : { turn }) } });
    const respond = () =>
      feedback !== undefined && onRetry === "feedback" ? conversation.ask(feedback) : plan.execute({ n, feedback });
    const { response, judged } = await attempt(n, { plan, ctx, conversation, respond });
    const verdicts = [...judged.verdicts];
    if (!judged.rejected) {
      await ctx.sayAttempt({ type: "attempt.completed", data: { n, verdicts } });
      return result(response);
    }
    const { verdict, retryNeeded } = judged.rejected;
    const retry = retryNeeded && n - first < conversation.maxRetries;
    feedback = verdict.feedback ?? (retryNeeded ? NO_FEEDBACK : `"${verdict.validator}" rejected the response.`);
    await ctx.sayAttempt({ type: "attempt.rejected", data: { n, verdicts, feedback, retry } });
    if (!retryNeeded) throw new ExecutionFailure(verdict.failureCode ?? code("validation_failed"), feedback);
    if (!retry) {
      const summary = await summarize(conversation, { attempts: n - first + 1, feedback });
      throw new ExecutionFailure(code("max_retries_exceeded"), summary);
    }
    ctx.scratchpad.clear();
    conversation.forgetCalls();
  }
}

interface Pass {
  readonly plan: AttemptPlan;
  readonly ctx: ProgramContext;
  readonly conversation: Conversation;
  readonly respond: () => Promise<string>;
}

async function attempt(
  n: number,
  { plan, ctx, conversation, respond }: Pass,
): Promise<{ readonly response: string; readonly judged: Judged }> {
  try {
    const response = await respond();
    if (typeof response !== "string") throw new Error("execute must give a text: the model's response");
    const { input, validators } = plan;
    const judged = await judge(validators, ctx, { response, input, attempt: n, calls: conversation.calls });
    return { response, judged: judged.rejected ? judged : judgeText(response, judged) };
  } catch (error) {
    if (isA(error, AnswerError)) return { response: "", judged: judgeAnswer(error) };
    throw error;
  }
}

function resultOf(response: string): Json {
  const read = readJson(response);
  return read.ok ? read.value : { response };
}

const code = (builtIn: FailureCode): FailureCode => builtIn;
