/**
 * The conversation of an agentic execution, read out of its log. It is stored nowhere else: a turn's intent keeps what is
 * new in its messages, its result is the reply, and results of tools are those of the tools' own entries.
 */
import * as z from "zod";
import type { Outcome } from "../execution/entry.ts";
import type { Event, EventData } from "../execution/event.ts";
import type { ReusableResult } from "../execution/reusable-result.ts";
import type { ToolUseBlock } from "../model/conversation.ts";
import { Block, StopReason, ToolDeclaration, TurnReply, textOf } from "../model/conversation.ts";
import { FileBlock } from "../model/turn-draft.ts";
import type { Json } from "../values/json.ts";

/** A result of a tool that ran: its entry has it. */
const ToolRan = z.object({ type: z.literal("tool_ran"), toolUseId: z.string(), key: z.string() });
const KeptMessage = z.object({
  role: z.enum(["user", "assistant"]),
  content: z.union([z.string(), z.array(z.discriminatedUnion("type", [...Block.options, FileBlock, ToolRan]))]),
});
type KeptMessage = z.infer<typeof KeptMessage>;

const KeptRule = z.union([
  z.literal("always"),
  z.literal("never"),
  z.object({ kind: z.literal("dynamic"), value: z.string() }),
]);

/** What the journal keeps of a conversation's turn; `system`, `tools` (their names) and `setup` with the first one only. */
export const KeptTurn = z.object({
  part: z.enum(["conversation", "summary"]),
  system: z.string().exactOptional(),
  tools: z.array(z.string()).exactOptional(),
  /** What else the execution has settled on. */
  setup: z
    .object({
      model: z.string().exactOptional(),
      declarations: z.array(ToolDeclaration),
      maxTokens: z.number(),
      /** Absent: no limit. */
      maxToolRounds: z.number().exactOptional(),
      maxRetries: z.number(),
      /** Most turns of the whole run; absent: no limit of its own. */
      maxTurns: z.number().exactOptional(),
      /** When a person is asked before a call, by tool; absent: never. */
      approvals: z.record(z.string(), KeptRule).exactOptional(),
    })
    .exactOptional(),
  messages: z.array(KeptMessage),
});
export type KeptTurn = z.infer<typeof KeptTurn>;

/** What a model reads of a tool that ran. */
export function toolResultText(outcome: Outcome): string {
  if (!outcome.ok) return outcome.error.message;
  return typeof outcome.value === "string" ? outcome.value : JSON.stringify(outcome.value);
}

export const ConversationMessage = z.object({
  /** The event that holds it. */
  seq: z.number().int(),
  atMs: z.number(),
  role: z.enum(["user", "assistant"]),
  /** `feedback`: a validator's words. `summary`: both the request for it and the model's words. */
  kind: z.enum(["prompt", "feedback", "tool_results", "answer", "summary"]),
  /** The attempt it belongs to, from 1. */
  attempt: z.number().int(),
  text: z.string(),
  /** Names of files in the message. */
  files: z.array(z.string()),
  toolCalls: z.array(z.object({ id: z.string(), name: z.string(), input: z.json() })),
  toolResults: z.array(z.object({ id: z.string(), name: z.string(), text: z.string(), isError: z.boolean() })),
  /** Of a reply. */
  stopReason: StopReason.exactOptional(),
  model: z.string().exactOptional(),
  simulated: z.boolean().exactOptional(),
});
export type ConversationMessage = z.infer<typeof ConversationMessage>;

export interface ConversationView {
  readonly system: string | undefined;
  /** Names of the tools that the model was offered. */
  readonly tools: readonly string[];
  readonly messages: readonly ConversationMessage[];
}

/** Reads a whole log in order. A turn under way shows what was asked; executions without a conversation have no messages. */
export function conversationOf(events: Iterable<Event>): ConversationView {
  const reader = new ConversationReader();
  const messages: ConversationMessage[] = [];
  for (const event of events) {
    reader.read(event);
    messages.push(...reader.taken());
  }
  return { ...reader.view(), messages };
}

interface When {
  readonly seq: number;
  readonly atMs: number;
}

/** The same, message by message: it keeps what a later message needs, and hands out what is complete. */
export class ConversationReader {
  #messages: ConversationMessage[] = [];
  /** Turns of this conversation by key: other turns of the program are none of its. */
  readonly #turns = new Map<string, KeptTurn["part"]>();
  /** By the key of the tool's entry. */
  readonly #results = new Map<string, Outcome>();
  /** What the execution that this one follows had answered. */
  readonly #offers = new Map<string, ReusableResult>();
  readonly #names = new Map<string, string>();
  #system: string | undefined;
  #tools: readonly string[] = [];
  #attempt = 1;
  #feedback: string | undefined;

