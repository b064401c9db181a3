/**
 * Puts the events of one answer together. We do it ourselves, on the SDK's raw stream: its own accumulator completes the
 * JSON of a tool call that was cut off, and a call with half an argument must never look like a whole one.
 */
import type { Anthropic } from "@anthropic-ai/sdk";
import type { Block, StopReason, Usage } from "../domain/model/conversation.ts";
import { toJson } from "../domain/values/json.ts";
import type { ProviderReply } from "./provider.ts";
import { opaqueInput, toolUse } from "./tool-input.ts";

/** A block under way; `json` is what a tool's input consists of so far. */
interface Draft {
  readonly block: Anthropic.ContentBlock;
  json: string;
}

const STOP_REASONS: ReadonlyMap<string, StopReason> = new Map<Anthropic.StopReason, StopReason>([
  ["end_turn", "end_turn"],
  ["tool_use", "tool_use"],
  ["max_tokens", "max_tokens"],
  ["model_context_window_exceeded", "max_tokens"],
  ["refusal", "refusal"],
  ["pause_turn", "pause_turn"],
  ["stop_sequence", "stop_sequence"],
]);

export class AnthropicAnswer {
  readonly #asked: string;
  readonly #onText: (text: string) => void;
  readonly #drafts = new Map<number, Draft>();
  #message: Anthropic.Message | undefined;
  #complete = false;

  constructor(askedModel: string, onText: (text: string) => void) {
    this.#asked = askedModel;
    this.#onText = onText;
  }

  /** Events of kinds that we do not know are left alone: the API may add some at any time. */
  take(event: Anthropic.RawMessageStreamEvent): void {
    if (event.type === "message_start") this.#message = event.message;
    else if (event.type === "content_block_start") this.#begin(event.index, event.content_block);
    else if (event.type === "content_block_delta") this.#extend(this.#drafts.get(event.index), event.delta);
    else if (event.type === "message_delta") this.#readUsage(event);
    else if (event.type === "message_stop") this.#complete = true;
  }

  /** `undefined` when the answer ended before it was whole. */
  reply(): ProviderReply | undefined {
    const message = this.#message;
    if (!message || !this.#complete) return undefined;
    const explanation = message.stop_details?.explanation;
    return {
      content: [...this.#drafts.values()].flatMap((draft) => this.#toBlock(draft)),
      stopReason: STOP_REASONS.get(message.stop_reason ?? "") ?? "end_turn",
      ...(explanation ? { stopDetail: explanation } : {}),
      ...toUsage(message.usage),
      model: message.model,
      simulated: false,
    };
  }

  #begin(index: number, block: Anthropic.ContentBlock): void {
    this.#drafts.set(index, { block: { ...block }, json: "" });
    if (block.type === "text") this.#onText(block.text);
  }

  #extend(draft: Draft | undefined, delta: Anthropic.RawContentBlockDelta): void {
    if (!draft) return;
    const { block } = draft;
    if (delta.type === "input_json_delta") draft.json += delta.partial_json;
    else if (delta.type === "thinking_delta" && block.type === "thinking") block.thinking += delta.thinking;
    else if (delta.type === "signature_delta" && block.type === "thinking") block.signature = delta.signature;
    else if (delta.type === "text_delta" && block.type === "text") {
      block.text += delta.text;
      this.#onText(delta.text);
    }
  }

  /** Counters of this event are totals of the whole answer; those that do not apply are left out. */
  #readUsage({ delta, usage }: Anthropic.RawMessageDeltaEvent): void {
    const message = this.#message;
    if (!message) return;
    message.stop_reason = delta.stop_reason;
    message.stop_details = delta.stop_details;
    const reported = Object.entries(usage).filter(([, count]) => count !== null && count !== undefined);
    message.usage = { ...message.usage, ...Object.fromEntries(reported) };
  }

  #toBlock({ block, json }: Draft): Block[] {
    if (block.type === "text") return block.text === "" ? [] : [{ type: "text", text: block.text }];
    if (block.type === "tool_use") return [toolUse(block.id, block.name, json || given(block.input))];
    const data = toJson(json ? { ...block, input: opaqueInput(json) } : block);
    return [{ type: "opaque", provider: "anthropic", model: this.#asked, data }];
  }
}

/** Input that came whole with the start of its block. */
function given(input: unknown): string {
  return input === undefined || input === null ? "" : JSON.stringify(input);
}

function toUsage(usage: Anthropic.Usage): Usage {
  const cacheReadTokens = usage.cache_read_input_tokens ?? 0;
  const cacheWriteTokens = usage.cache_creation_input_tokens ?? 0;
  return {
    inputTokens: counted(usage.input_tokens) + cacheReadTokens + cacheWriteTokens,
    outputTokens: counted(usage.output_tokens),
    cacheReadTokens,
    cacheWriteTokens,
  };
}

/** A count that is not there is no zero; `NaN` is found when the answer is checked. */
function counted(count: number | null | undefined): number {
  return count ?? Number.NaN;
}
