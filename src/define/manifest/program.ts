/**
 * Runs an agent with a manifest, as a program on the durable engine. The manifest is part of the execution's input, so an
 * execution is bound to its own version, whatever is stored or removed later.
 *
 * - Each plan is an answer of the one conversation, judged and corrected by the run loop of agentic executions.
 * - Each skill is an effect with a key. What a run begins with is a step: a deployment that changes a skill changes no run.
 * - A run that fails carries what it did in the details of its error, in the form in which a good one carries it as output.
 */
import * as z from "zod";
import { FAILURE_CODES } from "../../domain/execution/attempt.ts";
import { Manifest } from "../../domain/manifest/manifest.ts";
import { sessionText } from "../../domain/manifest/session-memory.ts";
import { SkillPlan } from "../../domain/manifest/skill-plan.ts";
import type { SkillResult } from "../../domain/manifest/skill-result.ts";
import { Json, toJson } from "../../domain/values/json.ts";
import { isA } from "../../domain/values/thrown.ts";
import type { FunctionDefinition } from "../agent.ts";
import { ExecutionFailure, StepError } from "../errors.ts";
import { runAttempts } from "../execution/attempts.ts";
import { Conversation } from "../execution/conversation.ts";
import type { ProgramContext } from "../program-context.ts";
import type { StandardSchema } from "../schema.ts";
import type { Briefing, SkillLibrary } from "./briefing.ts";
import { briefingOf } from "./briefing.ts";
import { validPlan } from "./plan-check.ts";
import { failures, runPlan, toldResults } from "./run-skills.ts";
import { scriptedPlan } from "./scripted-plan.ts";
import { SessionOf } from "./session.ts";

/** The name of the function: `api.designer` runs as `api.designer.run`. */
const RUN_FUNCTION = "run";

const MAX_CORRECTIONS = 3;
const OWN_CODES = ["skill_failed", "too_many_turns"] as const;

const Schema = Json.optional();
const OnNode = z.object({
  ...{ name: z.string(), description: z.string(), version: z.string() },
  ...{ inputSchema: Schema, outputSchema: Schema },
});
const NO_SCHEMAS = { inputSchema: undefined, outputSchema: undefined };

const RunInput = z.object({
  manifest: Manifest,
  task_context: z.string().nullish(),
  context: z.record(z.string(), Json).nullish(),
  dry_run: z.boolean().default(false),
  save_log: z.boolean().default(true),
  /** Texts by name, for skills. */
  files: z.record(z.string(), z.string()).nullish(),
  /** Functions of nodes that the manifest calls, as they were registered at the start. */
  on_nodes: z.array(OnNode).nullish(),
  /** Absent in runs of an earlier version, which knew no sessions. */
  remember: z.boolean().default(false),
});
type RunInput = z.output<typeof RunInput>;

/** The function that every agent with a manifest has. */
export function manifestFunction(library: SkillLibrary): FunctionDefinition {
  return {
    name: RUN_FUNCTION,
    kind: "execution",
    description: "Plans skills for a task and runs them, as its manifest says.",
    tags: [],
    input: RunInput as StandardSchema,
    output: z.json() as StandardSchema,
    execution: { name: "Run", failureCodes: [...FAILURE_CODES, ...OWN_CODES], tools: [] },
    program: ((input: RunInput, ctx: ProgramContext) => new ManifestRun(library, input, ctx).run()) as never,
  };
}

type Plan = z.infer<typeof SkillPlan>;

class ManifestRun {
  readonly #library: SkillLibrary;
  readonly #input: RunInput;
  readonly #ctx: ProgramContext;
  readonly #session: SessionOf;
  readonly #files: ReadonlyMap<string, string>;
  readonly #plans: Plan[] = [];
  readonly #results: SkillResult[] = [];
  /** Judged answers so far: attempts are numbered through the whole run. */
  #attempts = 0;

  constructor(library: SkillLibrary, input: RunInput, ctx: ProgramContext) {
    this.#library = library;
    this.#input = input;
    this.#ctx = ctx;
    this.#session = new SessionOf(ctx, input.manifest.name, input.remember);
    this.#files = new Map(Object.entries(input.files ?? {}));
  }

