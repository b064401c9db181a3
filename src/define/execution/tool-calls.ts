/**
 * One tool call of a model: parsed, run as a leaf of the journal, and turned into what the model reads. Any failure
 * is reported to the model in words that it can act on; only what the tool calls fatal ends the execution.
 */
import * as z from "zod";
import type { EntryError } from "../../domain/execution/entry.ts";
import type { ToolDeclaration, ToolResultBlock, ToolUseBlock } from "../../domain/model/conversation.ts";
import { toolResultText } from "../../domain/read-models/conversation-view.ts";
import type { Json } from "../../domain/values/json.ts";
import { toJson } from "../../domain/values/json.ts";
import { readModelJson } from "../../domain/values/strict-json.ts";
import { isA } from "../../domain/values/thrown.ts";
import { ExecutionFailure, StepError, stepError, ToolError } from "../errors.ts";
import { parseJson } from "../parsed.ts";
import type { ProgramContext } from "../program-context.ts";
import type { ApprovalRule } from "../roles/approval-policy.ts";
import type { Checked } from "../schema.ts";
import { inLines } from "../schema.ts";
import type { Tool } from "../tool.ts";
import type { ToolCall } from "../validator.ts";
import type { ModelTool, ProgramTool } from "./model-tool.ts";
import { isProgramTool } from "./model-tool.ts";
import type { Asking } from "./tool-approval.ts";
import { refusalOf } from "./tool-approval.ts";

export interface CallAnswer {
  readonly result: ToolResultBlock;
  /** The entry that holds the result. */
  readonly key?: string;
  /** Absent when nothing ran. */
  readonly ran?: ToolCall;
  /** Ends the execution, once the other calls of the turn are done. */
  readonly fatal?: Error;
}

interface Place {
  readonly ctx: ProgramContext;
  /** As this deployment has them. */
  readonly tools: readonly ModelTool[];
  /** What the model was offered. */
  readonly offered: readonly ToolDeclaration[];
  /** When a person is asked first, by tool. */
  readonly approvals: Readonly<Record<string, ApprovalRule>>;
  readonly asking: Asking;
}

type Runnable = Pick<Tool, "name" | "options" | "input" | "run" | "checkOutcome">;

const FATAL = "tool_fatal";

/** Returns the answer to a call that came cut off, so that the program cannot know whether the call is whole. */
export function notRun(call: ToolUseBlock): ToolResultBlock {
  return errorResult(call, "Your output was cut off before it was complete, so nothing was run. Send less at a time.");
}

export async function answerCall(call: ToolUseBlock, place: Place): Promise<CallAnswer> {
  const { ctx, tools, offered, asking } = place;
  if (!offered.some(({ name }) => name === call.name)) {
    const known = offered.map(({ name }) => name).join(", ");
    return { result: errorResult(call, `There is no tool "${call.name}". The tools are: ${known}.`) };
  }
  const tool = tools.find(({ name }) => name === call.name) ?? withdrawnTool(call.name);
  if (call.malformed !== undefined) {
    return { result: errorResult(call, `The input of "${tool.name}" ${faultOf(call.malformed)}. Send it again.`) };
  }
  const rule = Object.hasOwn(place.approvals, tool.name) ? place.approvals[tool.name] : undefined;
  const refusal = (input: Json) => refusalOf(ctx, { tool: tool.name, input, rule, asking });
  if (isProgramTool(tool)) return act(call, { ctx, tool, refusal });
  return run(call, { ctx, tool, ...(rule === undefined ? {} : { refusal }) });
}

type Refusal = (input: Json) => Promise<string | undefined>;

/** Offered by an earlier deployment, and gone from this one: what it did before stands in the journal, and it runs no more. */
function withdrawnTool(name: string): Runnable {
  const message = `"${name}" is not available any more: do without it.`;
  return {
    name,
    options: {},
    input: z.unknown(),
    run: () => Promise.reject(new ToolError(message)),
  };
}

