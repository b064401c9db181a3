/** Messages of a conversation's sockets: in their order, within limits, and of keys that are in force. */
import { expect, it } from "vitest";
import { ChatMessages } from "../../../../src/actors/memory/chat-messages.ts";

type Frame = { readonly [field: string]: unknown };
const message = (id: string, text = "Hello?") => JSON.stringify({ type: "message", id, text });

function room({ isRevoked = false, start }: { isRevoked?: boolean; start?: (text: string) => Promise<void> } = {}) {
  const [told, started, said]: [Frame[], string[], string[]] = [[], [], []];
  const caller = { tenant: "t", subject: "ann", scopes: ["execute"], key: "k" };
  const messages = new ChatMessages({
    readers: { senderOf: () => caller, tell: (_: WebSocket, frame: Frame) => void told.push(frame) } as never,
    keys: {
      leaveOf: async () => (isRevoked ? { ok: false, code: "unauthorized", detail: "revoked" } : { ok: true }),
    } as never,
    log: () => {},
    start: async (_, { text }) => {
      await start?.(text);
      started.push(text);
      return { ok: true, value: `exec ${text}` };
    },
  });
  const chat = {
    sessionId: "s",
    agent: "a",
    say: ({ executionId }: { executionId: string }) => said.push(executionId),
  };
  const socket = {} as WebSocket;
  return { told, started, said, take: (text: string, from = socket) => messages.take(from, text, chat as never) };
}

it("are started one after the other, in the order in which they came", async () => {
  const waits = Promise.withResolvers<void>();
  const { take, started, said } = room({ start: async (text) => (text === "one" ? waits.promise : undefined) });
  const both = [take(message("1", "one")), take(message("2", "two"))];
  await Promise.resolve();
  expect(started).toEqual([]);
  waits.resolve();
  await Promise.all(both);
  expect([started, said]).toEqual([
    ["one", "two"],
    ["exec one", "exec two"],
  ]);
});

it("go on after one whose start has thrown, and its sender is told to send it again", async () => {
  const { take, said, told } = room({
    start: async (text) => {
      if (text === "one") throw new Error("no");
    },
  });
  await Promise.all([take(message("1", "one")), take(message("2", "two"))]);
  expect(said).toEqual(["exec two"]);
  expect(told).toMatchObject([
    { type: "refused", message_id: "1", code: "unavailable", message: expect.stringContaining("the same id") },
    { type: "taken", message_id: "2" },
  ]);
});

it("of a key that is in force no more start nothing", async () => {
  const { take, started, told } = room({ isRevoked: true });
  await take(message("1"));
  expect([started, told]).toMatchObject([[], [{ type: "refused", message_id: "1", code: "unauthorized" }]]);
});

it("too large are refused before they are read", async () => {
  const { take, told } = room();
  const parse = JSON.parse;
  let longest = 0;
  JSON.parse = (text: string) => {
    longest = Math.max(longest, text.length);
    return parse(text);
  };
  try {
    await take(message("big", "x".repeat(700_000)));
  } finally {
    JSON.parse = parse;
  }
  expect([longest, told]).toMatchObject([0, [{ type: "refused", code: "invalid_input" }]]);
});

it("beyond 60 a minute, or too large, are refused while an earlier one still waits; each socket has its own 60", async () => {
  const waits = Promise.withResolvers<void>();
  const { take, told } = room({ start: () => waits.promise });
  const waiting = Array.from({ length: 59 }, (_, n) => take(message(`m${n}`)));
  await take("x".repeat(700_000));
  await take(message("over"));
  expect(told).toMatchObject([
    { type: "refused", code: "invalid_input" },
    { type: "refused", code: "rate_limited", message_id: "over" },
  ]);
  const other = take(message("other"), {} as WebSocket);
  waits.resolve();
  await Promise.all([...waiting, other]);
  expect(told.filter(({ type }) => type === "taken")).toHaveLength(60);
});
