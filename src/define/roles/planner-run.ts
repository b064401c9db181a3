/**
 * A planner at work: its model stores versions of a plan, a person decides about the newest one, and what the person wants
 * changed goes back into the same conversation, until a version is approved or rejected.
 *
 * - The plan has the id of this execution. Each version is written before it is shown.
 * - The approval shows the version with its digest, and is for this one alone; which rule asks is settled at the beginning.
 */
import * as z from "zod";
import type { Verdict } from "../../domain/execution/approval.ts";
import type { Json } from "../../domain/values/json.ts";
import { toJson } from "../../domain/values/json.ts";
import { runAttempts } from "../execution/attempts.ts";
import type { Conversation } from "../execution/conversation.ts";
import type { ProgramTool } from "../execution/model-tool.ts";
import { programTool } from "../execution/model-tool.ts";
import { mustAsk } from "../execution/tool-approval.ts";
import type { StandardSchema } from "../schema.ts";
import { fail, pass } from "../validator.ts";
import { stopExecution } from "../validators/stop-execution.ts";
import type { ApprovalRule } from "./approval-policy.ts";
import type { PlanDefinition } from "./plan-definition.ts";
import type { PlannedAction, PlanStanding, PlanVersion } from "./plan-record.ts";
import { planDiff } from "./plan-record.ts";
import { writeStanding, writeVersion } from "./plan-store.ts";
import type { Planner } from "./role-agent.ts";
import type { RoleRun } from "./role-conversation.ts";
import { askingOf, roleConversation, settledPlanRule } from "./role-conversation.ts";
import { toolkitToolsOf } from "./toolkit-tools.ts";

export interface PlannerRun extends RoleRun {
  readonly agent: Planner;
}

const UNSTORED =
  "You have stored no plan: call store_plan with all of its actions, then say in one sentence what it does.";

export async function runPlanner(run: PlannerRun, task: string): Promise<Json> {
  const { agent, runtime, ctx } = run;
  const versions: PlanVersion[] = [];
  const conversation = roleConversation(run, [...toolkitToolsOf(agent, runtime), ...storePlan(run, versions)]);
  const rule = await settledPlanRule(run);
  let said = task;
  let attempts = 0;
  for (let turn = 1; ; turn += 1) {
    const counted = (n: number) => {
      attempts = n;
    };
    const before = versions.length;
    await respond(conversation, run, {
      said,
      turn,
      first: attempts + 1,
      counted,
      isStored: () => versions.length > before,
    });
    const newest = versions.at(-1);
    if (!newest) throw new Error("a plan was judged as stored, and there is none");
    const verdict = await decided(run, newest, rule);
    const { decision, feedback } = verdict;
    if (decision !== "request_changes") return outcome(ctx.executionId, newest, verdict);
    const wanted = feedback?.trim() || "no reason was given.";
    said = `A person wants version ${newest.version} of the plan changed: ${wanted}\n\nStore the whole plan anew.`;
  }
}

interface Round {
  readonly said: string;
  readonly turn: number;
  readonly first: number;
  readonly counted: (n: number) => void;
  readonly isStored: () => boolean;
}

async function respond(conversation: Conversation, { ctx }: PlannerRun, round: Round): Promise<void> {
  const { said, isStored, ...where } = round;
  const stored = { name: "plan_stored", validate: () => (isStored() ? pass : fail({ feedback: UNSTORED })) };
  const plan = { input: null, validators: [stopExecution, stored], onRetry: "feedback" as const };
  const execute = () => conversation.ask(said);
  await runAttempts({ ...plan, ...where, execute, result: () => null }, ctx, conversation);
}

