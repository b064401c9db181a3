/**
 * Runs what was planned. Each skill is an effect of the execution, with a key of its own; skills of one order run at the same
 * time, in branches. After a failure the later orders are skipped, unless the manifest says `continue`.
 */
import type { z } from "zod";
import type { Manifest } from "../../domain/manifest/manifest.ts";
import type { SkillPlan } from "../../domain/manifest/skill-plan.ts";
import type { SkillResult } from "../../domain/manifest/skill-result.ts";
import { resolveInputs } from "../../domain/manifest/skill-result.ts";
import type { Json } from "../../domain/values/json.ts";
import { isA, messageOf } from "../../domain/values/thrown.ts";
import { StepError, ToolError } from "../errors.ts";
import { parseJson } from "../parsed.ts";
import type { ProgramContext } from "../program-context.ts";
import { inLines } from "../schema.ts";
import type { SkillLibrary } from "./briefing.ts";
import { targetOf } from "./briefing.ts";

type Planned = z.infer<typeof SkillPlan>["skills_to_invoke"][number];

export interface SkillTerms {
  readonly library: SkillLibrary;
  readonly manifest: Manifest;
  readonly available: readonly string[];
  /** What came with the run, by name. */
  readonly files: ReadonlyMap<string, string>;
  /** No skill runs: each says that it would have. */
  readonly dryRun: boolean;
}

/** `earlier` are results of plans before this one. */
export async function runPlan(
  calls: readonly Planned[],
  ctx: ProgramContext,
  { terms, earlier }: { readonly terms: SkillTerms; readonly earlier: readonly SkillResult[] },
): Promise<SkillResult[]> {
  const results: SkillResult[] = [];
  const orders = [...new Set(calls.map(({ order }) => order))].sort((one, other) => one - other);
  for (const order of orders) {
    const group = calls.filter((call) => call.order === order);
    const failed = results.find(({ status }) => status === "failed");
    if (failed && terms.manifest.error_handling.on_failure === "stop") {
      const error = `"${failed.skill}" failed before it`;
      results.push(...group.map((call) => resultOf(call, ctx, { status: "skipped", error })));
      continue;
    }
    const known = [...earlier, ...results];
    const done = await ctx.all(
      group,
      (_call, at) => String(at + 1),
      (call, branch) => runSkill(call, branch, { terms, known }),
    );
    results.push(...done);
  }
  return results;
}

type Outcome = Pick<SkillResult, "status" | "output" | "error">;

function resultOf({ skill, purpose, order }: Planned, ctx: ProgramContext, outcome: Outcome): SkillResult {
  return { skill, purpose, order, timestamp: new Date(ctx.now()).toISOString(), ...outcome };
}

async function runSkill(
  call: Planned,
  ctx: ProgramContext,
  { terms, known }: { readonly terms: SkillTerms; readonly known: readonly SkillResult[] },
): Promise<SkillResult> {
  const { skill } = call;
  if (!terms.available.includes(skill))
    return resultOf(call, ctx, { status: "skipped", error: `the skill "${skill}" is missing` });
  if (terms.dryRun) {
    const output = { success: true, note: `Simulated execution of ${skill}` };
    return resultOf(call, ctx, { status: "simulated", output });
  }
  const inputs = resolveInputs(call.inputs, { results: known, files: terms.files });
  if (!inputs.ok) return resultOf(call, ctx, { status: "failed", error: inputs.message });
  try {
    const output = await perform(skill, inputs.value, { ctx, terms });
    return resultOf(call, ctx, { status: "success", output });
  } catch (error) {
    if (!isA(error, StepError)) throw error;
    return resultOf(call, ctx, { status: "failed", error: error.message });
  }
}

async function perform(
  name: string,
  inputs: { readonly [key: string]: Json },
  { ctx, terms }: { readonly ctx: ProgramContext; readonly terms: SkillTerms },
): Promise<Json> {
  const target = targetOf(name);
  if (target !== undefined) return ctx.call(target, inputs);
  const skill = terms.library.skills.get(name);
  const options = {
    ...skill?.options,
    maxAttempts: 1 + terms.manifest.error_handling.max_retries,
    retryable: (error: Error) => !(isA(error, ToolError) && error.fatal),
  };
  return ctx.effect(name, inputs, options, async (attempt): Promise<Json> => {
    if (!skill) throw new ToolError(`the skill "${name}" is not in this version of the code`, { fatal: true });
    const parsed = await parseJson(skill.input, inputs);
    if (!parsed.ok) throw new ToolError(`its inputs do not fit:\n${inLines(parsed.errors)}`, { fatal: true });
    return skill.run(parsed.value, attempt, ctx.services);
  });
}

/** Characters of an output that are told to the model. */
const MOST_TOLD = 20_000;

/** What the model of an iterative run is told before it plans on. */
export function toldResults(results: readonly SkillResult[]): string {
  const lines = results.map(({ skill, status, output, error }) => {
    const text = JSON.stringify({ skill, status, ...(error === undefined ? { output } : { error }) });
    return text.length > MOST_TOLD ? `${text.slice(0, MOST_TOLD)}… (cut)` : text;
  });
  return `## Results\n${lines.join("\n")}\n\nPlan on, or end with an empty list of skills.`;
}

/** What failed, a sentence each. */
export function failures(results: readonly SkillResult[]): string[] {
  return results.flatMap(({ skill, status, error }) =>
    status === "failed" ? [`skill ${skill} failed: ${messageOf(error)}`] : [],
  );
}
