/**
 * Takes a task apart, as a program on the durable engine: the model answers with subtasks, the run loop of agentic executions
 * judges and corrects that once, and where a plan is named the result is stored as its next version.
 *
 * - Of a result that is not sure enough a person confirms first; whether and by whom is in the log.
 * - Storing the same result twice makes one version: the effect is idempotent.
 */
import * as z from "zod";
import { FAILURE_CODES } from "../../domain/execution/attempt.ts";
import {
  CONFIRMED_BELOW,
  Decomposition,
  DecompositionAnswer,
  decompositionOf,
  faultsOfAnswer,
} from "../../domain/plan/decomposition.ts";
import type { Json } from "../../domain/values/json.ts";
import { toJson } from "../../domain/values/json.ts";
import type { FunctionDefinition } from "../agent.ts";
import { ExecutionFailure, hasCode } from "../errors.ts";
import { runAttempts } from "../execution/attempts.ts";
import { Conversation } from "../execution/conversation.ts";
import { readJson } from "../execution/read-json.ts";
import type { ProgramContext } from "../program-context.ts";
import type { StandardSchema } from "../schema.ts";
import { check, inLines } from "../schema.ts";
import type { Judgement, Validator } from "../validator.ts";
import { fail, pass } from "../validator.ts";
import { Abilities, DecompositionInput } from "./input.ts";
import { promptOf } from "./prompt.ts";
import { scriptedAnswer } from "./scripted.ts";

/** The name of the function: of the agent `larry` it runs as `larry.decompose`. */
const FUNCTION = "decompose";
const MAX_CORRECTIONS = 1;
const TIMEOUT_MS = 600_000;

/** What the program gives. */
export const DecompositionOutput = Decomposition.extend({
  planId: z.string().nullable(),
  planVersion: z.number().nullable(),
});

/** A result that is to be stored, for the owner of the execution. */
export interface DecomposedTask {
  readonly tenant: string;
  readonly owner: string;
  readonly planId: string;
  readonly decomposition: Decomposition;
}

interface Asking {
  readonly tenant: string;
  /** Null: every agent of the tenant. */
  readonly agentId: string | null;
}

/** What the program needs beside a model. */
interface Outside {
  readonly store: Store;
  /** What agents that get work are registered for. */
  readonly abilities: (asked: Asking) => Promise<Abilities>;
}

/** Gives the plan's version; rejects with a `StepError` `plan_refused` when the plan does not take it. */
type Store = (asked: DecomposedTask) => Promise<{ readonly version: number }>;

/** The function that every agent which polls has. */
export function decompositionFunction(outside: Outside): FunctionDefinition {
  return {
    name: FUNCTION,
    kind: "execution",
    description: "Takes a task apart into subtasks that an agent can do.",
    tags: [],
    input: DecompositionInput as StandardSchema,
    output: DecompositionOutput as StandardSchema,
    timeoutMs: TIMEOUT_MS,
    execution: { name: "Decompose", failureCodes: [...FAILURE_CODES, REFUSED, NO_ACTION], tools: [] },
    program: ((input: DecompositionInput, ctx: ProgramContext) => decompose(input, ctx, outside)) as never,
  };
}

async function decompose(given: DecompositionInput, ctx: ProgramContext, outside: Outside): Promise<Json> {
  const { task, plan_id: planId, execution_id: executionId } = given;
  const capabilities = given.capabilities ?? (await registered(given, ctx, outside));
  if (executionId !== null && capabilities.length === 0)
    throw new ExecutionFailure(NO_ACTION, "no agent that gets work is registered for any action");
  const input = { ...given, capabilities };
  const { system, task: said } = promptOf(input);
  const conversation = new Conversation(ctx, {
    config: { system },
    ...{ tools: [], maxToolRounds: 1, maxRetries: MAX_CORRECTIONS },
    asking: { agent: FUNCTION, dynamicApprovals: {}, terms: {} },
    script: [{ when: () => true, reply: { text: JSON.stringify(scriptedAnswer(input)) } }],
  });
  const execute = () => conversation.ask(said);
  const plan = { input, validators: [soundAnswer], onRetry: "feedback" as const, execute };
  const answer = DecompositionAnswer.parse(await runAttempts(plan, ctx, conversation));
  const actions = capabilities.map(({ action }) => action);
  const decomposition = decompositionOf(answer, { taskId: task.task_id, actions });
  if (executionId !== null && !decomposition.subtasks.some(({ action }) => action !== null && actions.includes(action)))
    throw new ExecutionFailure(NO_ACTION, "no subtask was found that an agent of this plan can do");
  if ((planId !== null || executionId !== null) && decomposition.confidence < CONFIRMED_BELOW) {
    const where = planId === null ? { execution_id: executionId } : { plan_id: planId };
    await ctx.waitForApproval({ name: "confirm", payload: toJson({ ...where, ...decomposition }) });
  }
  if (planId === null) return toJson({ ...decomposition, planId, planVersion: null });
  const asked = { plan_id: planId, decomposition: toJson(decomposition) };
  const storing = () => outside.store({ ...ctx.ownedBy, planId, decomposition });
  try {
    const { version } = await ctx.effect("store", asked, STORING, storing);
    return toJson({ ...decomposition, planId, planVersion: version });
  } catch (error) {
    throw hasCode(error, REFUSED) ? new ExecutionFailure(REFUSED, error.message) : error;
  }
}

/** In the journal: agents that come later change nothing. */
async function registered({ agent_id: agentId }: DecompositionInput, ctx: ProgramContext, { abilities }: Outside) {
  const { tenant } = ctx.ownedBy;
  const read = async () => toJson(await abilities({ tenant, agentId }));
  return Abilities.parse(await ctx.effect("abilities", { agent_id: agentId }, READING, read));
}

const REFUSED = "plan_refused";
const NO_ACTION = "no_action";
const READING = { idempotent: true, maxAttempts: 3 };
const STORING = { idempotent: true, maxAttempts: 3, retryable: (error: Error) => !hasCode(error, REFUSED) };

const soundAnswer: Validator<never, string> = {
  name: "sound_decomposition",
  validate: async (response): Promise<Judgement> => {
    const read = readJson(response);
    if (!read.ok) return fail({ feedback: `The answer must be one JSON value and nothing else: ${read.reason}` });
    const checked = await check(DecompositionAnswer, read.value);
    const errors = checked.ok ? faultsOfAnswer(checked.value) : checked.errors;
    return errors.length === 0 ? pass : fail({ feedback: `The decomposition does not fit:\n${inLines(errors)}` });
  },
};