  view(): Omit<ConversationView, "messages"> {
    return { system: this.#system, tools: this.#tools };
  }

  /** Messages that were read since it was last asked. */
  taken(): readonly ConversationMessage[] {
    const messages = this.#messages;
    this.#messages = [];
    return messages;
  }

  read(event: Event): void {
    if (event.type === "attempt.started") this.#attempt = event.data.n;
    else if (event.type === "attempt.rejected") this.#feedback = event.data.feedback;
    else if (event.type === "turn.started") this.#asked(event.data.key, event.data.input, event);
    else if (event.type === "turn.completed") this.#answered(event);
    else if (event.type === "tool.completed") this.#ran(event.data);
    else if (event.type === "tool.failed") this.#results.set(event.data.key, { ok: false, error: event.data.error });
    else if (event.type === "journal.inherited")
      for (const offered of event.data.offers) this.#offers.set(offered.key, offered);
  }

  #ran({ key, output, reusedFrom }: EventData<"tool.completed">): void {
    const value = (reusedFrom === undefined ? output : this.#offers.get(key)?.output) ?? null;
    this.#results.set(key, { ok: true, value });
  }

  #asked(key: string, input: Json | undefined, { seq, atMs }: When): void {
    const { success, data: kept } = KeptTurn.safeParse(input);
    if (!success || this.#turns.has(key)) return;
    this.#turns.set(key, kept.part);
    this.#system ??= kept.system;
    if (kept.tools) this.#tools = kept.tools;
    for (const message of kept.messages) this.#messages.push(this.#said(message, { seq, atMs, part: kept.part }));
  }

  #said(
    { role, content }: KeptMessage,
    { seq, atMs, part }: When & { readonly part: KeptTurn["part"] },
  ): ConversationMessage {
    const blocks = typeof content === "string" ? [{ type: "text" as const, text: content }] : content;
    const text = blocks.map((block) => (block.type === "text" ? block.text : "")).join("");
    const toolResults = blocks.flatMap((block) => {
      if (block.type === "tool_ran") return [this.#resultOf(block)];
      if (block.type !== "tool_result") return [];
      const said = typeof block.content === "string" ? block.content : textOf(block.content);
      return [this.#result(block.toolUseId, said, block.isError === true)];
    });
    const files = blocks.flatMap((block) => (block.type === "file" ? [block.name] : []));
    const asked = role === "assistant" ? "answer" : this.#kindOf(text, toolResults.length > 0);
    const kind = part === "summary" ? "summary" : asked;
    return { seq, atMs, role, kind, attempt: this.#attempt, text, files, toolCalls: [], toolResults };
  }

  #kindOf(text: string, hasResults: boolean): ConversationMessage["kind"] {
    if (text === "" && hasResults) return "tool_results";
    return this.#attempt > 1 && text === this.#feedback ? "feedback" : "prompt";
  }

  #resultOf({ toolUseId, key }: z.infer<typeof ToolRan>): ConversationMessage["toolResults"][number] {
    const outcome = this.#results.get(key);
    // It is shown once; a log may hold more of them than a reader has room for.
    this.#results.delete(key);
    return this.#result(toolUseId, outcome ? toolResultText(outcome) : "", outcome?.ok === false);
  }

  #result(id: string, text: string, isError: boolean): ConversationMessage["toolResults"][number] {
    return { id, name: this.#names.get(id) ?? "", text, isError };
  }

  #answered({ seq, atMs, data }: Extract<Event, { type: "turn.completed" }>): void {
    const offered = data.reusedFrom === undefined ? undefined : this.#offers.get(data.key);
    if (offered) this.#asked(data.key, offered.input, { seq, atMs });
    const part = this.#turns.get(data.key);
    const { success, data: reply } = TurnReply.safeParse(offered?.output ?? data.output);
    if (part === undefined || !success) return;
    const { content, stopReason, model, simulated } = reply;
    const calls = content.filter((block): block is ToolUseBlock => block.type === "tool_use");
    for (const { id, name } of calls) this.#names.set(id, name);
    this.#messages.push({
      seq,
      atMs,
      role: "assistant",
      kind: part === "summary" ? "summary" : "answer",
      attempt: this.#attempt,
      text: textOf(content),
      files: [],
      toolCalls: calls.map(({ id, name, input, malformed }) => ({ id, name, input: malformed ?? input })),
      toolResults: [],
      stopReason,
      model,
      simulated,
    });
  }
}
