/** Parameters of an agent with a role as they were given, copied and frozen, and everything that is wrong with them. */

import { AgentId } from "../../domain/execution/target.ts";
import type { Script } from "../../domain/model/script.ts";
import { isRecord } from "../../domain/values/is-record.ts";
import { faultOfNumber } from "../../domain/values/numbers.ts";
import type { Tool } from "../tool.ts";
import { readPolicy, readToolApprovals } from "./approval-policy.ts";
import { FaultList, inWords } from "./definition-error.ts";
import { LayeredPrompt } from "./layered-prompt.ts";
import { listOf } from "./list-of.ts";
import { readPlan } from "./plan-definition.ts";
import type { ModelChoice, RoleAgent } from "./role-agent.ts";
import type { Role } from "./toolkits.ts";
import { handOffTool, readToolkits, toolkitTools } from "./toolkits.ts";
import { refuseUnknown } from "./unknown-parameters.ts";

type Given = Readonly<Record<string, unknown>>;

const COMMON = [
  ...["name", "model", "prompt", "tools", "stateful", "maxTurns", "approval", "toolApprovals", "toolkits", "script"],
];
const OWN: Readonly<Record<Role, readonly string[]>> = {
  coordinator: ["routes"],
  planner: ["plan"],
  executor: ["plan"],
  specialist: [],
};
const REQUIRED: readonly string[] = ["name", "model", "prompt", "plan"];
/** Both have threads. */
const STATEFUL: readonly Role[] = ["coordinator", "planner"];

interface Read {
  readonly agent: RoleAgent;
  readonly faults: FaultList;
}

export function readRoleAgent(role: Role, options: unknown): Read {
  const given: Given = isRecord(options) ? options : {};
  const name = typeof given.name === "string" ? given.name : "";
  const faults = new FaultList(`${role} "${name}"`, name);
  const known = [...COMMON, ...OWN[role]];
  refuseUnknown(given, known, { faults });
  for (const field of known)
    if (REQUIRED.includes(field) && given[field] === undefined)
      faults.add("parameter_missing", field, `${field} is missing: it is required`);
  readName(given.name, faults);
  const routes = role === "coordinator" ? readRoutes(given.routes, name, faults) : [];
  const toolkits = readToolkits(given.toolkits, role, faults);
  const offered = toolkitTools(toolkits, role, routes);
  const tools = readTools(given.tools, offered, faults);
  const toolNames = [...tools.map((tool) => tool.name), ...offered];
  const common = {
    name,
    model: readModel(given.model, faults),
    prompt: readPrompt(given.prompt, faults),
    tools,
    stateful: readStateful(given.stateful, role, faults),
    maxTurns: readMaxTurns(given.maxTurns, faults),
    approval: readPolicy(given.approval, faults),
    toolApprovals: readToolApprovals(given.toolApprovals, toolNames, faults),
    toolkits,
    script: readScript(given.script, faults),
  };
  const agent = Object.freeze(withOwn(role, common, { given, routes, faults }));
  return { agent, faults: isRecord(options) ? faults : noOptions(role, options) };
}

function noOptions(role: Role, options: unknown): FaultList {
  const faults = new FaultList(role, "");
  const own = OWN[role].map((parameter) => `, ${parameter}`).join("");
  faults.add("invalid_agent", "options", `it was given ${inWords(options)}: give { name, model, prompt${own} }`);
  return faults;
}

type Common = Omit<Extract<RoleAgent, { readonly role: "specialist" }>, "role">;

function withOwn(
  role: Role,
  common: Common,
  { given, routes, faults }: { readonly given: Given; readonly routes: readonly string[]; readonly faults: FaultList },
): RoleAgent {
  if (role === "coordinator") return { role, ...common, routes };
  if (role === "specialist") return { role, ...common };
  const plan = given.plan === undefined ? readPlan({}, new FaultList("")) : readPlan(given.plan, faults, "plan");
  return { role, ...common, plan };
}

function readName(given: unknown, faults: FaultList): void {
  if (given === undefined || AgentId.safeParse(given).success) return;
  const sentence = `the name is ${inWords(given)}: it must match ^[a-z][a-z0-9._-]*$, with at most 128 characters`;
  faults.add("invalid_name", "name", sentence);
}

function readModel(given: unknown, faults: FaultList): ModelChoice {
  if (typeof given === "string" && given.trim() !== "") return Object.freeze({ id: given });
  if (given === undefined) return Object.freeze({ id: "" });
  if (!isRecord(given)) {
    faults.add("invalid_model", "model", `model is ${inWords(given)}: give the id of a model, or { id, provider }`);
    return Object.freeze({ id: "" });
  }
  refuseUnknown(given, ["id", "provider"], { faults, at: "model" });
  const { id, provider } = given;
  if (typeof id !== "string" || id.trim() === "")
    faults.add("invalid_model", "model.id", `model.id is ${inWords(id)}: give the id of a model`);
  if (provider !== undefined && (typeof provider !== "string" || provider.trim() === ""))
    faults.add(
      "invalid_model",
      "model.provider",
      `model.provider is ${inWords(provider)}: give the name of a provider`,
    );
  return Object.freeze({ id: String(id), ...(typeof provider === "string" ? { provider } : {}) });
}

