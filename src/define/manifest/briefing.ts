/** What a run of a manifest begins with: its prompt, the skills that are there and those that are not. */
import type { Manifest } from "../../domain/manifest/manifest.ts";
import type { Prompt } from "../../domain/manifest/prompt.ts";
import { missingContext, promptOf } from "../../domain/manifest/prompt.ts";
import { SkillPlan } from "../../domain/manifest/skill-plan.ts";
import type { Json } from "../../domain/values/json.ts";
import { nearest } from "../../domain/values/nearest.ts";
import type { AgentDefinition, FunctionDefinition } from "../agent.ts";
import { jsonSchemaOf } from "../json-schema.ts";
import type { Skill } from "../skill.ts";

/** What manifests may use: registered skills, and functions of agents as `call:agent.function`. */
export interface SkillLibrary {
  readonly skills: ReadonlyMap<string, Skill>;
  readonly agents: ReadonlyMap<string, AgentDefinition>;
}

export interface KnownSkill {
  readonly name: string;
  readonly description: string;
  readonly version: string;
  readonly status: "active" | "deprecated";
  readonly inputSchema: Json | undefined;
  readonly outputSchema: Json | undefined;
}

export interface Briefing {
  readonly prompt: Prompt;
  readonly skills: readonly KnownSkill[];
  readonly missingSkills: readonly string[];
  readonly missingContext: readonly string[];
  readonly warnings: readonly string[];
}

interface Asked {
  readonly manifest: Manifest;
  readonly task: string | undefined;
  readonly context: Readonly<Record<string, Json>>;
  /** What earlier runs of the session left, as it is told. */
  readonly earlier?: string | undefined;
  /** By name. */
  readonly files?: ReadonlyMap<string, string>;
  /** Functions of nodes that were there at the start. */
  readonly onNodes?: readonly KnownSkill[];
}

export function briefingOf(
  library: SkillLibrary,
  { manifest, task, context, onNodes = [], ...brought }: Asked,
): Briefing {
  const onNode = (name: string) => onNodes.find((skill) => skill.name === name);
  const found = manifest.skills_available.map((name) => ({ name, skill: knownSkill(library, name) ?? onNode(name) }));
  const skills = found.flatMap(({ skill }) => (skill ? [skill] : []));
  const missingSkills = found.flatMap(({ name, skill }) => (skill ? [] : [name]));
  const answer = (jsonSchemaOf(SkillPlan, "input") ?? {}) as Json;
  return {
    prompt: promptOf({ manifest, skills, context, task, answer, ...brought }),
    skills,
    missingSkills,
    missingContext: missingContext(manifest, context),
    warnings: [
      ...(manifest.status === "deprecated" ? [`the agent ${manifest.name} ${manifest.version} is deprecated`] : []),
      ...missingSkills.map((name) => missingWarning(library, name)),
      ...skills.flatMap(({ name, status }) => (status === "deprecated" ? [`the skill "${name}" is deprecated`] : [])),
    ],
  };
}

/** The function behind `call:agent.function`. */
export function calledFunction({ agents }: SkillLibrary, name: string): FunctionDefinition | undefined {
  const target = targetOf(name);
  const dot = target?.lastIndexOf(".") ?? -1;
  return target === undefined || dot <= 0
    ? undefined
    : agents.get(target.slice(0, dot))?.functions.get(target.slice(dot + 1));
}

const CALL = "call:";

/** The target of `call:agent.function`; `undefined` for the name of a registered skill. */
export function targetOf(name: string): string | undefined {
  return name.startsWith(CALL) ? name.slice(CALL.length) : undefined;
}

function knownSkill(library: SkillLibrary, name: string): KnownSkill | undefined {
  const skill = library.skills.get(name);
  if (skill && skill.status !== "draft") {
    const { description, version, status, inputSchema, outputSchema } = skill;
    return { name, description, version, status, inputSchema, outputSchema };
  }
  const called = calledFunction(library, name);
  if (!called) return undefined;
  const [agent = ""] = (targetOf(name) ?? "").split(/\.[^.]*$/);
  const [inputSchema, outputSchema] = [jsonSchemaOf(called.input, "input"), jsonSchemaOf(called.output, "output")];
  const { version = "" } = library.agents.get(agent) ?? {};
  return {
    name,
    description: called.description || called.name,
    version,
    status: "active",
    inputSchema: inputSchema as Json | undefined,
    outputSchema: outputSchema as Json | undefined,
  };
}

function missingWarning({ skills, agents }: SkillLibrary, name: string): string {
  if (skills.get(name)?.status === "draft") return `the skill "${name}" is a draft: it counts as missing`;
  const targets = [...agents.values()].flatMap(({ id, functions }) => [...functions.keys()].map((fn) => `${id}.${fn}`));
  if (targets.includes(name)) return `the skill "${name}" is missing: to call that function write "${CALL}${name}"`;
  const meant = nearest(name, [...skills.keys(), ...targets.map((target) => `${CALL}${target}`)]);
  return `the skill "${name}" is missing${meant === undefined ? "" : `: did you mean "${meant}"?`}`;
}
