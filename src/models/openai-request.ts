/** A turn in the words of the chat completions API, as OpenAI wrote it and many servers speak it. */
import type {
  Block,
  DocumentBlock,
  ImageBlock,
  Message,
  TextBlock,
  ToolResultBlock,
} from "../domain/model/conversation.ts";
import { blocksOf } from "../domain/model/conversation.ts";
import type { Json } from "../domain/values/json.ts";
import { textOfBase64 } from "./base64.ts";
import type { Turn } from "./provider.ts";
import { alternating, isBlank, sendable } from "./sendable.ts";

type Wire = { [key: string]: Json };
type Part = TextBlock | ImageBlock | DocumentBlock;

/** OpenAI itself has renamed the limit for output; most other servers know only the old name. */
export type LimitName = "max_tokens" | "max_completion_tokens";

export function toChatCompletion({ model, system, messages, tools, maxTokens }: Turn, limit: LimitName): Wire {
  return {
    model,
    [limit]: maxTokens,
    stream: true,
    stream_options: { include_usage: true },
    messages: [
      ...(system && !isBlank(system) ? [{ role: "system", content: system }] : []),
      ...alternating(sendable(messages)).flatMap(toMessages),
    ],
    ...(tools.length === 0 ? {} : { tools: tools.map(toTool) }),
  };
}

function toTool({ name, description, inputSchema }: Turn["tools"][number]): Wire {
  return { type: "function", function: { name, description, parameters: inputSchema } };
}

function toMessages(message: Message): Wire[] {
  const blocks = blocksOf(message);
  return message.role === "assistant" ? fromAssistant(blocks) : fromUser(blocks);
}

function fromAssistant(blocks: readonly Block[]): Wire[] {
  const text = blocks.flatMap((block) => (block.type === "text" ? [block.text] : [])).join("");
  const calls = blocks.flatMap((block) => (block.type === "tool_use" ? [block] : []));
  if (text === "" && calls.length === 0) return [];
  const toolCalls = calls.map(({ id, name, input }) => ({
    id,
    type: "function",
    function: { name, arguments: JSON.stringify(input) },
  }));
  return [
    {
      role: "assistant",
      content: text === "" ? null : text,
      ...(toolCalls.length === 0 ? {} : { tool_calls: toolCalls }),
    },
  ];
}

/** Results must follow their calls at once, so what results show besides text comes after all of them. */
function fromUser(blocks: readonly Block[]): Wire[] {
  const results = blocks.flatMap((block) => (block.type === "tool_result" ? [block] : []));
  const shown = results.flatMap(({ content }) => (typeof content === "string" ? [] : content.filter(isShown)));
  const parts = [...shown, ...blocks.filter(isPart)].flatMap(toPart);
  return [...results.map(toResult), ...(parts.length === 0 ? [] : [{ role: "user", content: parts }])];
}

function isPart(block: Block): block is Part {
  return block.type === "text" || block.type === "image" || block.type === "document";
}

function isShown(block: Part): boolean {
  return block.type !== "text";
}

/** The result of a tool. This wire has no word for a failed call; the text must say it. */
function toResult({ toolUseId, content, isError }: ToolResultBlock): Wire {
  const text = typeof content === "string" ? content : content.map(inWords).join("\n");
  return { role: "tool", tool_call_id: toolUseId, content: isError ? `Error: ${text}` : text };
}

function inWords(part: Part): string {
  return part.type === "text" ? part.text : `(${part.type} below)`;
}

function toPart(part: Part): Wire[] {
  if (part.type === "text") return [{ type: "text", text: part.text }];
  const url = `data:${part.mediaType};base64,${part.data}`;
  if (part.type === "image") return [{ type: "image_url", image_url: { url } }];
  const title = part.title ?? "document";
  if (part.mediaType === "text/plain") return [{ type: "text", text: `${title}:\n${textOfBase64(part.data)}` }];
  return [{ type: "file", file: { filename: title, file_data: url } }];
}
