/**
 * How many tokens a request is read as, at most. A budget reserves this before a turn, so it must never be too low; what
 * is too much comes back when the turn is settled.
 *
 * - Text: one token a byte of UTF-8. The tokenizers in use merge bytes and never split one, so text cannot make more
 *   tokens than bytes. Half of that would fall short: digits, rare scripts and base64 come close to a token a byte.
 * - Structure: the bytes of our own JSON (names, roles, quotes) are counted like text; a provider's markers are fewer.
 * - Images: 92 × 92 patches; PDF: everything the model can read, since pages are both text and picture, compressed.
 * - A file by name: what its bytes will be, in their place.
 * - Never more than a known context window: beyond it the provider refuses the request.
 */
import type { Block, ImageBlock, ToolResultBlock } from "../domain/model/conversation.ts";
import type { DraftMessage, FileBlock, TurnDraft } from "../domain/model/turn-draft.ts";

/** Longest edge 2,576 px in patches of 28 px: platform.claude.com/docs/en/build-with-claude/vision, read 2026-11-20. */
const IMAGE_TOKENS = 92 * 92;
/** What a provider adds so that the model can call tools: under 1,000 tokens for all Claude models (pricing page). */
const TOOLS_TOKENS = 1_000;
const REQUEST_TOKENS = 100;
/** What a PDF may fill of a window of unknown size: the largest window in the catalog, twice. */
const LARGEST_WINDOW = 2_000_000;

const utf8 = new TextEncoder();
const bytesOf = (value: unknown): number => utf8.encode(JSON.stringify(value) ?? "").byteLength;

export function inputBound(request: Omit<TurnDraft, "model">, contextWindow: number | null): number {
  const { system, messages, tools } = request;
  const window = contextWindow ?? LARGEST_WINDOW;
  const offered = tools.length === 0 ? 0 : TOOLS_TOKENS + bytesOf(tools);
  const said = messages.reduce((sum, message) => sum + messageBound(message, window), 0);
  return Math.min(contextWindow ?? Number.POSITIVE_INFINITY, REQUEST_TOKENS + bytesOf(system) + offered + said);
}

/** Returns the bound for a request that cannot be read: it is never sent to a provider, and must not look free. */
export function rawBound(request: unknown): number {
  return REQUEST_TOKENS + bytesOf(request);
}

function messageBound({ role, content }: DraftMessage, window: number): number {
  const blocks = typeof content === "string" ? [{ type: "text" as const, text: content }] : content;
  return blocks.reduce((sum, block) => sum + blockBound(block, window), bytesOf(role));
}

function blockBound(block: Block | FileBlock, window: number): number {
  if (block.type === "file") return fileBound(block, window);
  if (block.type === "image") return imageBound(block);
  if (block.type === "document") return block.mediaType === "application/pdf" ? window : bytesOf(block);
  if (block.type === "tool_result" && typeof block.content !== "string") return resultBound(block, window);
  return bytesOf(block);
}

function fileBound(file: FileBlock, window: number): number {
  if (file.mediaType === "application/pdf") return window;
  return bytesOf(file) + (file.mediaType === "text/plain" ? file.size : IMAGE_TOKENS);
}

function imageBound({ mediaType }: ImageBlock): number {
  return IMAGE_TOKENS + bytesOf(mediaType);
}

function resultBound({ content, ...rest }: ToolResultBlock, window: number): number {
  const parts = typeof content === "string" ? [] : content;
  return parts.reduce((sum, part) => sum + blockBound(part, window), bytesOf(rest));
}