function readPrompt(given: unknown, faults: FaultList): RoleAgent["prompt"] {
  if (given instanceof LayeredPrompt) return Object.freeze({ text: given.text, cacheKey: given.cacheKey });
  if (typeof given === "string") {
    if (given.trim() === "") faults.add("prompt_empty", "prompt", "prompt is empty: give a text");
    return Object.freeze({ text: given, cacheKey: undefined });
  }
  if (given !== undefined) {
    const sentence = `prompt is ${inWords(given)}: give a text, or what layeredPrompt returned`;
    faults.add("invalid_prompt", "prompt", sentence);
  }
  return Object.freeze({ text: "", cacheKey: undefined });
}

function readStateful(given: unknown, role: Role, faults: FaultList): boolean {
  if (typeof given === "boolean") return given;
  if (given !== undefined)
    faults.add("invalid_stateful", "stateful", `stateful is ${inWords(given)}: give true or false`);
  return STATEFUL.includes(role);
}

function readScript(given: unknown, faults: FaultList): Script | undefined {
  if (given === undefined || (Array.isArray(given) && given.every((step) => isRecord(step) && "reply" in step)))
    return given as Script | undefined;
  faults.add("invalid_script", "script", `script is ${inWords(given)}: give a list of { reply }`);
  return undefined;
}

/** Of an agent or a runtime. */
export function readMaxTurns(given: unknown, faults: FaultList): number | undefined {
  if (given === undefined) return undefined;
  const fault = faultOfNumber(given, { min: 1, max: Number.MAX_SAFE_INTEGER, whole: true });
  if (fault !== undefined) faults.add("invalid_max_turns", "maxTurns", `maxTurns ${fault}`);
  return fault === undefined ? (given as number) : undefined;
}

function readRoutes(given: unknown, own: string, faults: FaultList): readonly string[] {
  const list = given === undefined ? [] : listOf(given);
  if (!list) {
    faults.add("invalid_routes", "routes", `routes is ${inWords(given)}: give a list of names of agents`);
    return [];
  }
  if (list.length === 0)
    faults.add("routes_missing", "routes", "routes is empty: a coordinator hands work to at least one agent");
  const routes: string[] = [];
  for (const [at, route] of list.entries()) {
    const field = `routes.${at}`;
    if (typeof route !== "string" || route === "")
      faults.add("invalid_routes", field, `${field} is ${inWords(route)}: give the name of an agent`);
    else if (route === own) faults.add("route_to_itself", field, `${field} is the coordinator itself: take it out`);
    else if (routes.includes(route)) faults.add("route_twice", field, `routes names "${route}" twice`);
    else {
      const twin = routes.find((other) => handOffTool(other) === handOffTool(route));
      if (twin !== undefined) faults.add("route_twice", field, twinRoute(route, twin));
      else if (handOffTool(route).length > MOST_TOOL_NAME) faults.add("invalid_routes", field, tooLong(route));
      else routes.push(route);
    }
  }
  return Object.freeze(routes);
}

/** Characters of the name of a tool. */
const MOST_TOOL_NAME = 64;

function twinRoute(route: string, twin: string): string {
  return `the tools for the routes "${twin}" and "${route}" would both be called "${handOffTool(route)}": rename one`;
}

function tooLong(route: string): string {
  const tool = handOffTool(route);
  return `the tool "${tool}" for the route has more than ${MOST_TOOL_NAME} characters: give the agent a shorter name`;
}

function readTools(given: unknown, ofToolkits: readonly string[], faults: FaultList): readonly Tool[] {
  const list = given === undefined ? [] : listOf(given);
  if (!list) {
    faults.add("invalid_tools", "tools", `tools is ${inWords(given)}: give a list of what defineTool returned`);
    return [];
  }
  const tools: Tool[] = [];
  for (const [at, tool] of list.entries()) {
    const field = `tools.${at}`;
    if (!isTool(tool))
      faults.add("invalid_tools", field, `${field} is ${inWords(tool)}: give what defineTool returned`);
    else if (tools.some(({ name }) => name === tool.name))
      faults.add("tool_twice", field, `two of its tools are called "${tool.name}"`);
    else if (ofToolkits.includes(tool.name))
      faults.add("tool_twice", field, `"${tool.name}" is a tool of its toolkits already: choose another name`);
    else tools.push(tool);
  }
  return Object.freeze(tools);
}

function isTool(value: unknown): value is Tool {
  return isRecord(value) && typeof value.name === "string" && typeof value.run === "function" && "declaration" in value;
}
