/**
 * The one conversation of an agentic execution: its messages in memory, each turn and each tool in the journal. Its
 * history is the journal's; a replay builds it up again, turn by turn.
 *
 * - `system` and `tools` are the same in every turn, corrections and summary too: the prompt cache hangs on that.
 * - Every tool call is answered before the model is asked again; what came cut off or unreadable is answered, not run.
 * - The journal keeps of a turn only what is new in it; results of tools stay in the tools' own entries.
 * - What the first turn settled on is data: the journal's word counts, not the code's.
 */
import type { Block, Message, ToolResultBlock, ToolUseBlock, TurnReply } from "../../domain/model/conversation.ts";
import { blocksOf, textOf } from "../../domain/model/conversation.ts";
import type { Script } from "../../domain/model/script.ts";
import type { DraftMessage } from "../../domain/model/turn-draft.ts";
import type { KeptTurn } from "../../domain/read-models/conversation-view.ts";
import { toJson } from "../../domain/values/json.ts";
import { AnswerError, ExecutionFailure, StepError, stepError } from "../errors.ts";
import type { LedRequest, ProgramContext } from "../program-context.ts";
import type { ToolCall } from "../validator.ts";
import type { Setup, Stated } from "./setup.ts";
import { identityOf, keptSetup, setupIn, setupOf } from "./setup.ts";
import { STOP_TOOL } from "./stop-tool.ts";
import type { Asking } from "./tool-approval.ts";
import type { CallAnswer } from "./tool-calls.ts";
import { answerCall, notRun } from "./tool-calls.ts";

/** What the user says: a text, or parts of it with files between them. */
export type Prompt = string | Exclude<DraftMessage["content"], string>;

export interface ConversationOptions extends Stated {
  readonly script: Script | undefined;
  readonly asking: Asking;
  /** What was said before, in another execution. Default nothing. */
  readonly history?: readonly DraftMessage[];
}

type Part = KeptTurn["part"];

/** The code with which a run fails that has taken its most turns. */
export const TOO_MANY_TURNS = "too_many_turns";

export class Conversation {
  readonly #ctx: ProgramContext;
  readonly #options: ConversationOptions;
  /** As the code says, until the journal says what the first turn was. */
  #setup: Setup;
  readonly #messages: DraftMessage[];
  /** How many of them earlier turns have kept. */
  #kept = 0;
  /** Of the last turn that was answered. */
  #link: string | undefined;
  #calls: ToolCall[] = [];
  /** Results that have an entry of their own. */
  readonly #keys = new WeakMap<ToolResultBlock, string>();
  #asking = false;
  #turns = 0;

  constructor(ctx: ProgramContext, options: ConversationOptions) {
    this.#ctx = ctx;
    this.#options = options;
    this.#setup = setupOf(options);
    this.#messages = [...(options.history ?? [])];
  }

  /** Corrections after the first response. */
  get maxRetries(): number {
    return this.#setup.maxRetries;
  }

  /** Runs of tools in the present attempt. */
  get calls(): readonly ToolCall[] {
    return this.#calls;
  }

  /** A new attempt: what tools did before it is history. */
  forgetCalls(): void {
    this.#calls = [];
  }

  /** Asks the model and runs the tools it calls, until it answers. Rejects with `AnswerError` when it does not. */
  async ask(prompt: Prompt): Promise<string> {
    if (this.#asking) throw stepError("conversation_busy", "one question at a time: await conversation.ask");
    this.#asking = true;
    try {
      this.#say(ownOf(prompt));
      return await this.#untilAnswered();
    } finally {
      this.#asking = false;
    }
  }

  /** A last turn that is worth no failure; `undefined` when it brought no text. */
  async summary(prompt: string, maxTokens: number): Promise<string | undefined> {
    this.#say(prompt);
    try {
      const { content } = await this.#turn("summary", maxTokens);
      return textOf(content).trim() || undefined;
    } catch (error) {
      if (error instanceof StepError) return undefined;
      throw error;
    }
  }

  async #untilAnswered(): Promise<string> {
    let paused = "";
    for (let round = 1; round <= this.#setup.maxToolRounds; round += 1) {
      this.#refuseBeyondMost();
      const reply = await this.#turn("conversation");
      const { content, stopReason } = reply;
      const calls = content.filter((block): block is ToolUseBlock => block.type === "tool_use");
      const text = paused + textOf(content);
      if (stopReason === "refusal") throw refused(reply);
      if (calls.length > 0) {
        const stopped = await this.#answer(calls, { cut: stopReason === "max_tokens" });
        if (stopped) return text;
        paused = "";
      } else if (stopReason === "max_tokens") throw cutOff(reply);
      else if (stopReason === "pause_turn") paused = text;
      else return text;
    }
    const message = `the model called tools in ${this.#setup.maxToolRounds} turns without coming to an answer`;
    throw stepError("too_many_tool_rounds", message);
  }

