/**
 * The words of a turn that was asked before. A prompt is data: when a deployment words it differently, the turn stays the one
 * that was asked. Where the parts of a message are others than before, it is another turn.
 */
import type { Block } from "../../domain/conversation.ts";
import type { KeptTurn } from "../../domain/conversation-view.ts";
import { canonicalJson } from "../../domain/json.ts";
import type { DraftMessage } from "../../domain/turn-draft.ts";

type KeptMessage = KeptTurn["messages"][number];
type DraftBlock = Exclude<DraftMessage["content"], string>[number];

/** `said` in the words of `kept`, with the results of tools, which their own entries hold. `undefined` where the parts differ. */
export function wordedAs(kept: readonly KeptMessage[], said: readonly DraftMessage[]): DraftMessage[] | undefined {
  if (kept.length !== said.length) return undefined;
  const worded = kept.map((message, at) => messageAs(message, said[at]));
  return worded.every((message) => message !== undefined) ? worded : undefined;
}

function messageAs({ role, content }: KeptMessage, said: DraftMessage | undefined): DraftMessage | undefined {
  if (said?.role !== role) return undefined;
  const results = resultsIn(said.content);
  const before = typeof content === "string" ? [] : content.filter(isResult);
  if (before.map(({ toolUseId }) => toolUseId).join() !== [...results.keys()].join()) return undefined;
  if (typeof content === "string") return { role, content };
  return {
    role,
    content: content.map((block): DraftBlock => {
      const ran = block.type === "tool_ran" ? results.get(block.toolUseId) : undefined;
      return ran ?? (block as DraftBlock);
    }),
  };
}

function isResult<B extends { readonly type: string }>(block: B): block is Extract<B, { readonly toolUseId: string }> {
  return block.type === "tool_result" || block.type === "tool_ran";
}

function resultsIn(content: DraftMessage["content"]): ReadonlyMap<string, Block> {
  if (typeof content === "string") return new Map();
  return new Map(content.flatMap((block) => (block.type === "tool_result" ? [[block.toolUseId, block] as const] : [])));
}

/** What its author wrote in these messages: all but what tools gave. */
export function wordsIn(messages: readonly (KeptMessage | DraftMessage)[]): string {
  return canonicalJson(messages.flatMap(({ content }) => authored(content)));
}

function authored(content: KeptMessage["content"]): readonly unknown[] {
  if (typeof content === "string") return [{ type: "text", text: content }];
  return content.filter((block) => !isResult(block));
}
