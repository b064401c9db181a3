/**
 * A turn in Anthropic's words. The same turn always gives the same request, byte for byte: the prompt cache and the
 * signatures of reasoning are both bound to an unchanged beginning of the conversation.
 */
import type { Anthropic } from "@anthropic-ai/sdk";
import type {
  Block,
  DocumentBlock,
  ImageBlock,
  Message,
  TextBlock,
  ToolResultBlock,
} from "../domain/model/conversation.ts";
import { blocksOf } from "../domain/model/conversation.ts";
import { cachedParts } from "../domain/model/prompt-layers.ts";
import { unreachable } from "../domain/values/json.ts";
import { textOfBase64 } from "./base64.ts";
import type { Turn } from "./provider.ts";
import { isBlank, sendable } from "./sendable.ts";

/** Marks the end of what is the same in the next turn; lives five minutes from its last use. */
const CACHED = { cache_control: { type: "ephemeral" } } as const;

export function toAnthropic(turn: Turn): Anthropic.MessageCreateParamsStreaming {
  const { model, system, messages, tools, maxTokens } = turn;
  return {
    model,
    max_tokens: maxTokens,
    stream: true,
    ...(system && !isBlank(system) ? { system: cachedParts(system).map(toCached) } : {}),
    ...(tools.length === 0 ? {} : { tools: tools.map((tool, index) => toTool(tool, index === tools.length - 1)) }),
    messages: withoutOpenEnd(sendable(messages).flatMap((message) => toMessage(message, model))),
  };
}

/** Each part ends where the next may be another one: what stands before it is found in the cache all the same. */
function toCached(text: string): Anthropic.TextBlockParam {
  return { type: "text", text, ...CACHED };
}

function toTool({ name, description, inputSchema }: Turn["tools"][number], last: boolean): Anthropic.Tool {
  return { name, description, input_schema: inputSchema, ...(last ? CACHED : {}) };
}

/** The API refuses a last message of the model's own that ends with white space: a paused turn may. */
function withoutOpenEnd(messages: Anthropic.MessageParam[]): Anthropic.MessageParam[] {
  const content = messages.at(-1)?.role === "assistant" ? messages.at(-1)?.content : undefined;
  const last = Array.isArray(content) ? content.at(-1) : undefined;
  if (last?.type === "text") last.text = last.text.trimEnd();
  return messages;
}

/** A message of which nothing can be sent to this model is left out. */
function toMessage(message: Message, model: string): Anthropic.MessageParam[] {
  const content = blocksOf(message).flatMap((block) => toBlock(block, model));
  return content.length === 0 ? [] : [{ role: message.role, content }];
}

function toBlock(block: Block, model: string): Anthropic.ContentBlockParam[] {
  switch (block.type) {
    case "text":
    case "image":
    case "document":
      return toPart(block);
    case "tool_use":
      return [{ type: "tool_use", id: block.id, name: block.name, input: block.input }];
    case "tool_result":
      return [toResult(block)];
    case "opaque":
      // A model refuses reasoning that another one signed.
      if (block.provider !== "anthropic" || block.model !== model) return [];
      return [block.data as unknown as Anthropic.ContentBlockParam];
  }
  return unreachable(block);
}

function toResult({ toolUseId, content, isError }: ToolResultBlock): Anthropic.ToolResultBlockParam {
  const parts = typeof content === "string" ? content : content.flatMap(toPart);
  return {
    type: "tool_result",
    tool_use_id: toolUseId,
    ...(parts.length === 0 ? {} : { content: parts }),
    ...(isError ? { is_error: true } : {}),
  };
}

type Part = Anthropic.TextBlockParam | Anthropic.ImageBlockParam | Anthropic.DocumentBlockParam;

function toPart(block: TextBlock | ImageBlock | DocumentBlock): Part[] {
  if (block.type === "text") return [{ type: "text", text: block.text }];
  const { mediaType, data } = block;
  if (block.type === "image") return [{ type: "image", source: { type: "base64", media_type: block.mediaType, data } }];
  const source: Anthropic.DocumentBlockParam["source"] =
    mediaType === "text/plain"
      ? { type: "text", media_type: "text/plain", data: textOfBase64(data) }
      : { type: "base64", media_type: "application/pdf", data };
  return [{ type: "document", source, ...(block.title === undefined ? {} : { title: block.title }) }];
}
