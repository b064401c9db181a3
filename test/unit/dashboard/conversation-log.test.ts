import { expect, test } from "vitest";
import type { ChatFrame } from "../../../src/client/stream/chats.ts";
import { ConversationLog } from "../../../src/dashboard/chat/conversation-log.ts";

const AT = "2026-11-27T10:00:00.000Z";
const snapshot = (changed: object = {}) =>
  ({
    ...{ type: "snapshot", cursor: 0, session_id: "s", agent: "shop", thread: null },
    ...{ open: [], approvals: [], turns_in_flight: [] },
    ...changed,
  }) as ChatFrame;
const item = (role: "user" | "assistant", text: string, execution_id: string) => ({ role, text, execution_id, at: AT });
const delta = (offset: number, text: string, attempt = 1): ChatFrame => ({
  ...{ type: "delta", execution_id: "e2", agent: "shop", turn: "t", try: attempt, offset, text },
});
const kept = (execution_id: string) => ({ cursor: 1, at: AT, execution_id });

function log(...frames: ChatFrame[]): ConversationLog {
  const made = new ConversationLog();
  for (const frame of frames) made.take(frame);
  return made;
}
const lines = (made: ConversationLog) => made.said.map(({ role, text }) => `${role}: ${text}`);

const OLD = snapshot({
  thread: { summary: "They spoke of tea.", items: [item("user", "Tea?", "e1"), item("assistant", "Yes.", "e1")] },
  open: [{ execution_id: "e2", at: AT, text: "Pots?" }],
});

test("what was said before comes first, then what is not answered yet, and the answer where it is there", () => {
  const made = log(OLD);
  expect([lines(made), made.summary, made.open]).toEqual([
    ["user: Tea?", "assistant: Yes.", "user: Pots?"],
    "They spoke of tea.",
    1,
  ]);
  made.take({ type: "answer", ...kept("e2"), agent: "shop", text: "Two." });
  expect([lines(made).at(-1), made.open]).toEqual(["assistant: Two.", 0]);
});

test("what is written grows by its offsets, begins anew with a new try, and is gone with the answer", () => {
  const made = log(OLD, delta(0, "Tw"), delta(0, "Tw"), delta(2, "o"));
  expect(made.written.map(({ text }) => text)).toEqual(["Two"]);
  made.take(delta(9, "lost"));
  expect(made.written.map(({ text }) => text)).toEqual(["Two"]);
  made.take(delta(0, "Th", 2));
  made.take(delta(3, "!", 1));
  made.take(delta(0, "Two", 1));
  expect(made.written.map(({ text }) => text)).toEqual(["Th"]);
  made.take({ type: "failed", ...kept("e2"), status: "failed", message: "no model" });
  expect([made.written, lines(made).at(-1)]).toEqual([[], "failed: no model"]);
});

test("a connection that comes back brings no thread: what is known stays, and nothing stands twice", () => {
  const made = log(OLD, { type: "message", ...kept("e3"), text: "And cups?" });
  made.take(
    snapshot({
      open: [
        { execution_id: "e2", at: AT, text: "Pots?" },
        { execution_id: "e3", at: AT, text: "And cups?" },
      ],
    }),
  );
  made.take({ type: "message", ...kept("e3"), text: "And cups?" });
  expect(lines(made)).toEqual(["user: Tea?", "assistant: Yes.", "user: Pots?", "user: And cups?"]);
});

test("of what is written and asked, only what the newest snapshot has is there; who answered stays", () => {
  const question = { approval_request_id: "g1", payload: null, payload_digest: "d", agent: "clerk" };
  const made = log(OLD, delta(0, "Tw"), { type: "approval", ...kept("e2"), ...question });
  made.take({ type: "answer", ...kept("e3"), agent: "clerk", text: "It is paid." });
  made.take(snapshot({ thread: { summary: null, items: [item("assistant", "It is paid.", "e3")] } }));
  expect([made.written, made.asked]).toEqual([[], []]);
  expect(made.said.find(({ executionId }) => executionId === "e3")?.agent).toBe("clerk");
});

test("a question waits until it is decided; what is forgotten is gone; a refusal stays until something is taken", () => {
  const question = { approval_request_id: "g1", payload: null, payload_digest: "d", agent: "clerk" };
  const made = log(OLD, { type: "approval", ...kept("e2"), ...question });
  expect(made.asked).toEqual([{ id: "g1", agent: "clerk" }]);
  made.take({ type: "approval_ended", ...kept("e2"), approval_request_id: "g1", decision: "approved" });
  expect(made.asked).toEqual([]);
  made.take({ type: "refused", message_id: "m", code: "rate_limited", message: "too many" });
  expect(made.refusal?.message).toBe("too many");
  made.take({ type: "forgotten", cursor: 2, at: AT });
  expect([made.said, made.summary]).toEqual([[], undefined]);
  made.take({ type: "message", ...kept("e4"), text: "Hello" });
  expect(made.refusal).toBeUndefined();
});
