/**
 * An executor at work: it takes an approved plan, carries its actions out one after the other through the dispatchers of the
 * runtime, and has its model report.
 *
 * - A plan is taken by one execution, and only as the version that was approved: its digest is reckoned anew.
 * - Each action is an effect with an idempotency key. What fails ends the plan, or not, as the plan says; then what
 *   succeeded is taken back in reverse order, where its dispatcher knows how.
 * - Where the plan stands is written before the first action and after the last one.
 */
import * as z from "zod";
import type { Json } from "../../domain/values/json.ts";
import { toJson } from "../../domain/values/json.ts";
import { isA } from "../../domain/values/thrown.ts";
import type { EffectOptions } from "../context.ts";
import { AnswerError, ExecutionFailure, StepError } from "../errors.ts";
import { mustAsk } from "../execution/tool-approval.ts";
import type { StandardSchema } from "../schema.ts";
import type { DefinedDispatcher } from "./dispatcher.ts";
import { definedDispatcher, dispatchRun } from "./dispatcher.ts";
import type { PlannedAction, PlanStanding, PlanVersion } from "./plan-record.ts";
import { readVersion, settledStanding, writeStanding } from "./plan-store.ts";
import { shown } from "./planner-run.ts";
import type { Executor } from "./role-agent.ts";
import type { RoleRun } from "./role-conversation.ts";
import { askingOf, roleConversation, settledPlanRule } from "./role-conversation.ts";
import { toolkitToolsOf } from "./toolkit-tools.ts";

export interface ExecutorRun extends RoleRun {
  readonly agent: Executor;
}

/** What an execution of a plan may fail with, beside what every run may. */
export const EXECUTOR_CODES = [
  "plan_not_found",
  "plan_mismatch",
  "plan_not_approved",
  "plan_taken",
  "plan_failed",
] as const;

const ActionResult = z.object({
  id: z.string(),
  action: z.string(),
  status: z.enum(["succeeded", "failed", "skipped"]),
  output: z.json().exactOptional(),
  error: z.string().exactOptional(),
  /** After a failure: whether it was taken back. */
  compensation: z.enum(["compensated", "failed"]).exactOptional(),
});
type ActionResult = z.infer<typeof ActionResult>;

export async function runExecutor(run: ExecutorRun, id: string): Promise<Json> {
  const { ctx } = run;
  const { standing, version } = await approvedPlan(run, id);
  const executing: PlanStanding = { ...standing, state: "executing", executor: ctx.executionId };
  const taken = await writeStanding(ctx, id, { now: executing, expects: standing });
  if (!taken) throw new ExecutionFailure("plan_taken", `the plan "${id}" was taken, or changed, by another meanwhile`);
  const results = await carriedOut(run, version);
  const failed = results.filter(({ status }) => status === "failed");
  const state = failed.length > 0 ? "failed" : "executed";
  await writeStanding(ctx, id, { now: { ...executing, state } });
  const report = await reported(run, { version, results });
  const outcome = toJson({ plan_id: id, version: version.version, digest: version.digest, state, results, report });
  if (state === "executed") return outcome;
  const sentences = failed.map(({ id: action, action: kind, error }) => `${action} (${kind}) failed: ${error}`);
  throw new ExecutionFailure("plan_failed", sentences.join("; "), outcome);
}

interface Approved {
  readonly standing: PlanStanding;
  readonly version: PlanVersion;
}

async function approvedPlan(run: ExecutorRun, id: string): Promise<Approved> {
  const { agent, ctx } = run;
  const standing = await settledStanding(ctx, id);
  if (!standing) throw new ExecutionFailure("plan_not_found", `there is no plan "${id}"`);
  const { name, digest } = agent.plan;
  if (standing.plan.digest !== digest) {
    const theirs = `${standing.plan.name} ${standing.plan.version}`;
    const sentence = `the plan "${id}" was written for the definition ${theirs}, and ${agent.name} carries out ${name} ${agent.plan.version}`;
    throw new ExecutionFailure("plan_mismatch", sentence);
  }
  if (standing.state !== "approved") {
    const code = ["executing", "executed", "failed"].includes(standing.state) ? "plan_taken" : "plan_not_approved";
    throw new ExecutionFailure(
      code,
      `the plan "${id}" is ${standing.state}: only an approved one is carried out, once`,
    );
  }
  const version = await readVersion(ctx, id, standing.version);
  const { summary = "", actions = [] } = version ?? {};
  if (!version || ctx.digest(toJson({ plan: digest, summary, actions })) !== standing.digest)
    throw new ExecutionFailure("plan_mismatch", `the actions of the plan "${id}" are not those that were approved`);
  return { standing: await seen(run, id, { standing, version }), version };
}

