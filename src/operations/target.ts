/** From the text of a target to the function behind it, and whether an input fits it. */
import type { AgentDefinition, FunctionDefinition } from "../define/agent.ts";
import { jsonSchemaOf } from "../define/json-schema.ts";
import { parseInput } from "../define/parsed.ts";
import { UNKNOWN_KEY } from "../define/schema.ts";
import type { BuiltIn } from "../domain/execution/built-in.ts";
import type { ParsedInput } from "../domain/execution/command.ts";
import type { Origin } from "../domain/execution/origin.ts";
import type { FunctionKind } from "../domain/execution/target.ts";
import { formatTarget, parseTarget } from "../domain/execution/target.ts";
import type { Refusal, Result } from "../domain/values/fault.ts";
import { accept, refuse } from "../domain/values/fault.ts";
import { inOneLine } from "../domain/values/field-errors.ts";
import type { Json } from "../domain/values/json.ts";
import { nearest } from "../domain/values/nearest.ts";
import type { Catalog } from "./ports.ts";

export interface Found {
  readonly agent: string;
  readonly version: string;
  readonly definition: FunctionDefinition;
  /** What its agent says of all its functions together. */
  readonly agentLimit?: number | undefined;
  /** The node that it runs on. */
  readonly remote?: NonNullable<Origin["remote"]>;
  readonly node?: NonNullable<Origin["node"]>;
  /** Which program of Errand itself it is. */
  readonly builtIn?: BuiltIn;
  readonly unlogged?: true;
}

export interface TargetAsked {
  readonly target: string;
  /** The only one that is meant, where the caller says it. */
  readonly kind?: FunctionKind;
  /** What is to have one version of an experiment, such as a session. */
  readonly key?: string;
  /** 0: its caller does not wait, and a node that is down is no reason to refuse. */
  readonly waitMs: number;
}

/** Most names that a refusal lists. */
const MOST_LISTED = 20;

/** `kind`: the only one that is meant, where the caller says it. */
export function resolveTarget(catalog: Catalog, target: string, kind?: FunctionKind): Result<Found> {
  const parsed = parseTarget(target);
  if (!parsed) return refuse("invalid_target", noTarget(catalog, target));
  const agent = catalog.agents.get(parsed.agent);
  if (!agent) return refuse("target_not_found", `agent '${parsed.agent}' not found${didYouMean(catalog, target)}`);
  const definition = agent.functions.get(parsed.fn);
  const isMeant = definition && (kind === undefined || definition.kind === kind);
  if (isMeant) return accept({ agent: agent.id, version: agent.version, definition, agentLimit: agent.concurrency });
  const hint = didYouMean({ agents: new Map([[agent.id, agent]]) }, target);
  const missing = `target '${parsed.fn}' not found on agent '${parsed.agent}'`;
  return refuse("target_not_found", `${missing}, which has ${functionsOf(agent)}${hint}`);
}

function noTarget({ agents }: Catalog, target: string): string {
  const shown = `"${target.slice(0, 200)}"`;
  const name = target.replace(/\.$/, "");
  const agent = agents.get(name) ?? agents.get(nearest(name, agents.keys()) ?? "");
  if (agent && !name.includes(".")) return `${shown} names no function: this agent has ${functionsOf(agent)}`;
  return `${shown} is not of the form agent.function${didYouMean({ agents }, target)}`;
}

function didYouMean({ agents }: Pick<Catalog, "agents">, target: string): string {
  const meant = nearest(target, [...agents.values()].flatMap(targetsOf));
  return meant === undefined ? "" : `; did you mean "${meant}"?`;
}

function functionsOf(agent: AgentDefinition): string {
  const targets = targetsOf(agent);
  const more = targets.length - MOST_LISTED;
  return targets.slice(0, MOST_LISTED).join(", ") + (more > 0 ? ` and ${more} more` : "");
}

function targetsOf({ id, functions }: AgentDefinition): string[] {
  return [...functions.keys()].map((fn) => formatTarget({ agent: id, fn }));
}

/** What the function's schema makes of an input, or one error a field. */
export async function checkInput(
  definition: FunctionDefinition,
  input: { [key: string]: Json },
  stray: readonly string[] = [],
): Promise<Result<ParsedInput>> {
  const checked = await parseInput(definition.input, input);
  const unwrapped = stray.length > 0 ? refusedUnwrapped(definition, stray, checked.ok) : undefined;
  if (unwrapped) return unwrapped;
  if (checked.ok) return accept(checked.value);
  const known = fieldsOf(definition);
  const errors = checked.errors.map(({ path, message }) => ({
    path: path ? `input.${path}` : "input",
    message: message === UNKNOWN_KEY ? `${message}${meantBy(path, known)}` : message,
  }));
  return refuse("invalid_input", inOneLine(errors), errors);
}

function meantBy(path: string, known: readonly string[]): string {
  const meant = nearest(path, known);
  if (meant !== undefined) return `; did you mean "${meant}"?`;
  return known.length === 0 || path.includes(".") ? "" : `; the input takes ${known.slice(0, MOST_LISTED).join(", ")}`;
}

/** The fields of a function's input, as far as its schema can be written as JSON Schema. */
function fieldsOf({ input }: FunctionDefinition): string[] {
  const properties: unknown = jsonSchemaOf(input, "input")?.properties;
  return typeof properties === "object" && properties !== null ? Object.keys(properties) : [];
}

/**
 * What stands beside the envelope's fields where `input` is missing, and belongs into it: a field of the function's input, or
 * anything where the function needs an input.
 */
function refusedUnwrapped(
  definition: FunctionDefinition,
  stray: readonly string[],
  needsNone: boolean,
): Refusal | undefined {
  const known = fieldsOf(definition);
  const meant = stray.filter((name) => nearest(name, known) !== undefined);
  if (meant.length === 0 && needsNone) return undefined;
  const [name = ""] = meant.length > 0 ? meant : stray;
  const path = name.slice(0, 100);
  const message = `is no field of the body: wrap it in "input", as in {"input": {${JSON.stringify(path)}: ...}}`;
  return refuse("invalid_input", `${path}: ${message}`, [{ path, message }]);
}
