/** Puts a definition together: its prompt, its tools, its judges, and the program that the engine runs. */
import * as z from "zod";
import { FAILURE_CODES } from "../../domain/execution/attempt.ts";
import type { Script } from "../../domain/model/script.ts";
import type { Json } from "../../domain/values/json.ts";
import { numberOf } from "../../domain/values/numbers.ts";
import { isA } from "../../domain/values/thrown.ts";
import type { FunctionDefinition } from "../agent.ts";
import type { AgentConfig, AgentConfigs } from "../agent-config.ts";
import { configFor } from "../agent-config.ts";
import { checked, Name } from "../checked.ts";
import { ExecutionFailure } from "../errors.ts";
import { jsonSchemaOf } from "../json-schema.ts";
import type { ProgramContext } from "../program-context.ts";
import type { ApprovalDeclarations, ApprovalRule } from "../roles/approval-policy.ts";
import { toolApproval } from "../roles/approval-policy.ts";
import type { StandardSchema } from "../schema.ts";
import type { Tool } from "../tool.ts";
import { matchesSchema } from "../validators/matches-schema.ts";
import { stopExecution } from "../validators/stop-execution.ts";
import { runAttempts } from "./attempts.ts";
import type { Prompt } from "./conversation.ts";
import { Conversation } from "./conversation.ts";
import type { AnyValidator } from "./judge.ts";
import type { ModelTool } from "./model-tool.ts";
import { isProgramTool } from "./model-tool.ts";
import { stopTool } from "./stop-tool.ts";
import type { Asking } from "./tool-approval.ts";

interface Owner {
  readonly id: string;
  readonly description: string;
  readonly config: AgentConfigs | undefined;
}

interface Parts {
  readonly key: string;
  readonly output?: StandardSchema;
  readonly failureCodes?: readonly string[];
  readonly validators: readonly AnyValidator[];
  readonly maxRetries: number;
  readonly onRetry?: "feedback" | "execute";
  readonly tools?: readonly ModelTool[];
  readonly maxToolRounds?: number;
  /** Most turns of the whole run. */
  readonly maxTurns?: number;
  /** What is said of approvals beside the tools' own words. */
  readonly approvals?: ApprovalDeclarations;
  readonly asking?: Asking;
  readonly script?: Script | undefined;
  /** What the execution gives for a response. Default: the response as JSON, else `{ response }`. */
  readonly result?: (response: string) => Json;
  readonly execute: (ctx: unknown) => Promise<string>;
}

const Config = z.looseObject({
  maxTokens: numberOf({ min: 1, max: Number.MAX_SAFE_INTEGER, whole: true }).optional(),
  model: Name.optional(),
});

const DEFAULT_TOOL_ROUNDS = 50;

export function executionProgram(
  agent: Owner,
  parts: Parts,
): { readonly program: FunctionDefinition["program"]; readonly tools: readonly Tool[] } {
  const config = configFor(agent.config, "execution");
  checked(Config, config, `agent "${agent.id}": config`);
  const tools = distinct(`${agent.id}.${parts.key}`, [...(config.tools ?? []), ...(parts.tools ?? []), stopTool]);
  const rules = rulesOf(tools, parts.approvals);
  if (!parts.asking) refuseDynamic(`${agent.id}.${parts.key}`, rules);
  const { asking = { agent: agent.id, dynamicApprovals: {}, terms: {} }, maxTurns, result } = parts;
  const asked = { ...config, system: systemOf(agent, config, parts.output) };
  const { maxRetries, onRetry = "feedback", maxToolRounds = DEFAULT_TOOL_ROUNDS, script, execute } = parts;
  const validators = judgesOf(parts);
  const declared = new Set([...FAILURE_CODES, ...(parts.failureCodes ?? [])]);
  const program = async (input: unknown, ctx: ProgramContext) => {
    const limits = { maxToolRounds, maxRetries, maxTurns };
    const conversation = new Conversation(ctx, { config: asked, tools, ...limits, approvals: rules, asking, script });
    const ask = (prompt: Prompt) => conversation.ask(prompt);
    const pass = ({ n, feedback }: { n: number; feedback: string | undefined }) =>
      execute({ ...ctx, input, conversation: { ask }, attempt: n, feedback });
    try {
      return await runAttempts({ input, validators, onRetry, execute: pass, result }, ctx, conversation);
    } catch (error) {
      throw withDeclaredCode(error, declared);
    }
  };
  const own = tools.filter((tool): tool is Tool => !isProgramTool(tool));
  return { program: program as FunctionDefinition["program"], tools: own };
}

/** When a person is asked before a call, by tool; a tool that is not in it asks nobody. */
export function rulesOf(
  tools: readonly { readonly name: string }[],
  declarations: ApprovalDeclarations = {},
): Readonly<Record<string, ApprovalRule>> {
  const all = tools.map((tool) => [tool.name, toolApproval(tool, declarations).rule] as const);
  return Object.fromEntries(all.filter(([, rule]) => rule !== "never"));
}

/** Only a runtime has functions that decide. */
export function refuseDynamic(target: string, rules: Readonly<Record<string, ApprovalRule>>): void {
  for (const [tool, rule] of Object.entries(rules)) {
    if (typeof rule === "string") continue;
    const message = `its tool "${tool}" asks by the function "${rule.value}", which only agents of a runtime can`;
    throw new Error(`execution "${target}": ${message}: give the tool "always" or "never"`);
  }
}

/** What the definition lists; before it a stop is heeded unless it lists that too, and after it the output fits. */
function judgesOf({ validators, output }: Parts): readonly AnyValidator[] {
  const heeded = validators.some(({ name }) => name === stopExecution.name);
  return [...(heeded ? [] : [stopExecution]), ...validators, ...(output ? [matchesSchema(output)] : [])];
}

/** A code that the definition does not declare means nothing to its callers: the failure is shown without one. */
function withDeclaredCode(error: unknown, declared: ReadonlySet<string>): unknown {
  if (!isA(error, ExecutionFailure) || declared.has(error.code)) return error;
  return new ExecutionFailure("unknown", error.message, { undeclared_code: error.code });
}

function distinct(target: string, tools: readonly ModelTool[]): readonly ModelTool[] {
  const names = tools.map(({ name }) => name);
  const twin = names.find((name, index) => names.indexOf(name) !== index);
  if (twin !== undefined) throw new Error(`execution "${target}": two of its tools are called "${twin}"`);
  return tools;
}

function systemOf(agent: Owner, { system }: AgentConfig, output: StandardSchema | undefined): string {
  const own =
    system ?? `${agent.description}\n\nYou work unattended: nobody reads along, and nobody answers questions.`;
  if (!output) return own;
  const shape = jsonSchemaOf(output, "input");
  const fitting = shape === undefined ? "" : ` that fits this JSON Schema:\n${JSON.stringify(shape)}`;
  return `${own}\n\nAnswer with exactly one JSON value and nothing else${fitting || "."}`;
}