  async run(): Promise<Json> {
    const { manifest, task_context, context } = this.#input;
    const earlier = sessionText(await this.#session.recall());
    const asked = { manifest, task: task_context ?? undefined, context: context ?? {}, earlier, files: this.#files };
    const onNodes = (this.#input.on_nodes ?? []).map((skill) => ({
      ...NO_SCHEMAS,
      ...skill,
      status: "active" as const,
    }));
    const made = await this.#ctx.step("briefing", () => toJson(briefingOf(this.#library, { ...asked, onNodes })));
    const briefing = made as unknown as Briefing;
    try {
      const failed = await (manifest.reasoning_mode === "oneshot"
        ? this.#oneshot(briefing)
        : this.#iterative(briefing));
      await this.#remember(failed.length === 0);
      if (failed.length === 0) return this.#details(briefing, true);
      throw new ExecutionFailure("skill_failed", failed.join("; "));
    } catch (error) {
      if (!isA(error, ExecutionFailure) && !isA(error, StepError)) throw error;
      throw new ExecutionFailure(error.code, error.message, this.#details(briefing, false));
    }
  }

  /** What the next run of the session is told of this one. */
  #remember(success: boolean): Promise<void> {
    const analysis = this.#plans.map((plan) => plan.analysis).join("\n");
    const skills = this.#results.map(({ skill, status, output, error }) => ({
      ...{ skill, status },
      ...(output === undefined && error === undefined ? {} : { output: error ?? JSON.stringify(output) }),
    }));
    return this.#session.remember({ task: this.#input.task_context ?? "", analysis, success, skills });
  }

  async #oneshot(briefing: Briefing): Promise<string[]> {
    await this.#next(briefing, this.#conversation(briefing), briefing.prompt.task);
    return failures(this.#results);
  }

  /** A failure that the model answered with something that went well is none. */
  async #iterative(briefing: Briefing): Promise<string[]> {
    const conversation = this.#conversation(briefing);
    let said = briefing.prompt.task;
    let last: readonly SkillResult[] = [];
    for (let turn = 1; turn <= this.#input.manifest.max_turns; turn += 1) {
      const results = await this.#next(briefing, conversation, said);
      if (results.length === 0) return failures(last);
      last = results;
      said = toldResults(results);
    }
    const message = `the model still planned skills after ${this.#input.manifest.max_turns} turns`;
    throw new ExecutionFailure("too_many_turns", message);
  }

  #conversation(briefing: Briefing): Conversation {
    const { manifest, task_context } = this.#input;
    const { model } = manifest;
    return new Conversation(this.#ctx, {
      config: { system: briefing.prompt.system, ...(model === undefined ? {} : { model }) },
      ...{ tools: [], maxToolRounds: 1, maxRetries: MAX_CORRECTIONS },
      asking: { agent: manifest.name, dynamicApprovals: {}, terms: {} },
      script: scriptedPlan({
        ...{ manifest, skills: briefing.skills, files: [...this.#files.keys()] },
        task: task_context ?? undefined,
      }),
    });
  }

  /** One plan, and what came of it. */
  async #next(briefing: Briefing, conversation: Conversation, said: string): Promise<readonly SkillResult[]> {
    const { manifest, dry_run: dryRun } = this.#input;
    const available = briefing.skills.map(({ name }) => name);
    const hasGiven = ({ status }: SkillResult) => status === "success" || status === "simulated";
    const done = () => new Set(this.#results.filter(hasGiven).map(({ skill }) => skill));
    const files = this.#files;
    const named = manifest.skills_available;
    const validators = [validPlan({ library: this.#library, named, available, done, files })];
    const execute = () => conversation.ask(said);
    const first = this.#attempts + 1;
    const counted = (n: number) => {
      this.#attempts = n;
    };
    const where = { turn: this.#plans.length + 1, first, counted };
    const plan = { input: this.#input, validators, onRetry: "feedback" as const, execute, ...where };
    const answer = SkillPlan.parse(await runAttempts(plan, this.#ctx, conversation));
    this.#plans.push(answer);
    const terms = { library: this.#library, manifest, available, dryRun, files };
    const results = await runPlan(answer.skills_to_invoke, this.#ctx, { terms, earlier: [...this.#results] });
    this.#results.push(...results);
    return results;
  }

  /** What a log of the run holds; tokens, cost and times are known to the execution. */
  #details({ prompt, skills, missingSkills, missingContext, warnings }: Briefing, success: boolean): Json {
    const { manifest, task_context } = this.#input;
    const { name, version, description, reasoning_mode, status } = manifest;
    const results = this.#results.map(({ order: _order, ...result }) => result);
    const count = (wanted: SkillResult["status"]) => results.filter((result) => result.status === wanted).length;
    const planned = this.#plans.reduce((sum, plan) => sum + plan.skills_to_invoke.length, 0);
    return toJson({
      agent: { name, version, description, reasoning_mode, status },
      task_context: task_context ?? null,
      prompt: prompt.whole,
      prompt_hash: this.#ctx.digest(prompt.whole),
      skills_available: skills.map(({ inputSchema: _in, outputSchema: _out, ...skill }) => skill),
      missing_skills: missingSkills,
      missing_context: missingContext,
      warnings: this.#session.fault === undefined ? warnings : [...warnings, this.#session.fault],
      claude_response: merged(this.#plans),
      ...(reasoning_mode === "iterative" ? { turns: this.#plans.map((plan, at) => ({ turn: at + 1, ...plan })) } : {}),
      execution_results: results,
      summary: {
        skills_planned: planned,
        skills_executed: count("success") + count("failed") + count("simulated"),
        skills_failed: count("failed"),
        skills_skipped: count("skipped"),
        success,
      },
    });
  }
}

/** All plans as one: the orders of a later one come behind those of the earlier ones. */
function merged(plans: readonly Plan[]): Plan | null {
  const [only] = plans;
  if (!only) return null;
  if (plans.length === 1) return only;
  let behind = 0;
  const calls = plans.flatMap(({ skills_to_invoke: own }) => {
    const moved = own.map((call) => ({ ...call, order: call.order + behind }));
    behind = Math.max(behind, ...moved.map(({ order }) => order));
    return moved;
  });
  const texts = (of: (plan: Plan) => string) => [...new Set(plans.map(of))].join("\n");
  return {
    analysis: texts(({ analysis }) => analysis),
    skills_to_invoke: calls,
    reasoning: texts(({ reasoning }) => reasoning),
  };
}
