/** Judges what a model plans. What does not fit goes back to it as feedback, by the run loop of agentic executions. */
import type { z } from "zod";
import { SkillPlan } from "../../domain/manifest/skill-plan.ts";
import { referredFiles, referredSkills, resolveInputs, unknownFile } from "../../domain/manifest/skill-result.ts";
import type { Json } from "../../domain/values/json.ts";
import { nearest } from "../../domain/values/nearest.ts";
import { readJson } from "../execution/read-json.ts";
import { parseJson } from "../parsed.ts";
import { check, inLines } from "../schema.ts";
import type { Judgement, Validator } from "../validator.ts";
import { fail, pass } from "../validator.ts";
import type { SkillLibrary } from "./briefing.ts";
import { calledFunction } from "./briefing.ts";

type Planned = z.infer<typeof SkillPlan>["skills_to_invoke"][number];

interface Terms {
  readonly library: SkillLibrary;
  /** All that the manifest names, also those that are missing. */
  readonly named: readonly string[];
  /** Names of skills that can run. */
  readonly available: readonly string[];
  /** What came with the run, by name. */
  readonly files: ReadonlyMap<string, string>;
  /** Skills that have succeeded before this plan. */
  readonly done: () => ReadonlySet<string>;
}

export function validPlan(terms: Terms): Validator<never, string> {
  return {
    name: "valid_plan",
    validate: async (response): Promise<Judgement> => {
      const read = readJson(response);
      if (!read.ok) return fail({ feedback: `The answer must be one JSON value and nothing else: ${read.reason}` });
      const checked = await check(SkillPlan, read.value);
      if (!checked.ok) return fail({ feedback: `The plan does not fit:\n${inLines(checked.errors)}` });
      const faults = await planFaults(checked.value.skills_to_invoke, terms);
      return faults.length === 0 ? pass : fail({ feedback: `The plan does not fit:\n${inLines(faults)}` });
    },
  };
}

interface Fault {
  readonly path: string;
  readonly message: string;
}

async function planFaults(calls: readonly Planned[], terms: Terms): Promise<Fault[]> {
  const found = await Promise.all(
    calls.map(async (call, at) => {
      const path = `skills_to_invoke.${at}`;
      const { named, available } = terms;
      if (!named.includes(call.skill)) return [{ path: `${path}.skill`, message: unknownSkill(call.skill, named) }];
      if (!available.includes(call.skill)) return [];
      const faults = [...referenceFaults(call, calls, { path, done: terms.done() }), ...fileFaults(call, path, terms)];
      return [...faults, ...(await inputFaults(call, path, terms))];
    }),
  );
  return found.flat();
}

function unknownSkill(name: string, named: readonly string[]): string {
  const meant = nearest(name, named);
  return `there is no skill "${name.slice(0, 100)}"${meant === undefined ? "" : `; did you mean "${meant}"?`}`;
}

function referenceFaults(
  call: Planned,
  calls: readonly Planned[],
  { path, done }: { readonly path: string; readonly done: ReadonlySet<string> },
): Fault[] {
  const before = new Set(calls.filter(({ order }) => order < call.order).map(({ skill }) => skill));
  return referredSkills(call.inputs)
    .filter((skill) => !before.has(skill) && !done.has(skill))
    .map((skill) => ({ path: `${path}.inputs`, message: `"${skill}" has no output before order ${call.order}` }));
}

function fileFaults({ inputs }: Planned, path: string, { files }: Terms): Fault[] {
  const unknown = referredFiles(inputs).filter((name) => !files.has(name));
  return unknown.map((name) => ({ path: `${path}.inputs`, message: unknownFile(name, files) }));
}

/** Inputs that wait for outputs are checked when these are there. */
async function inputFaults({ skill, inputs }: Planned, path: string, { library, files }: Terms): Promise<Fault[]> {
  if (referredSkills(inputs).length > 0) return [];
  const schema = library.skills.get(skill)?.input ?? calledFunction(library, skill)?.input;
  const given = resolveInputs(inputs, { results: [], files });
  const parsed = schema && given.ok ? await parseJson(schema, given.value as Json) : undefined;
  if (!parsed || parsed.ok) return [];
  return parsed.errors.map((error) => ({
    path: [`${path}.inputs`, error.path].filter(Boolean).join("."),
    message: error.message,
  }));
}
