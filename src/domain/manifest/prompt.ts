/**
 * What the model of a manifest's agent is told. The same manifest, skills, context and task always give the same text, byte by
 * byte: it is hashed and stored with the run, and the provider's prompt cache hangs on it.
 */
import type { Json } from "../values/json.ts";
import { canonicalJson } from "../values/json.ts";
import type { Manifest, ReasoningMode } from "./manifest.ts";

/** A skill as the prompt shows it. */
interface ShownSkill {
  readonly name: string;
  readonly description: string;
  /** JSON Schema; `undefined` where its schema library cannot write one. */
  readonly inputSchema: Json | undefined;
}

export interface PromptParts {
  readonly manifest: Manifest;
  /** Those that can run, in the order of the manifest. */
  readonly skills: readonly ShownSkill[];
  readonly context: Readonly<Record<string, Json>>;
  readonly task: string | undefined;
  /** What earlier runs of the session left. */
  readonly earlier?: string | undefined;
  /** By name, in the order in which they were sent. */
  readonly files?: ReadonlyMap<string, string>;
  /** JSON Schema of the answer. */
  readonly answer: Json;
}

export interface Prompt {
  /** The same for every task. */
  readonly system: string;
  /** What the user says. */
  readonly task: string;
  /** Both, as they are shown and hashed. */
  readonly whole: string;
}

const MODES = {
  oneshot: [
    "You plan once. Analyse the whole task and name every skill that is to run, with its inputs and its order.",
    "The plan is carried out as it stands, and you are not asked again.",
  ],
  iterative: [
    "You plan step by step. Name the skills that are to run next; then you see their results and plan on.",
    "When a skill failed, run it again with other inputs, or choose another one.",
    "When nothing is left to do, answer with an empty list of skills, and say in the analysis what was reached.",
  ],
} as const satisfies Record<ReasoningMode, readonly string[]>;

export function promptOf({ manifest, skills, context, task, answer, earlier, files }: PromptParts): Prompt {
  const { name, description, capabilities, reasoning_mode: mode, workflow_pattern: workflow } = manifest;
  const system = [
    `You are ${name}, a specialized agent. You work unattended: no person reads along or answers questions.`,
    description,
    section("Capabilities", list(capabilities)),
    section(`Reasoning mode: ${mode}`, MODES[mode].join("\n")),
    section("Skills", skills.length === 0 ? "None is available." : skills.map(skillText).join("\n\n")),
    workflow?.trim() ? section("Workflow", workflow.trim()) : "",
    contextText(manifest, context),
    section("Answer", `${ANSWER}\n${canonicalJson(answer)}`),
  ]
    .filter((part) => part !== "")
    .join("\n\n");
  const said = [
    earlier === undefined ? "" : section("Earlier in this session", earlier),
    files && files.size > 0 ? filesText(files) : "",
    task?.trim() ? section("Task", task.trim()) : READY,
  ]
    .filter((part) => part !== "")
    .join("\n\n");
  return { system, task: said, whole: `${system}\n\n${said}` };
}

const ANSWER = "Answer with exactly one JSON value and nothing else. It fits this JSON Schema:";
const READY = "No task was given. Say in the analysis that you are ready and for what, and name no skills.";

/** Names of the manifest's requirements for which a run brings nothing. */
export function missingContext(
  { context_requirements: wanted = {} }: Manifest,
  context: Readonly<Record<string, Json>>,
): string[] {
  return Object.keys(wanted).filter((name) => !Object.hasOwn(context, name));
}

function section(title: string, text: string): string {
  return `## ${title}\n${text}`;
}

function list(items: readonly string[]): string {
  return items.map((item) => `- ${item}`).join("\n");
}

function skillText({ name, description, inputSchema }: ShownSkill): string {
  const inputs = inputSchema === undefined ? "any JSON object" : canonicalJson(inputSchema);
  return `### ${name}\n${description}\nInputs: ${inputs}`;
}

/** What is wanted comes first, in the order of the manifest, then whatever else was given, by name. */
function contextText(manifest: Manifest, context: Readonly<Record<string, Json>>): string {
  const wanted = Object.entries(manifest.context_requirements ?? {});
  const others = Object.keys(context)
    .filter((name) => !wanted.some(([known]) => known === name))
    .sort();
  if (wanted.length + others.length === 0) return "";
  const given = (name: string) => (Object.hasOwn(context, name) ? inWords(context[name] ?? null) : "not given");
  const lines = [
    ...wanted.map(([name, what]) => `${name} (${inWords(what)}): ${given(name)}`),
    ...others.map((name) => `${name}: ${given(name)}`),
  ];
  return section("Context", list(lines));
}

/** Characters of all files together that the model reads; skills are handed the whole of each. */
const MOST_SHOWN = 20_000;

function filesText(files: ReadonlyMap<string, string>): string {
  const share = Math.floor(MOST_SHOWN / files.size);
  const shown = [...files].map(([name, text]) => {
    const part = text.length > share ? `${text.slice(0, share)}\n… (${text.length - share} characters more)` : text;
    return `### ${name}\nIn the inputs of a skill {"$file": ${JSON.stringify(name)}} stands for all of it.\n${part}`;
  });
  return section("Files", shown.join("\n\n"));
}

function inWords(value: Json): string {
  return typeof value === "string" ? value : canonicalJson(value);
}