/** By the rules of HTTP bodies: what two programs could read differently is not run either. */
function faultOf(written: string): string {
  const read = readModelJson(written);
  if (read.ok) return "was no JSON object";
  return read.isJson ? `was refused: ${read.reason}` : `was no JSON object (${read.reason})`;
}

async function run(
  call: ToolUseBlock,
  { ctx, tool, refusal }: { readonly ctx: ProgramContext; readonly tool: Runnable; readonly refusal?: Refusal },
): Promise<CallAnswer> {
  const { name, options, checkOutcome } = tool;
  const answer = await ctx.tool({
    ...{ name, options, input: call.input },
    parse: (input) => parseJson(tool.input, input),
    run: (input, attempt) => tool.run(input, attempt, ctx.services).catch(throwFatal),
    checkOutcome: checkOutcome && ((input, attempt) => checkOutcome(input, attempt, ctx.services)),
    refusal,
  });
  if (answer.refused)
    return { result: errorResult(call, `The input of "${name}" does not fit:\n${inLines(answer.refused)}`) };
  if (answer.denied !== undefined) return { result: errorResult(call, answer.denied) };
  const { key, input, outcome, recorded } = answer;
  const text = toolResultText(outcome);
  if (outcome.ok) {
    const ran: ToolCall = {
      tool: name,
      input,
      outcome: { ok: true, output: outcome.value },
      recorded: Object.hasOwn(recorded, name) ? recorded[name] : undefined,
    };
    return { result: toolResult(call.id, text), key, ran };
  }
  const ran: ToolCall = { tool: name, input, outcome: { ok: false, error: text }, recorded: undefined };
  const told = { result: errorResult(call, text), key, ran };
  return outcome.error.code === FATAL ? { ...told, fatal: fatalOf(name, outcome.error) } : told;
}

/** A tool that Errand brings: it asks the context itself, and its answer is what comes of that. */
async function act(
  call: ToolUseBlock,
  { ctx, tool, refusal }: { readonly ctx: ProgramContext; readonly tool: ProgramTool; readonly refusal: Refusal },
): Promise<CallAnswer> {
  // A schema may answer differently the next time: what it says is written down.
  const made = await ctx.step("input", async () => toJson(await parseJson(tool.input, call.input)));
  const parsed = made as Checked<Json>;
  if (!parsed.ok)
    return { result: errorResult(call, `The input of "${tool.name}" does not fit:\n${inLines(parsed.errors)}`) };
  const denied = await refusal(parsed.value);
  if (denied !== undefined) return { result: errorResult(call, denied) };
  try {
    const value = await tool.act(parsed.value, ctx);
    const ran: ToolCall = {
      ...{ tool: tool.name, input: parsed.value, recorded: undefined },
      outcome: { ok: true, output: value },
    };
    return { result: toolResult(call.id, toolResultText({ ok: true, value })), ran };
  } catch (error) {
    if (!isA(error, ToolError) && !isA(error, StepError)) throw error;
    const { message } = error;
    const ran: ToolCall = {
      ...{ tool: tool.name, input: parsed.value, recorded: undefined },
      outcome: { ok: false, error: message },
    };
    return { result: errorResult(call, message), ran };
  }
}

/** A class does not survive the journal; a code does. */
function throwFatal(error: unknown): never {
  if (!isA(error, ToolError) || !error.fatal) throw error;
  throw stepError(FATAL, error.message, error.failureCode ?? null);
}

function fatalOf(name: string, { message, details }: EntryError): Error {
  if (typeof details === "string") return new ExecutionFailure(details, message);
  return new ExecutionFailure("runtime_error", `the tool "${name}" failed: ${message}`);
}

function toolResult(toolUseId: string, content: string): ToolResultBlock {
  return { type: "tool_result", toolUseId, content };
}

function errorResult(call: ToolUseBlock, content: string): ToolResultBlock {
  return { ...toolResult(call.id, content), isError: true };
}
