/**
 * A conversation with a model in words of our own: what is asked, what is answered, what it used, how it goes wrong.
 * Providers translate these to and from their wires; nothing here knows any of them. All of it is plain JSON, so that a
 * conversation can be journaled, stored and shown as it is.
 *
 * - `inputTokens` is everything the model read: what came from the cache and what was written to it are parts of it.
 * - A tool call whose input could not be read says so (`malformed`); such a call is answered with an error, never run.
 * - `opaque` goes back unchanged, and only to the model that made it.
 */

import * as z from "zod";
import type { ErrorCode } from "../execution/error-code.ts";
import { Json } from "../values/json.ts";

export const TextBlock = z.object({ type: z.literal("text"), text: z.string() });
export type TextBlock = z.infer<typeof TextBlock>;

export const ToolUseBlock = z.object({
  type: z.literal("tool_use"),
  id: z.string(),
  name: z.string(),
  /** Always an object, `{}` when the model sent none. */
  input: z.record(z.string(), Json),
  /** What the model wrote instead of a JSON object; `input` is then empty. */
  malformed: z.string().exactOptional(),
});
export type ToolUseBlock = z.infer<typeof ToolUseBlock>;

const IMAGE_TYPES = ["image/jpeg", "image/png", "image/gif", "image/webp"] as const;

/** `data` is base64. */
export const ImageBlock = z.object({ type: z.literal("image"), mediaType: z.enum(IMAGE_TYPES), data: z.base64() });
export type ImageBlock = z.infer<typeof ImageBlock>;

/** `data` is base64 for every media type, plain text (UTF-8) too. */
export const DocumentBlock = z.object({
  type: z.literal("document"),
  mediaType: z.enum(["application/pdf", "text/plain"]),
  data: z.base64(),
  title: z.string().exactOptional(),
});
export type DocumentBlock = z.infer<typeof DocumentBlock>;

export const ToolResultBlock = z.object({
  type: z.literal("tool_result"),
  toolUseId: z.string(),
  content: z.union([z.string(), z.array(z.union([TextBlock, ImageBlock, DocumentBlock]))]),
  isError: z.boolean().exactOptional(),
});
export type ToolResultBlock = z.infer<typeof ToolResultBlock>;

/** What only its maker understands: reasoning with its signature, the work of tools that run on the provider's side. */
const OpaqueBlock = z.object({
  type: z.literal("opaque"),
  provider: z.string(),
  model: z.string(),
  data: Json,
});

export const Block = z.discriminatedUnion("type", [
  TextBlock,
  ToolUseBlock,
  ToolResultBlock,
  ImageBlock,
  DocumentBlock,
  OpaqueBlock,
]);
export type Block = z.infer<typeof Block>;

/** A bare text is one text block. */
export const Message = z.object({
  role: z.enum(["user", "assistant"]),
  content: z.union([z.string(), z.array(Block)]),
});
export type Message = z.infer<typeof Message>;

export function blocksOf({ content }: Message): Block[] {
  return typeof content === "string" ? [{ type: "text", text: content }] : content;
}

/** `inputSchema` is JSON Schema of an object, as `z.toJSONSchema` makes it. */
export const ToolDeclaration = z.object({
  name: z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/, "must be letters, digits, _ and -, at most 64"),
  description: z.string(),
  inputSchema: z.looseObject({ type: z.literal("object") }).catchall(Json),
});
export type ToolDeclaration = z.infer<typeof ToolDeclaration>;

/** What a turn is asked; a bare text for `messages` is one message of the user. */
export const TurnRequest = z.object({
  model: z.string().min(1).exactOptional(),
  system: z.string().exactOptional(),
  messages: z.union([
    z.string().transform((text): Message[] => [{ role: "user", content: text }]),
    z.array(Message).min(1),
  ]),
  tools: z.array(ToolDeclaration).default([]),
  maxTokens: z.number().int().positive(),
});
export type TurnRequest = z.infer<typeof TurnRequest>;

/**
 * Why the model stopped. `max_tokens`: its output or its context window is full, the last block may be cut. `refusal`:
 * it, or its provider, declines. `pause_turn`: send the conversation back as it is and it goes on.
 */
export const StopReason = z.enum(["end_turn", "tool_use", "max_tokens", "refusal", "pause_turn", "stop_sequence"]);
export type StopReason = z.infer<typeof StopReason>;

const Tokens = z.number().int().min(0);

/** Tokens of one turn, as the head of this file counts them. */
export const Usage = z.object({
  inputTokens: Tokens,
  outputTokens: Tokens,
  cacheReadTokens: Tokens,
  cacheWriteTokens: Tokens,
});
export type Usage = z.infer<typeof Usage>;

export const TurnReply = z.object({
  content: z.array(Block),
  stopReason: StopReason,
  /** The provider's words on a refusal, for people. */
  stopDetail: z.string().exactOptional(),
  ...Usage.shape,
  /** US dollars; `null` when the model has no known price. */
  costUsd: z.number().min(0).nullable(),
  /** The model that answered, in its provider's words. */
  model: z.string(),
  /** True when no model was asked. */
  simulated: z.boolean(),
});
export type TurnReply = z.infer<typeof TurnReply>;

/** The text of a reply or message, its text blocks one after the other with nothing between. Deltas count in it. */
export function textOf(blocks: readonly Block[]): string {
  return blocks.map((block) => (block.type === "text" ? block.text : "")).join("");
}

/** A piece of a reply under way: `text` belongs at `offset` (UTF-16 units) of its `textOf`. */
export interface Delta {
  readonly offset: number;
  readonly text: string;
}

/** A piece with its owner: the turn by its key in the journal, and its try. A higher try begins the text anew. */
export interface TurnDelta extends Delta {
  readonly turn: string;
  readonly try: number;
}

/** What a turn in flight has written so far. */
export interface TurnText {
  readonly turn: string;
  readonly try: number;
  readonly text: string;
}

/** How a turn goes wrong, and whether the same turn may go well later. */
const TURN_FAILURES = {
  rate_limited: { retryable: true },
  overloaded: { retryable: true },
  timeout: { retryable: true },
  server_error: { retryable: true },
  connection: { retryable: true },
  cut_stream: { retryable: true },
  invalid_request: { retryable: false },
  authentication: { retryable: false },
  aborted: { retryable: false },
} as const satisfies { readonly [Code in ErrorCode]?: { readonly retryable: boolean } };
export type TurnFailureCode = keyof typeof TURN_FAILURES;

export interface TurnFailureOptions {
  /** `unknown`: the provider may have worked and charge for it, so the worst case counts as spent. Default `nothing`. */
  readonly spent?: "nothing" | "unknown";
  /** Overrules the table where the provider says so itself. */
  readonly retryable?: boolean;
  /** Milliseconds the provider asks to wait. */
  readonly retryAfterMs?: number | undefined;
  readonly cause?: unknown;
}

/** A turn that brought no reply. Thrown, as all failures of transport are; never holds a key or a stack in its message. */
export class TurnFailure extends Error {
  override readonly name = "TurnFailure";
  readonly code: TurnFailureCode;
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;
  readonly spent: "nothing" | "unknown";

  constructor(code: TurnFailureCode, message: string, options: TurnFailureOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryable = options.retryable ?? TURN_FAILURES[code].retryable;
    this.retryAfterMs = options.retryAfterMs;
    this.spent = options.spent ?? "nothing";
  }
}
