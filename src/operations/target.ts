/** From the text of a target to the function behind it, and whether an input fits it. */
import type { FunctionDefinition } from "../define/agent.ts";
import { parseInput } from "../define/parsed.ts";
import type { ParsedInput } from "../domain/execution/command.ts";
import { parseTarget } from "../domain/execution/target.ts";
import type { Result } from "../domain/values/fault.ts";
import { accept, refuse } from "../domain/values/fault.ts";
import type { Json } from "../domain/values/json.ts";
import type { Catalog } from "./ports.ts";

export interface Found {
  readonly agent: string;
  readonly version: string;
  readonly definition: FunctionDefinition;
}

export function resolveTarget({ agents }: Catalog, target: string): Result<Found> {
  const parsed = parseTarget(target);
  if (!parsed) return refuse("invalid_target", `"${target.slice(0, 200)}" is not of the form agent.function`);
  const agent = agents.get(parsed.agent);
  if (!agent) return refuse("target_not_found", `agent '${parsed.agent}' not found`);
  const definition = agent.functions.get(parsed.fn);
  if (!definition) return refuse("target_not_found", `target '${parsed.fn}' not found on agent '${parsed.agent}'`);
  return accept({ agent: agent.id, version: agent.version, definition });
}

/** What the function's schema makes of an input, or one error a field. */
export async function checkInput(
  definition: FunctionDefinition,
  input: { [key: string]: Json },
): Promise<Result<ParsedInput>> {
  const checked = await parseInput(definition.input, input);
  if (checked.ok) return accept(checked.value);
  const [first] = checked.errors;
  const where = first?.path ? `input.${first.path}` : "input";
  return refuse(
    "invalid_input",
    `${where}: ${first?.message ?? "does not fit"}`,
    checked.errors.map(({ path, message }) => ({ path: path ? `input.${path}` : "input", message })),
  );
}