/** `store_plan`, of a planner that has the toolkit: without it nothing is ever stored. */
function storePlan({ agent, ctx: own }: PlannerRun, versions: PlanVersion[]): readonly ProgramTool[] {
  const { plan, toolkits } = agent;
  if (!toolkits.includes("plans")) return [];
  let last = 0;
  return [
    storePlanTool(plan, async ({ summary, actions }, ctx) => {
      const before = versions.at(-1);
      const said = actions.map((one, at): PlannedAction => ({ id: `a${at + 1}`, ...one }));
      const written: PlanVersion = {
        ...{ version: ++last, summary, actions: said },
        digest: ctx.digest(toJson({ plan: plan.digest, summary, actions: said })),
        ...(before ? { diff: planDiff(before.actions, said) } : {}),
      };
      await writeVersion(ctx, own.executionId, written);
      // Two that were asked for in one turn may be written in either order.
      versions.push(written);
      versions.sort((one, other) => one.version - other.version);
      const { version, digest, diff } = written;
      return toJson({ plan_id: own.executionId, version, digest, actions: said.length, diff: diff ?? null });
    }),
  ];
}

interface Stored {
  readonly summary: string;
  readonly actions: readonly { readonly action: string; readonly input: Json }[];
}

const MOST_ACTIONS = 200;

function storePlanTool(
  { name, actions }: PlanDefinition,
  act: (stored: Stored, ctx: RoleRun["ctx"]) => Promise<Json>,
): ProgramTool {
  const kinds = Object.entries(actions).map(([action, { description, input }]) =>
    z.object({ action: z.literal(action), input: input as unknown as z.ZodType }).describe(description),
  );
  const list = z.array(z.union(kinds)).min(1).max(MOST_ACTIONS).describe("In the order in which they are carried out.");
  return programTool({
    name: "store_plan",
    description: `Stores a version of the plan "${name}", all of it. A person decides about the newest version when you have answered.`,
    input: z.object({ summary: z.string().min(1).max(2_000).describe("What it does, for a person."), actions: list }),
    act: (stored, ctx) => act(stored as Stored, ctx),
  });
}

/** Returns what a person says of a version; `approved` without a person where no rule asks. */
async function decided(run: PlannerRun, newest: PlanVersion, rule: ApprovalRule): Promise<Verdict> {
  const { agent, runtime, ctx } = run;
  const id = ctx.executionId;
  const { name, version, digest } = agent.plan;
  const stored: PlanStanding = {
    ...{ state: "stored", version: newest.version, digest: newest.digest, planner: agent.name },
    plan: { name, version, digest },
  };
  await writeStanding(ctx, id, { now: stored });
  const asking = askingOf(agent, runtime);
  const asks = await mustAsk(ctx, rule, { asking, name, input: toJson(newest.actions) });
  const payload = shown({ agent: agent.name, plan: { name, version }, id }, newest);
  const verdict: Verdict = asks ? await ctx.pause({ name: "plan", payload, ...runtime.ask }) : { decision: "approved" };
  await writeStanding(ctx, id, { now: { ...stored, ...standingAfter(verdict) } });
  return verdict;
}

/** What a person is asked to approve. */
export function shown(
  {
    agent,
    plan,
    id,
  }: { readonly agent: string; readonly plan: { name: string; version: string }; readonly id: string },
  version: PlanVersion,
): Json {
  return toJson({ kind: "plan", agent, plan, plan_id: id, ...version });
}

function standingAfter({
  decision,
  feedback,
  decidedBy,
}: Verdict): Pick<PlanStanding, "state" | "feedback" | "decidedBy"> {
  const said = {
    ...(feedback === undefined ? {} : { feedback }),
    ...(decidedBy === undefined ? {} : { decidedBy }),
  };
  switch (decision) {
    case "approved":
      return { state: "approved", ...said };
    case "request_changes":
      return { state: "changes_requested", ...said };
    case "rejected":
    case "expired":
      return { state: "rejected", ...said };
  }
}

function outcome(
  id: string,
  { version, digest, summary, actions }: PlanVersion,
  { decision, feedback }: Verdict,
): Json {
  const state = decision === "approved" ? "approved" : "rejected";
  return toJson({ plan_id: id, state, version, digest, summary, actions, feedback: feedback ?? null });
}

export const PlanInput = z.object({ task: z.string().min(1).max(200_000) }) as unknown as StandardSchema<{
  task: string;
}>;
