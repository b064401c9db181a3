import type { Block, Message } from "../domain/model/conversation.ts";
import { blocksOf } from "../domain/model/conversation.ts";

/**
 * The conversation as providers take it. They refuse a text of white space, and with it every later turn of a conversation
 * that holds one: blank texts are left out, and messages without anything in them too. The journal keeps them.
 */
export function sendable(messages: readonly Message[]): Message[] {
  return messages.flatMap((message) => {
    const content = blocksOf(message).flatMap(withoutBlanks);
    return content.length === 0 ? [] : [{ role: message.role, content }];
  });
}

/** For servers that insist that roles alternate: messages of one role side by side are one. */
export function alternating(messages: readonly Message[]): Message[] {
  const joined: { role: Message["role"]; content: Block[] }[] = [];
  for (const message of messages) {
    const last = joined.at(-1);
    if (last?.role === message.role) last.content.push(...blocksOf(message));
    else joined.push({ role: message.role, content: [...blocksOf(message)] });
  }
  return joined;
}

export function isBlank(text: string): boolean {
  return text.trim() === "";
}

function withoutBlanks(block: Block): Block[] {
  if (block.type === "text") return isBlank(block.text) ? [] : [block];
  if (block.type !== "tool_result") return [block];
  const { content } = block;
  if (typeof content === "string") return [isBlank(content) ? { ...block, content: "" } : block];
  return [{ ...block, content: content.filter((part) => part.type !== "text" || !isBlank(part.text)) }];
}
