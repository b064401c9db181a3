/**
 * Agents of a runtime as agents of the house: what each role can be asked over HTTP, as functions of an agent under its name.
 * The run is the one run loop of agentic executions, with the prompt, the tools and the rules of the role agent.
 */
import { createHash } from "node:crypto";
import * as z from "zod";
import { FAILURE_CODES } from "../../domain/execution/attempt.ts";
import type { AgentDefinition, FunctionDefinition } from "../agent.ts";
import { chatFunction } from "../execution/chat.ts";
import { TOO_MANY_TURNS } from "../execution/conversation.ts";
import { executionProgram, rulesOf } from "../execution/program.ts";
import { stopTool } from "../execution/stop-tool.ts";
import type { ProgramContext } from "../program-context.ts";
import type { StandardSchema } from "../schema.ts";
import { strict } from "../strict.ts";
import { definedDispatcher } from "./dispatcher.ts";
import { EXECUTOR_CODES, ExecuteInput, runExecutor } from "./executor-run.ts";
import { PlanInput, runPlanner } from "./planner-run.ts";
import type { Executor, Planner, RoleAgent } from "./role-agent.ts";
import { approvalsOf, askingOf, MAX_CORRECTIONS } from "./role-conversation.ts";
import { EXECUTE, PLAN, RUN } from "./role-targets.ts";
import type { Runtime } from "./runtime.ts";
import { toolkitToolsOf } from "./toolkit-tools.ts";

/** Most characters of one request to an agent. */
const MOST_PROMPT = 200_000;

const RunInput = z.object({ prompt: z.string().min(1).max(MOST_PROMPT) });
const RunOutput = z.object({ response: z.string() });

/** The agents of a runtime that can be asked, with their functions. */
export function agentsOf(runtime: Runtime): readonly AgentDefinition[] {
  const published = runtime.toJSON();
  return Object.values(runtime.agents).map((agent): AgentDefinition => {
    const { name, role } = agent;
    const functions = [...functionsOf(agent, runtime), chatWith(agent, runtime)].map((fn) => ({
      ...fn,
      budget: runtime.budget,
    }));
    const form = published.agents.find((one) => one.name === name);
    return {
      ...{ id: name, tags: [role], description: `${role === "executor" ? "An" : "A"} ${role} of a runtime.` },
      version: createHash("sha256").update(JSON.stringify(form)).digest("hex").slice(0, 12),
      functions: new Map(functions.map((fn) => [fn.name, fn])),
    };
  });
}

function functionsOf(agent: RoleAgent, runtime: Runtime): readonly FunctionDefinition[] {
  switch (agent.role) {
    case "coordinator":
    case "specialist":
      return [runFunction(agent, runtime)];
    case "planner":
      return [planFunction(agent, runtime)];
    case "executor":
      return [executeFunction(agent, runtime)];
  }
}

/** A conversation with it: the same prompt and tools, with a person who answers. */
function chatWith(agent: RoleAgent, runtime: Runtime): FunctionDefinition {
  const { name, model, prompt, stateful, script } = agent;
  const tools = [...agent.tools, ...toolkitToolsOf(agent, runtime)];
  return chatFunction({
    ...{ agent: name, config: { system: prompt.text, model: model.id }, tools, stateful, script },
    ...{ approvals: rulesOf(tools, approvalsOf(agent, runtime)), asking: askingOf(agent, runtime) },
    ...{ threadTokens: runtime.threadTokens, maxTurns: agent.maxTurns ?? runtime.maxTurns },
  });
}

/** Answers one prompt, unattended. */
function runFunction(agent: RoleAgent, runtime: Runtime): FunctionDefinition {
  const { name, model, prompt, script } = agent;
  const owner = { id: name, description: "", config: { system: prompt.text, model: model.id } };
  const { program, tools } = executionProgram(owner, {
    ...{ key: RUN, validators: [], script, maxRetries: MAX_CORRECTIONS },
    tools: [...agent.tools, ...toolkitToolsOf(agent, runtime)],
    failureCodes: [TOO_MANY_TURNS],
    maxTurns: agent.maxTurns ?? runtime.maxTurns,
    maxToolRounds: Number.POSITIVE_INFINITY,
    approvals: approvalsOf(agent, runtime),
    asking: askingOf(agent, runtime),
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

/** Writes a plan for a task, and has it approved. */
function planFunction(agent: Planner, runtime: Runtime): FunctionDefinition {
  const program = (input: { readonly task: string }, ctx: ProgramContext) =>
    runPlanner({ agent, runtime, ctx }, input.task);
  return {
    ...{ name: PLAN, kind: "execution", description: "Writes a plan for a task, and has a person decide about it." },
    ...{ tags: [], input: strict(PlanInput), output: z.json() as StandardSchema, program: program as never },
    execution: {
      ...{ name: `${agent.name}: plan`, failureCodes: [...FAILURE_CODES, TOO_MANY_TURNS] },
      tools: [...agent.tools, stopTool],
    },
  };
}

/** Carries an approved plan out. */
function executeFunction(agent: Executor, runtime: Runtime): FunctionDefinition {
  const program = (input: { readonly plan_id: string }, ctx: ProgramContext) =>
    runExecutor({ agent, runtime, ctx }, input.plan_id);
  const dispatchers = Object.values(runtime.dispatchers[agent.plan.name] ?? {}).map(definedDispatcher);
  return {
    ...{ name: EXECUTE, kind: "execution", description: "Carries an approved plan out, each action once." },
    ...{ tags: [], input: strict(ExecuteInput), output: z.json() as StandardSchema, program: program as never },
    services: [...new Set(dispatchers.flatMap(({ services }) => services))],
    execution: {
      ...{ name: `${agent.name}: execute`, failureCodes: [...FAILURE_CODES, TOO_MANY_TURNS, ...EXECUTOR_CODES] },
      tools: [...agent.tools, stopTool],
    },
  };
}

interface Asked {
  readonly input: z.output<typeof RunInput>;
  readonly conversation: { ask(prompt: string): Promise<string> };
}
