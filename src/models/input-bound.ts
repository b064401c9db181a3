/**
 * How many tokens a request is read as, at most. A budget reserves this before a turn, so it must never be too low; what
 * is too much comes back when the turn is settled.
 *
 * T1  Text: one token a byte of UTF-8. The tokenizers in use merge bytes and never split one, so text cannot make more
 *     tokens than bytes. Half of that would fall short: digits, rare scripts and base64 come close to a token a byte.
 * T2  Structure: the bytes of our own JSON (names, roles, quotes) are counted like text; a provider's markers are fewer.
 * T3  Images: 92 × 92 patches; PDF: everything the model can read, since pages are both text and picture, compressed.
 * T4  Never more than the context window: beyond it the provider refuses the request.
 */
import type { Block, ImageBlock, Message, ToolResultBlock, TurnRequest } from "../domain/conversation.ts";
import { blocksOf } from "../domain/conversation.ts";

/** Longest edge 2,576 px in patches of 28 px: platform.claude.com/docs/en/build-with-claude/vision, read 2026-11-20. */
const IMAGE_TOKENS = 92 * 92;
/** What a provider adds so that the model can call tools: under 1,000 tokens for all Claude models (pricing page). */
const TOOLS_TOKENS = 1_000;
const REQUEST_TOKENS = 100;
/** For a model whose window nobody told us: the largest in the catalog, twice. */
const LARGEST_WINDOW = 2_000_000;

const utf8 = new TextEncoder();
const bytesOf = (value: unknown): number => utf8.encode(JSON.stringify(value) ?? "").byteLength;

export function inputBound(request: Omit<TurnRequest, "model">, contextWindow: number | null): number {
  const { system, messages, tools } = request;
  const window = contextWindow ?? LARGEST_WINDOW;
  const offered = tools.length === 0 ? 0 : TOOLS_TOKENS + bytesOf(tools);
  const said = messages.reduce((sum, message) => sum + messageBound(message, window), 0);
  return Math.min(window, REQUEST_TOKENS + bytesOf(system) + offered + said);
}

/** For a request that cannot be read: nobody will send it, and it must not look free. */
export function rawBound(request: unknown): number {
  return REQUEST_TOKENS + bytesOf(request);
}

function messageBound(message: Message, window: number): number {
  return blocksOf(message).reduce((sum, block) => sum + blockBound(block, window), bytesOf(message.role));
}

function blockBound(block: Block, window: number): number {
  if (block.type === "image") return imageBound(block);
  if (block.type === "document") return block.mediaType === "application/pdf" ? window : bytesOf(block);
  if (block.type === "tool_result" && typeof block.content !== "string") return resultBound(block, window);
  return bytesOf(block);
}

function imageBound({ mediaType }: ImageBlock): number {
  return IMAGE_TOKENS + bytesOf(mediaType);
}

function resultBound({ content, ...rest }: ToolResultBlock, window: number): number {
  const parts = typeof content === "string" ? [] : content;
  return parts.reduce((sum, part) => sum + blockBound(part, window), bytesOf(rest));
}
