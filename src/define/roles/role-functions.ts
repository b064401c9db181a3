/**
 * Agents of a runtime as agents of the house: what each role can be asked over HTTP, as functions of an agent under its name.
 * The run is the one run loop of agentic executions, with the prompt, the tools and the rules of the role agent.
 */
import { createHash } from "node:crypto";
import { z } from "zod";
import { FAILURE_CODES } from "../../domain/execution/attempt.ts";
import type { AgentDefinition, FunctionDefinition } from "../agent.ts";
import { TOO_MANY_TURNS } from "../execution/conversation.ts";
import { executionProgram } from "../execution/program.ts";
import type { StandardSchema } from "../schema.ts";
import { strict } from "../strict.ts";
import type { RoleAgent } from "./role-agent.ts";
import { RUN } from "./role-targets.ts";
import type { Runtime } from "./runtime.ts";

/** So much is asked of an agent at once. */
const MOST_PROMPT = 200_000;
const MAX_CORRECTIONS = 3;

const RunInput = z.object({ prompt: z.string().min(1).max(MOST_PROMPT) });
const RunOutput = z.object({ response: z.string() });

/** The agents of a runtime that can be asked, with their functions. */
export function agentsOf(runtime: Runtime): readonly AgentDefinition[] {
  const published = runtime.toJSON();
  return Object.values(runtime.agents).flatMap((agent): readonly AgentDefinition[] => {
    const { name, role } = agent;
    const functions = functionsOf(agent, runtime);
    if (functions.length === 0) return [];
    const form = published.agents.find((one) => one.name === name);
    return [
      {
        ...{ id: name, tags: [role], description: `A ${role} of a runtime.` },
        version: createHash("sha256").update(JSON.stringify(form)).digest("hex").slice(0, 12),
        functions: new Map(functions.map((fn) => [fn.name, fn])),
      },
    ];
  });
}

function functionsOf(agent: RoleAgent, runtime: Runtime): readonly FunctionDefinition[] {
  return agent.role === "specialist" ? [runFunction(agent, runtime)] : [];
}

/** Answers one prompt, unattended. */
function runFunction(agent: RoleAgent, runtime: Runtime): FunctionDefinition {
  const { name, model, prompt, toolApprovals, script } = agent;
  const owner = { id: name, description: "", config: { system: prompt.text, model: model.id } };
  const { program, tools } = executionProgram(owner, {
    ...{ key: RUN, validators: [], tools: agent.tools, script, maxRetries: MAX_CORRECTIONS },
    failureCodes: [TOO_MANY_TURNS],
    maxTurns: agent.maxTurns ?? runtime.maxTurns,
    maxToolRounds: Number.POSITIVE_INFINITY,
    approvals: { runtime: runtime.approval, agent: agent.approval, toolApprovals },
    asking: { agent: name, dynamicApprovals: runtime.dynamicApprovals, terms: runtime.ask },
    result: (response) => ({ response }),
    execute: (ctx) => {
      const { input, conversation } = ctx as Asked;
      return conversation.ask(input.prompt);
    },
  });
  return {
    ...{ name: RUN, kind: "execution", description: "Answers one prompt.", tags: [], program },
    ...{ input: strict(RunInput as StandardSchema), output: RunOutput as StandardSchema },
    execution: { name: `${name}: run`, failureCodes: [...FAILURE_CODES, TOO_MANY_TURNS], tools },
  };
}

interface Asked {
  readonly input: z.output<typeof RunInput>;
  readonly conversation: { ask(prompt: string): Promise<string> };
}
