import { z } from "zod";
import type { AgentDefinition, FunctionDefinition } from "../define/agent.ts";
import type { StandardSchema } from "../define/schema.ts";
import { formatTarget } from "../domain/target.ts";
import type { Catalog } from "./ports.ts";

/** What exists to be executed, with JSON Schemas where the schema library can write them. */
export function listAgents({ agents }: Catalog) {
  return { items: [...agents.values()].map(agentBody) };
}

function agentBody({ id, description, version, tags, functions }: AgentDefinition) {
  return {
    agent_id: id,
    description,
    version,
    tags,
    functions: [...functions.values()].map((definition) => functionBody(id, definition)),
  };
}

function functionBody(agent: string, { name, kind, description, tags, input, output }: FunctionDefinition) {
  const target = formatTarget({ agent, fn: name });
  return {
    name,
    target,
    type: kind,
    description,
    tags,
    input_schema: jsonSchema(input, "input"),
    output_schema: jsonSchema(output, "output"),
  };
}

function jsonSchema(schema: StandardSchema, io: "input" | "output"): unknown {
  if (!(schema instanceof z.ZodType)) return undefined;
  const {
    $schema: _draft,
    "~standard": _standard,
    ...rest
  } = z.toJSONSchema(schema, { io, unrepresentable: "any" }) as Record<string, unknown>;
  return rest;
}
