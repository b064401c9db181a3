/**
 * Puts the chunks of one chat completion together. Servers differ in what they leave out, so everything is optional
 * here; an answer is whole when it told why it stopped.
 */
import * as z from "zod";
import type { Message, StopReason, Usage } from "../domain/model/conversation.ts";
import { blocksOf } from "../domain/model/conversation.ts";
import type { CallPiece } from "./parallel-calls.ts";
import { ParallelCalls } from "./parallel-calls.ts";
import type { ProviderReply, Turn } from "./provider.ts";

/** What has another form than expected is as good as left out. */
const Count = z.number().int().min(0).nullish().catch(undefined);
const Text = z.string().nullish().catch(undefined);
const Called = z.object({
  name: Text,
  // Some servers send the object itself instead of its text.
  arguments: z
    .union([z.string(), z.record(z.string(), z.unknown()).transform((input) => JSON.stringify(input))])
    .nullish(),
});
const ToolCall = z.object({
  index: z.number().int().nullish().catch(undefined),
  id: Text,
  function: Called.nullish(),
});
const Choice = z.object({
  content: Text,
  refusal: Text,
  tool_calls: z.array(ToolCall).nullish(),
  /** The older word for a single call. */
  function_call: Called.nullish(),
});
type Choice = z.infer<typeof Choice>;

/** A chunk of a stream carries a `delta`, an answer in one piece a `message`; else they are alike. */
export const ChatCompletion = z.object({
  model: z.string().nullish(),
  choices: z
    .array(z.object({ delta: Choice.nullish(), message: Choice.nullish(), finish_reason: z.string().nullish() }))
    .nullish(),
  usage: z
    .object({
      prompt_tokens: Count,
      completion_tokens: Count,
      prompt_tokens_details: z.object({ cached_tokens: Count, cache_write_tokens: Count }).nullish().catch(undefined),
    })
    .nullish(),
  error: z
    .object({ message: z.string().nullish(), type: z.string().nullish(), code: z.unknown().optional() })
    .nullish(),
});
export type ChatCompletion = z.infer<typeof ChatCompletion>;

const STOP_REASONS: ReadonlyMap<string, StopReason> = new Map([
  ["stop", "end_turn"],
  ["length", "max_tokens"],
  ["tool_calls", "tool_use"],
  ["function_call", "tool_use"],
  ["content_filter", "refusal"],
]);

export class ChatAnswer {
  readonly #onText: (text: string) => void;
  #calls = new ParallelCalls();
  #text = "";
  #refusal = "";
  #model: string | undefined;
  #finish: string | undefined;
  #usage: ChatCompletion["usage"];

  constructor(onText: (text: string) => void) {
    this.#onText = onText;
  }

  take({ model, choices, usage }: ChatCompletion): void {
    this.#model ??= model ?? undefined;
    this.#usage = usage ?? this.#usage;
    const choice = choices?.[0];
    if (!choice) return;
    if (choice.delta) this.#extend(choice.delta);
    if (choice.message) this.#replace(choice.message);
    this.#finish = choice.finish_reason ?? this.#finish;
  }

  /** The server said that nothing more comes. Some say nothing else about the end. */
  close(): void {
    if (this.#text !== "" || this.#calls.size > 0) this.#finish ??= "stop";
  }

  /** `undefined` when the answer ended before it was whole. `worst` counts where the server does not count. */
  reply({ model: asked, messages }: Pick<Turn, "model" | "messages">, worst: Usage): ProviderReply | undefined {
    if (this.#finish === undefined) return undefined;
    const calls = this.#calls.blocks(idsOf(messages));
    return {
      content: [...(this.#text === "" ? [] : [{ type: "text" as const, text: this.#text }]), ...calls],
      stopReason: this.#stopReason(this.#finish, calls.length),
      ...(this.#refusal === "" ? {} : { stopDetail: this.#refusal }),
      ...this.#toUsage(worst),
      model: this.#model ?? asked,
      simulated: false,
    };
  }

  #extend(delta: Choice): void {
    this.#say(delta.content ?? "");
    this.#refusal += delta.refusal ?? "";
    this.#calls.take(piecesOf(delta));
  }

  /** A message is all that was said, also where pieces of it came before. */
  #replace(message: Choice): void {
    const { content, refusal } = message;
    if (content) {
      const heard = content.startsWith(this.#text) ? this.#text.length : content.length;
      this.#onText(content.slice(heard));
      this.#text = content;
    }
    this.#refusal = refusal ?? this.#refusal;
    const pieces = piecesOf(message);
    if (pieces.length === 0) return;
    this.#calls = new ParallelCalls();
    this.#calls.take(pieces);
  }

  #say(text: string): void {
    if (text === "") return;
    this.#text += text;
    this.#onText(text);
  }

  /** Some servers say "stop" after a tool call. */
  #stopReason(finish: string, calls: number): StopReason {
    if (this.#refusal !== "") return "refusal";
    const reason = STOP_REASONS.get(finish) ?? "end_turn";
    return reason === "end_turn" && calls > 0 ? "tool_use" : reason;
  }

  #toUsage(worst: Usage): Usage {
    const usage = this.#usage;
    return {
      inputTokens: usage?.prompt_tokens ?? worst.inputTokens,
      outputTokens: usage?.completion_tokens ?? worst.outputTokens,
      cacheReadTokens: usage?.prompt_tokens_details?.cached_tokens ?? 0,
      // Told since caching is billed.
      cacheWriteTokens: usage?.prompt_tokens_details?.cache_write_tokens ?? 0,
    };
  }
}

function piecesOf({ tool_calls, function_call }: Choice): CallPiece[] {
  const calls = [...(tool_calls ?? []), ...(function_call ? [{ function: function_call }] : [])];
  return calls.map(({ index, id, function: called }: z.infer<typeof ToolCall>) => ({
    index: index ?? undefined,
    id: id ?? "",
    name: called?.name ?? "",
    written: called?.arguments ?? "",
  }));
}

/** Ids of the calls before this answer. */
function idsOf(messages: readonly Message[]): ReadonlySet<string> {
  const ids = messages.flatMap(blocksOf).flatMap((block) => (block.type === "tool_use" ? [block.id] : []));
  return new Set(ids);
}
