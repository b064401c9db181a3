/**
 * The Messages API as platform.claude.com/docs and the types of SDK 1.11 describe it (version 2026-10-21): named events,
 * counters in the first and the last of them, tool input as pieces of JSON. It knows no test and no provider of ours.
 */
import type { Json } from "../../../src/domain/values/json.ts";
import type { Dialect, Planned, WireServer } from "./wire-server.ts";
import { startWireServer } from "./wire-server.ts";

const MESSAGES: Dialect = {
  path: "/v1/messages",
  frames: (planned) => [
    event("message_start", { message: head(planned) }),
    event("ping", {}),
    ...blocksOf(planned).flatMap(({ start, deltas }, index) => [
      event("content_block_start", { index, content_block: start }),
      ...deltas.map((delta) => event("content_block_delta", { index, delta })),
      event("content_block_stop", { index }),
    ]),
    event("message_delta", { delta: tail(planned), usage: { output_tokens: planned.usage?.output ?? 7 } }),
    event("message_stop", {}),
  ],
  whole: (planned) => ({
    ...head(planned),
    ...tail(planned),
    content: blocksOf(planned).map(({ whole }) => whole()),
    usage: usageOf(planned, planned.usage?.output ?? 7),
  }),
  errorFrame: (type, message) => event("error", { error: { type, message } }),
  errorBody: (type, message) => ({ type: "error", error: { type, message } }),
};

export function startAnthropicServer(): Promise<WireServer> {
  return startWireServer(MESSAGES);
}

function event(type: string, fields: { readonly [key: string]: Json }): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}`;
}

function head(planned: Planned): { [key: string]: Json } {
  return {
    id: "msg_planned",
    type: "message",
    role: "assistant",
    model: planned.model ?? "claude-sonnet-5-5",
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: usageOf(planned, 1),
  };
}

function tail({ stopReason, tools = [] }: Planned): { [key: string]: Json } {
  const stop_reason = stopReason ?? (tools.length > 0 ? "tool_use" : "end_turn");
  const refusal = { type: "refusal", category: null, explanation: "not with this model" };
  return { stop_reason, stop_sequence: null, ...(stop_reason === "refusal" ? { stop_details: refusal } : {}) };
}

function usageOf({ usage }: Planned, output: number): { [key: string]: Json } {
  return {
    input_tokens: usage?.input ?? 11,
    output_tokens: output,
    cache_read_input_tokens: usage?.read ?? 0,
    cache_creation_input_tokens: usage?.write ?? 0,
  };
}

interface WireBlock {
  readonly start: Json;
  readonly deltas: { readonly [key: string]: Json }[];
  /** As an answer in one piece holds it; only JSON that is whole can be there. */
  readonly whole: () => Json;
}

function blocksOf({ blocks = [], text, tools = [] }: Planned): WireBlock[] {
  return [...blocks.map(givenBlock), ...(text ? [textBlock(text)] : []), ...tools.map(toolBlock)];
}

function textBlock(pieces: readonly string[]): WireBlock {
  return {
    start: { type: "text", text: "" },
    deltas: pieces.map((text) => ({ type: "text_delta", text })),
    whole: () => ({ type: "text", text: pieces.join("") }),
  };
}

function toolBlock({ id, name, json }: NonNullable<Planned["tools"]>[number]): WireBlock {
  return {
    start: { type: "tool_use", id, name, input: {} },
    deltas: json.map((partial_json) => ({ type: "input_json_delta", partial_json })),
    whole: () => ({ type: "tool_use", id, name, input: JSON.parse(json.join("") || "{}") }),
  };
}

/** Reasoning comes in pieces, its signature last; other blocks of the provider's own come whole. */
function givenBlock(block: { readonly [key: string]: Json }): WireBlock {
  if (block.type !== "thinking") return { start: block, deltas: [], whole: () => block };
  const { thinking = "", signature = "" } = block;
  return {
    start: { type: "thinking", thinking: "", signature: "" },
    deltas: [
      ...[...String(thinking)].map((piece) => ({ type: "thinking_delta", thinking: piece })),
      { type: "signature_delta", signature },
    ],
    whole: () => block,
  };
}
