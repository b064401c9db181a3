/** What scripts of the desk's agents read in a conversation. */
import type { TurnRequest } from "../../define/index.ts";

type Message = TurnRequest["messages"][number];

function blocksOf({ content }: Message): readonly { readonly type: string; readonly [field: string]: unknown }[] {
  return typeof content === "string" ? [{ type: "text", text: content }] : content;
}

/** The last thing that the user said in words. */
export function lastWords({ messages }: TurnRequest): string {
  const texts = messages.filter(({ role }) => role === "user").flatMap(blocksOf);
  return String(texts.findLast(({ type }) => type === "text")?.text ?? "");
}

/** What the user said first. */
export function firstWords({ messages }: TurnRequest): string {
  const [first] = messages;
  return first === undefined ? "" : String(blocksOf(first).find(({ type }) => type === "text")?.text ?? "");
}

/** The answer of a tool, if the last message is one. */
export function lastResult({
  messages,
}: TurnRequest): { readonly text: string; readonly isError: boolean } | undefined {
  const last = messages.at(-1);
  const result = last && blocksOf(last).find(({ type }) => type === "tool_result");
  return result && { text: String(result.content), isError: result.isError === true };
}

/** Answers of tools that are JSON lists, the newest first. */
export function listedResults({ messages }: TurnRequest): unknown[][] {
  const texts = messages
    .flatMap(blocksOf)
    .flatMap(({ type, content }) => (type === "tool_result" ? [String(content)] : []));
  return texts
    .filter((text) => text.startsWith("["))
    .map((text) => JSON.parse(text) as unknown[])
    .reverse();
}
