/**
 * Puts the chunks of one chat completion together. Servers differ in what they leave out, so everything is optional
 * here; an answer is whole when it told why it stopped.
 */
import { z } from "zod";
import type { StopReason, Usage } from "../domain/conversation.ts";
import type { ProviderReply } from "./provider.ts";
import { toolUse } from "./tool-input.ts";

const Count = z.number().int().min(0).nullish();
const ToolCall = z.object({
  index: z.number().int().nullish(),
  id: z.string().nullish(),
  function: z.object({ name: z.string().nullish(), arguments: z.string().nullish() }).nullish(),
});
const Said = z.object({
  content: z.string().nullish(),
  refusal: z.string().nullish(),
  tool_calls: z.array(ToolCall).nullish(),
});

/** A chunk of a stream carries a `delta`, an answer in one piece a `message`; else they are alike. */
export const ChatCompletion = z.object({
  model: z.string().nullish(),
  choices: z
    .array(z.object({ delta: Said.nullish(), message: Said.nullish(), finish_reason: z.string().nullish() }))
    .nullish(),
  usage: z
    .object({
      prompt_tokens: Count,
      completion_tokens: Count,
      prompt_tokens_details: z.object({ cached_tokens: Count }).nullish(),
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

interface Call {
  id: string;
  name: string;
  written: string;
}

export class ChatAnswer {
  readonly #onText: (text: string) => void;
  readonly #calls = new Map<number, Call>();
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
    const said = choice.delta ?? choice.message;
    if (said?.content) {
      this.#text += said.content;
      this.#onText(said.content);
    }
    this.#refusal += said?.refusal ?? "";
    for (const [position, call] of (said?.tool_calls ?? []).entries()) this.#extend(call, position);
    this.#finish = choice.finish_reason ?? this.#finish;
  }

  /** `undefined` when the answer ended before it was whole. `worst` counts where the server does not count. */
  reply(asked: string, worst: Usage): ProviderReply | undefined {
    if (this.#finish === undefined) return undefined;
    const calls = [...this.#calls.values()];
    return {
      content: [
        ...(this.#text === "" ? [] : [{ type: "text" as const, text: this.#text }]),
        ...calls.map(({ id, name, written }) => toolUse(id, name, written)),
      ],
      stopReason: this.#stopReason(this.#finish, calls.length),
      ...(this.#refusal === "" ? {} : { stopDetail: this.#refusal }),
      ...this.#toUsage(worst),
      model: this.#model ?? asked,
      simulated: false,
    };
  }

  #extend({ index, id, function: called }: z.infer<typeof ToolCall>, position: number): void {
    const place = index ?? position;
    const call = this.#calls.get(place) ?? { id: "", name: "", written: "" };
    this.#calls.set(place, call);
    call.id ||= id ?? "";
    call.name ||= called?.name ?? "";
    call.written += called?.arguments ?? "";
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
      cacheWriteTokens: 0,
    };
  }
}
