/** What `createErrand` is given, looked at before anything is made of it: each fault is a sentence that names the place. */
import type { UserProgram } from "../compose/catalog.ts";
import type { AgentDefinition } from "../define/agent.ts";
import { sentenceOfFault } from "../define/declared.ts";
import type { ExecutionDefinition } from "../define/execution.ts";
import type { Runtime } from "../define/roles/runtime.ts";
import { isRuntime } from "../define/roles/runtime.ts";
import type { Skill } from "../define/skill.ts";

const OPTIONS: ReadonlySet<string> = new Set(["agents", "executions", "skills", "runtimes", "manifests", "services"]);

/** The lists without what is no definition. */
export function programOf(options: object): UserProgram {
  if (options instanceof Undeclared) return { ...EMPTY, faults: [sentenceOfFault(options.error)] };
  const faults = Object.keys(options)
    .filter((name) => !OPTIONS.has(name))
    .map((name) => `createErrand has no option "${name}": it takes ${[...OPTIONS].join(", ")}`);
  const { agents, executions, skills, runtimes, manifests, services } = options as Readonly<Record<string, unknown>>;
  if (services !== undefined && typeof services !== "function")
    faults.push("services is no function: give (env) => ({ name: service })");
  return {
    agents: listOf(agents, "agents", faults).filter((one, at): one is AgentDefinition => isAgent(one, at, faults)),
    executions: listOf(executions, "executions", faults).filter((one, at): one is ExecutionDefinition =>
      isExecution(one, at, faults),
    ),
    skills: listOf(skills, "skills", faults).filter((one, at): one is Skill => isSkill(one, at, faults)),
    runtimes: listOf(runtimes, "runtimes", faults).filter((one, at): one is Runtime => isRuntimeAt(one, at, faults)),
    manifests: listOf(manifests, "manifests", faults),
    services: typeof services === "function" ? (services as UserProgram["services"]) : EMPTY.services,
    faults,
  };
}

const EMPTY: UserProgram = {
  agents: [],
  executions: [],
  skills: [],
  runtimes: [],
  manifests: [],
  services: () => ({}),
  faults: [],
};

/** Stands for lists that could not be loaded. */
export class Undeclared {
  readonly error: unknown;

  constructor(error: unknown) {
    this.error = error;
  }
}

function listOf(given: unknown, name: string, faults: string[]): readonly unknown[] {
  if (Array.isArray(given)) return given;
  if (given !== undefined) faults.push(`${name} is no list: give an array of what define… returned`);
  return [];
}

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;

function isAgent(one: unknown, at: number, faults: string[]): boolean {
  if (isObject(one) && "functions" in one && "id" in one) return true;
  if (isObject(one) && "definition" in one && "key" in one)
    faults.push(`agents[${at}] is the execution "${String(one.key)}": put it into executions`);
  else faults.push(`agents[${at}] is ${nameOf(one)}: give what defineAgent returned`);
  return false;
}

function isExecution(one: unknown, at: number, faults: string[]): boolean {
  if (isObject(one) && "definition" in one && "agent" in one) return true;
  if (isObject(one) && "functions" in one && "id" in one)
    faults.push(`executions[${at}] is the agent "${String(one.id)}": put it into agents`);
  else faults.push(`executions[${at}] is ${nameOf(one)}: give what defineExecution returned`);
  return false;
}

function isSkill(one: unknown, at: number, faults: string[]): boolean {
  if (isObject(one) && "run" in one && "name" in one && "inputSchema" in one) return true;
  faults.push(`skills[${at}] is ${nameOf(one)}: give what defineSkill returned`);
  return false;
}

function isRuntimeAt(one: unknown, at: number, faults: string[]): boolean {
  if (isRuntime(one)) return true;
  faults.push(`runtimes[${at}] is ${nameOf(one)}: give what defineRuntime returned`);
  return false;
}

function nameOf(value: unknown): string {
  if (value === undefined)
    return "undefined (two files that import each other, or a name that the file does not export)";
  return isObject(value) ? "an object without definitions" : String(value).slice(0, 40);
}