/** A plan that no person has seen is shown to one where the executor's own rule says so. */
async function seen(run: ExecutorRun, id: string, { standing, version }: Approved): Promise<PlanStanding> {
  const { agent, runtime, ctx } = run;
  if (standing.decidedBy !== undefined) return standing;
  const rule = await settledPlanRule(run);
  const { name } = agent.plan;
  const asks = await mustAsk(ctx, rule, { asking: askingOf(agent, runtime), name, input: toJson(version.actions) });
  if (!asks) return standing;
  const payload = shown({ agent: agent.name, plan: standing.plan, id }, version);
  const { decision, feedback = "" } = await ctx.pause({ name: "plan", payload, ...runtime.ask });
  if (decision === "approved") return standing;
  await writeStanding(ctx, id, { now: { ...standing, state: "rejected", feedback }, expects: standing });
  throw new ExecutionFailure(
    "plan_not_approved",
    `the plan "${id}" was not approved${feedback ? `: ${feedback}` : ""}`,
  );
}

async function carriedOut(run: ExecutorRun, { actions }: PlanVersion): Promise<ActionResult[]> {
  const { plan } = run.agent;
  const results: ActionResult[] = [];
  for (const action of actions) {
    const isOver = plan.onFailure === "stop" && results.some(({ status }) => status === "failed");
    results.push(isOver ? { id: action.id, action: action.action, status: "skipped" } : await dispatched(run, action));
  }
  const hasFailed = results.some(({ status }) => status === "failed");
  return hasFailed && plan.onFailure === "stop" ? compensated(run, actions, results) : results;
}

async function dispatched(run: ExecutorRun, { id, action, input }: PlannedAction): Promise<ActionResult> {
  const { ctx } = run;
  const { run: perform, checkOutcome, options } = dispatcherOf(run, action);
  const checked: EffectOptions = {
    ...options,
    ...(checkOutcome && {
      checkOutcome: (attempt) => checkOutcome(structuredClone(input), dispatchRun(attempt, ctx.services)),
    }),
  };
  try {
    const output = await ctx.effect(`${id}: ${action}`, input, checked, async (attempt) =>
      jsonOf(await perform(structuredClone(input), dispatchRun(attempt, ctx.services))),
    );
    return { id, action, status: "succeeded", output };
  } catch (error) {
    if (!isA(error, StepError)) throw error;
    return { id, action, status: "failed", error: error.message };
  }
}

/** In reverse order, each an effect of its own; one that cannot be taken back does not keep the others. */
async function compensated(
  run: ExecutorRun,
  actions: readonly PlannedAction[],
  results: readonly ActionResult[],
): Promise<ActionResult[]> {
  const { ctx } = run;
  const after = [...results];
  for (const [at, { id, action, input }] of [...actions.entries()].reverse()) {
    const result = results[at];
    const { compensate, options } = dispatcherOf(run, action);
    if (result?.status !== "succeeded" || !compensate) continue;
    const output = result.output ?? null;
    const undo = { input, output };
    try {
      await ctx.effect(`compensate ${id}: ${action}`, undo, options, async (attempt) => {
        await compensate(structuredClone(input), { ...dispatchRun(attempt, ctx.services), output });
        return null;
      });
      after[at] = { ...result, compensation: "compensated" };
    } catch (error) {
      if (!isA(error, StepError)) throw error;
      after[at] = { ...result, compensation: "failed", error: error.message };
    }
  }
  return after;
}

function dispatcherOf({ agent, runtime }: ExecutorRun, action: string): DefinedDispatcher {
  const dispatcher = runtime.dispatchers[agent.plan.name]?.[action];
  if (dispatcher) return definedDispatcher(dispatcher);
  // Such a runtime is refused, but for an approved plan of an earlier one.
  const run = () => Promise.reject(new Error(`the runtime has no dispatcher for "${action}"`));
  return { services: [], options: {}, run };
}

/** An action that gives nothing gives `null`. */
const jsonOf = (output: unknown): Json => (output === undefined ? null : (output as Json));

/** The model's words about it; `null` where it has none: the actions are done, whatever it says. */
async function reported(
  run: ExecutorRun,
  { version, results }: { readonly version: PlanVersion; readonly results: readonly ActionResult[] },
): Promise<string | null> {
  const conversation = roleConversation(run, toolkitToolsOf(run.agent, run.runtime));
  const told = JSON.stringify({ summary: version.summary, actions: version.actions, results });
  const prompt = `The plan was carried out as far as the results say. Report to the person who approved it, in a few sentences.\n\n${cut(told)}`;
  try {
    return await conversation.ask(prompt);
  } catch (error) {
    if (isA(error, StepError) || isA(error, AnswerError) || isA(error, ExecutionFailure)) return null;
    throw error;
  }
}

/** Characters of the results that are told to the model. */
const MOST_TOLD = 50_000;
const cut = (text: string) => (text.length > MOST_TOLD ? `${text.slice(0, MOST_TOLD)}… (cut)` : text);

export const ExecuteInput = z.object({ plan_id: z.string().min(1).max(256) }) as unknown as StandardSchema<{
  plan_id: string;
}>;
