import type { ModelRequest } from "../../../../src/define/context.ts";
import type { Block, TurnReply, TurnRequest } from "../../../../src/domain/model/conversation.ts";
import type { Script } from "../../../../src/domain/model/script.ts";

type Answer = Pick<TurnReply, "content" | "stopReason">;

/** A model that says what it was told: for programs without a script. */
export function echo({ messages }: ModelRequest): Answer {
  return { content: [{ type: "text", text: String(messages) }], stopReason: "end_turn" };
}

/** The script's answer: the first step that fits, else the one whose number is that of the turn. */
export function scriptedReply(script: Script, asked: ModelRequest): Answer {
  const request = asked as unknown as TurnRequest;
  const turn = request.messages.filter(({ role }) => role === "assistant").length;
  const inOrder = script.filter(({ when }) => !when);
  const step = script.find(({ when }) => when?.(request)) ?? inOrder[turn];
  if (!step) throw new Error(`the script has no answer for turn ${turn + 1}`);
  const { text = "", tools = [], stopReason } = typeof step.reply === "function" ? step.reply(request) : step.reply;
  const content: Block[] = [
    ...(text === "" ? [] : [{ type: "text" as const, text }]),
    ...tools.map((call, index) => ({
      type: "tool_use" as const,
      id: `call_${turn + 1}_${index + 1}`,
      ...call,
    })),
  ];
  return { content, stopReason: stopReason ?? (tools.length > 0 ? "tool_use" : "end_turn") };
}
