/** What providers are sent of a conversation: nothing that they refuse, and all that says something. */
import { describe, expect, it } from "vitest";
import type { Message } from "../../../src/domain/model/conversation.ts";
import { sendable } from "../../../src/models/sendable.ts";

const text = (said: string) => ({ type: "text", text: said }) as const;
const result = (content: string | ReturnType<typeof text>[]) =>
  ({ type: "tool_result", toolUseId: "t", content, isError: false }) as const;

describe("a conversation that is sent", () => {
  it.each([
    ["a message of nothing", [{ role: "assistant", content: [] }], []],
    ["a blank message", [{ role: "assistant", content: " \n\t" }], []],
    ["a message of blank texts", [{ role: "assistant", content: [text(""), text(" ")] }], []],
    ["a blank text beside another", [{ role: "user", content: [text(" "), text("hello")] }], [["user", text("hello")]]],
    ["a blank result", [{ role: "user", content: [result("  ")] }], [["user", result("")]]],
    [
      "a blank part of a result",
      [{ role: "user", content: [result([text(" "), text("x")])] }],
      [["user", result([text("x")])]],
    ],
  ] as unknown as [string, Message[], [string, unknown][]][])(
    "has of %s what says something",
    (_what, messages, left) => {
      const spoken: Message = { role: "user", content: "before" };
      const sent = sendable([spoken, ...messages]);
      expect(sent[0]).toEqual({ role: "user", content: [text("before")] });
      expect(sent.slice(1)).toEqual(left.map(([role, block]) => ({ role, content: [block] })));
    },
  );
});
