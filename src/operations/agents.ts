import { z } from "zod";
import type { AgentDefinition, FunctionDefinition } from "../define/agent.ts";
import type { StandardSchema } from "../define/schema.ts";
import type { Result } from "../domain/fault.ts";
import { accept, refuse } from "../domain/fault.ts";
import { MAX_FILE_BYTES, MAX_FILES } from "../domain/stored-file.ts";
import { formatTarget } from "../domain/target.ts";
import type { Catalog } from "./ports.ts";

/** What exists to be executed, with JSON Schemas where the schema library can write them. */
export function listAgents({ agents }: Catalog) {
  return { items: [...agents.values()].map(agentBody) };
}

/** The agentic executions of one agent. */
export function listDefinitions({ agents }: Catalog, id: string): Result<{ readonly items: readonly object[] }> {
  const agent = agents.get(id);
  if (!agent) return refuse("not_found", `there is no agent "${id.slice(0, 200)}"`);
  return accept({ items: [...agent.functions.values()].flatMap((definition) => definitionBody(id, definition)) });
}

function definitionBody(agent: string, { name, description, input, output, execution }: FunctionDefinition): object[] {
  if (!execution) return [];
  return [
    {
      key: name,
      name: execution.name,
      description,
      agent_id: agent,
      target: formatTarget({ agent, fn: name }),
      input_schema: jsonSchema(input, "input"),
      output_schema: jsonSchema(output, "output"),
      failure_codes: execution.failureCodes,
    },
  ];
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

function functionBody(agent: string, { name, kind, description, tags, input, output, files }: FunctionDefinition) {
  const target = formatTarget({ agent, fn: name });
  return {
    name,
    target,
    type: kind,
    description,
    tags,
    input_schema: jsonSchema(input, "input"),
    output_schema: jsonSchema(output, "output"),
    files: files && { types: files.types, max: Math.min(files.max ?? MAX_FILES, MAX_FILES), max_bytes: MAX_FILE_BYTES },
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
