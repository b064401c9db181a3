/** What the scripted model does with an order: it talks first, is corrected, orders, and reports what the shop said. */
import type { Json, Script } from "../../define/index.ts";

type Request = Parameters<Extract<Script[number]["reply"], (request: never) => unknown>>[0];

export const script: Script = [
  { reply: { text: "Thank you, I have noted the order!" } },
  { reply: (request) => ({ tools: [{ name: "place_order", input: orderIn(request) }] }) },
  { reply: (request) => ({ text: lastResult(request) }) },
];

/** The order stands in the first message as JSON. */
function orderIn({ messages: [first] }: Request): { [key: string]: Json } {
  const text = typeof first?.content === "string" ? first.content : "";
  return JSON.parse(text.slice(text.indexOf("{"))) as { [key: string]: Json };
}

function lastResult({ messages }: Request): string {
  const content = messages.at(-1)?.content ?? "";
  const result = typeof content === "string" ? undefined : content.find(({ type }) => type === "tool_result");
  return result?.type === "tool_result" && typeof result.content === "string" ? result.content : "{}";
}
