/**
 * The scripted model, which calls no service: used without a key, and in tests. It knows only the request, so the same
 * request always has the same answer, in this process and in the next one after a crash.
 *
 * - A script answers first: the first step whose `when` holds; else, of the steps without one, the step whose number is
 *   the count of the model's earlier messages.
 * - Past the script, or without one, the rule of scripted-rule.ts answers.
 * - Tokens are a quarter of the characters, rounded up, and never more than was allowed; the bytes of an image or a PDF
 *   are no characters.
 */
import type { Block, Message, TurnRequest, Usage } from "../domain/model/conversation.ts";
import { textOf } from "../domain/model/conversation.ts";
import type { Script, ScriptedAnswer } from "../domain/model/script.ts";
import { canonicalJson } from "../domain/values/json.ts";
import { SCRIPTED_MODEL } from "./catalog.ts";
import { aborted } from "./failures.ts";
import type { Provider, ProviderReply, Turn, TurnOptions } from "./provider.ts";
import { deltaFeed } from "./provider.ts";
import { plausible } from "./scripted-rule.ts";

/** Pieces in which the text is streamed: longer ones for a long text, so that no turn takes long for being shown. */
const PIECE = 24;
const MOST_PIECES = 20;

export interface ScriptedOptions {
  /** For requests that bring none of their own. */
  readonly script?: Script | undefined;
  /** Milliseconds between two pieces. Default 0: no time passes. */
  readonly paceMs?: number | undefined;
}

export function scripted({ script: usual = [], paceMs = 0 }: ScriptedOptions = {}): Provider {
  return {
    ask: async (turn, { signal, script = usual, onDelta }: TurnOptions) => {
      const reply = toReply(turn, answer(script, turn));
      const tell = deltaFeed(onDelta);
      const text = textOf(reply.content);
      const size = Math.max(PIECE, Math.ceil(text.length / MOST_PIECES));
      for (let start = 0; start < text.length; start += size) {
        await pause(paceMs);
        if (signal.aborted) break;
        tell(text.slice(start, start + size));
      }
      if (signal.aborted) throw aborted(SCRIPTED_MODEL, signal.reason);
      return reply;
    },
  };
}

function answer(script: Script, turn: Turn): ScriptedAnswer {
  const inOrder = script.filter(({ when }) => !when);
  const step = script.find(({ when }) => when?.(turn)) ?? inOrder[earlierTurns(turn)];
  if (!step) return plausible(turn);
  return typeof step.reply === "function" ? step.reply(turn) : step.reply;
}

function pause(ms: number): Promise<void> {
  return ms > 0 ? new Promise((resolve) => setTimeout(resolve, ms)) : Promise.resolve();
}

function earlierTurns({ messages }: TurnRequest): number {
  return messages.filter(({ role }) => role === "assistant").length;
}

function toReply(turn: Turn, { text = "", tools = [], stopReason }: ScriptedAnswer): ProviderReply {
  const cut = text.slice(0, turn.maxTokens * 4);
  const number = earlierTurns(turn);
  const content: Block[] = [
    ...(cut === "" ? [] : [{ type: "text" as const, text: cut }]),
    ...tools.map((call, index) => ({
      type: "tool_use" as const,
      id: `call_${number + 1}_${index + 1}`,
      ...call,
    })),
  ];
  const natural = tools.length > 0 ? "tool_use" : "end_turn";
  return {
    content,
    stopReason: cut.length < text.length ? "max_tokens" : (stopReason ?? natural),
    ...usage(turn, content),
    model: SCRIPTED_MODEL,
    simulated: true,
  };
}

function usage(turn: Turn, content: readonly Block[]): Usage {
  const { system = "", messages, tools, maxTokens } = turn;
  const quarter = (value: unknown) => Math.ceil(canonicalJson(value).length / 4);
  return {
    inputTokens: quarter({ system, messages: messages.map(legible), tools }),
    outputTokens: Math.min(quarter(content), maxTokens),
    cacheReadTokens: 0,
    cacheWriteTokens: 0,
  };
}

function legible({ role, content }: Message): unknown {
  return { role, content: typeof content === "string" ? content : content.map(withoutBytes) };
}

function withoutBytes(block: Block): unknown {
  const seen = block.type === "image" || (block.type === "document" && block.mediaType === "application/pdf");
  return seen ? { ...block, data: "" } : block;
}