  /** The limit of the whole run, whichever questions and corrections it consists of. */
  #refuseBeyondMost(): void {
    const { maxTurns } = this.#setup;
    if (maxTurns === undefined || this.#turns < maxTurns) return;
    const message = `the run has taken its ${maxTurns} turns without coming to an answer`;
    throw new ExecutionFailure(TOO_MANY_TURNS, message);
  }

  /** Two messages of the user in a row are one: results of tools and what is said after them. */
  #say(content: Prompt): void {
    const last = this.#messages.at(-1);
    if (last?.role !== "user") {
      this.#messages.push({ role: "user", content });
      return;
    }
    const before = typeof last.content === "string" ? blocksOf(last as Message) : last.content;
    const added = typeof content === "string" ? [{ type: "text" as const, text: content }] : content;
    this.#messages[this.#messages.length - 1] = { role: "user", content: [...before, ...added] };
  }

  async #turn(part: Part, maxTokens?: number): Promise<TurnReply> {
    let link = "";
    const reply = await this.#ctx.turn({
      name: part,
      script: this.#options.script,
      optional: part === "summary",
      settles: this.#kept === 0,
      asked: (before) => {
        if (before !== undefined) this.#setup = setupIn(before) ?? this.#setup;
        const asked = this.#asked(part, maxTokens);
        link = asked.digest;
        return asked;
      },
    });
    this.#link = link;
    this.#turns += 1;
    this.#messages.push({ role: "assistant", content: reply.content });
    this.#kept = this.#messages.length;
    return reply;
  }

  #asked(part: Part, maxTokens?: number): LedRequest {
    const setup = this.#setup;
    const first = this.#kept === 0;
    const said = this.#messages.slice(this.#kept);
    const kept: KeptTurn = {
      part,
      ...(first ? keptSetup(setup) : {}),
      messages: said.map((message) => this.#withoutResults(message)),
    };
    const before = first ? identityOf(setup) : { after: this.#link ?? null, reply: this.#messages[this.#kept - 1] };
    return {
      kept: toJson(kept),
      digest: this.#ctx.digest(toJson({ part, said, ...before })),
      request: () => ({
        ...(setup.model === undefined ? {} : { model: setup.model }),
        ...(setup.system === undefined ? {} : { system: setup.system }),
        messages: [...this.#messages],
        tools: setup.tools,
        maxTokens: maxTokens ?? setup.maxTokens,
      }),
    };
  }

  /** A result that a tool's entry holds is named, not repeated. */
  #withoutResults({ role, content }: DraftMessage): KeptTurn["messages"][number] {
    if (typeof content === "string") return { role, content };
    return {
      role,
      content: content.map((block) => (block.type === "tool_result" ? this.#keptResult(block) : block)),
    };
  }

  #keptResult(block: ToolResultBlock): ToolResultBlock | { type: "tool_ran"; toolUseId: string; key: string } {
    const key = this.#keys.get(block);
    return key === undefined ? block : { type: "tool_ran", toolUseId: block.toolUseId, key };
  }

  /** Runs all calls of a turn at once; true when one of them stops the execution. */
  async #answer(calls: readonly ToolUseBlock[], { cut }: { readonly cut: boolean }): Promise<boolean> {
    const answers = await this.#ctx.all(
      calls,
      (_call, index) => String(index + 1),
      async (call, ctx): Promise<CallAnswer> =>
        cut
          ? { result: notRun(call) }
          : answerCall(call, {
              ...{ ctx, tools: this.#options.tools, offered: this.#setup.tools },
              ...{ approvals: this.#setup.approvals ?? {}, asking: this.#options.asking },
            }),
    );
    const results: (ToolResultBlock | Block)[] = [];
    for (const { result, key, ran } of answers) {
      if (ran) this.#calls.push(ran);
      if (key !== undefined) this.#keys.set(result, key);
      results.push(result);
    }
    this.#say(results);
    const fatal = answers.find((answer) => answer.fatal)?.fatal;
    if (fatal) throw fatal;
    return answers.some(({ ran }) => ran?.tool === STOP_TOOL && ran.outcome.ok);
  }
}

/** Its author may change what it handed over. */
function ownOf(prompt: Prompt): Prompt {
  return typeof prompt === "string" ? prompt : structuredClone(prompt);
}

function refused({ stopDetail }: TurnReply): AnswerError {
  return new AnswerError("refused", `The model declined to answer${stopDetail ? `: ${stopDetail}` : "."}`);
}

function cutOff({ outputTokens }: TurnReply): AnswerError {
  const message = `The previous response was cut off after ${outputTokens} tokens. Answer again, in full and shorter.`;
  return new AnswerError("cut_off", message);
}
