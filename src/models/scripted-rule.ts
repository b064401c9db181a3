/**
 * What a willing model might do: call the tool that fits best, once; then answer, in JSON when the system prompt wants
 * JSON. Input and JSON are made from the schema and from what the user said. It knows no definition of this house, so
 * it is plausible everywhere and clever nowhere; who needs more writes a script.
 */

import type { Block, Message, ToolDeclaration, ToolResultBlock, TurnRequest } from "../domain/model/conversation.ts";
import { blocksOf, textOf } from "../domain/model/conversation.ts";
import type { ScriptedAnswer } from "../domain/model/script.ts";
import { isRecord } from "../domain/values/is-record.ts";
import type { Json } from "../domain/values/json.ts";
import type { Schema } from "../domain/values/json-example.ts";
import { firstObject, jsonExample } from "../domain/values/json-example.ts";

/** Ends an unattended run; nothing a plausible model would begin with. */
const STOP_TOOL = "stop_execution";

export function plausible({ system = "", messages, tools }: TurnRequest): ScriptedAnswer {
  const wantsJson = /\bjson\b/i.test(system);
  const asked = wantsJson ? messages : sinceLastQuestion(messages);
  const blocks = asked.flatMap(blocksOf);
  const said = firstWords(asked);
  const tool = blocks.some(({ type }) => type === "tool_use") ? undefined : bestTool(tools, said);
  if (tool) return { tools: [{ name: tool.name, input: inputFor(tool, said) }] };
  const text = closingText(said, lastResult(blocks));
  return { text: wantsJson ? JSON.stringify(jsonAnswer(system, said, text)) : text };
}

/** Talk goes on from its newest question; where JSON is wanted the first one is the task, and feedback follows. */
function sinceLastQuestion(messages: readonly Message[]): readonly Message[] {
  const last = messages.findLastIndex((message) => message.role === "user" && textOf(blocksOf(message)) !== "");
  return last < 0 ? messages : messages.slice(last);
}

function firstWords(messages: readonly Message[]): string {
  const [text = ""] = messages.flatMap((message) => (message.role === "user" ? [textOf(blocksOf(message))] : []));
  return text;
}

/** Most words in common with what the user said; the first of equals. */
function bestTool(tools: readonly ToolDeclaration[], said: string): ToolDeclaration | undefined {
  const ofTool = ({ name, description }: ToolDeclaration) => wordsOf(`${name} ${description}`);
  // Of what was said, which may be a megabyte of digits, only words of tools are remembered.
  const known = new Set(tools.flatMap(ofTool));
  const words = new Set(wordsOf(said).filter((word) => known.has(word)));
  const score = (tool: ToolDeclaration) => ofTool(tool).filter((word) => words.has(word)).length;
  let best: { readonly tool: ToolDeclaration; readonly score: number } | undefined;
  for (const tool of tools) {
    if (tool.name === STOP_TOOL) continue;
    if (!best || score(tool) > best.score) best = { tool, score: score(tool) };
  }
  return best?.tool;
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]{3,}/gu) ?? [];
}

function inputFor({ inputSchema }: ToolDeclaration, said: string): { [key: string]: Json } {
  const made = jsonExample(inputSchema, said);
  return isRecord(made) ? made : {};
}

function lastResult(blocks: readonly Block[]): ToolResultBlock | undefined {
  return blocks.findLast((block): block is ToolResultBlock => block.type === "tool_result");
}

function closingText(said: string, result: ToolResultBlock | undefined): string {
  if (!result) return `This is a simulated answer to: ${shortened(said)}`;
  const answered = typeof result.content === "string" ? result.content : textOf(result.content);
  return `${result.isError ? "The tool failed" : "The tool answered"}: ${shortened(answered)}`;
}

function shortened(text: string): string {
  return text.length > 200 ? `${text.slice(0, 199)}…` : text;
}

/** By the schema that the prompt shows, if it shows one. */
function jsonAnswer(system: string, said: string, text: string): Json {
  const shown: Schema | undefined = firstObject(system);
  const isSchema = shown?.type === "object" || shown?.$ref !== undefined;
  return shown && isSchema ? jsonExample(shown, said) : { response: text };
}
