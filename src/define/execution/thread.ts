/**
 * What an agent and the people of one session have said to each other, beyond one execution. Pure: `chat.ts` reads and writes it.
 *
 * - Words only: what tools answered stays in the log of its execution, which each exchange names.
 * - A thread that grows beyond its limit becomes a summary and the newest exchange.
 */
import * as z from "zod";
import type { DraftMessage } from "../../domain/model/turn-draft.ts";
import { utf8Bytes } from "../../domain/values/json-text.ts";

const ThreadMessage = z.object({
  role: z.enum(["user", "assistant"]),
  text: z.string(),
  /** The execution that answered. */
  execution: z.string(),
  atMs: z.number(),
});
export type ThreadMessage = z.infer<typeof ThreadMessage>;

export const Thread = z.object({
  /** Of all that was said before `messages`; `null` for nothing. */
  summary: z.string().nullable(),
  messages: z.array(ThreadMessage),
  /** Messages in all, those in the summary too. */
  count: z.number().int(),
});
export type Thread = z.infer<typeof Thread>;

/** Tokens of a thread that are told to the model word by word, where nothing else is said. */
export const THREAD_TOKENS = 20_000;

export const NEW_THREAD: Thread = { summary: null, messages: [], count: 0 };

/** Names the thread of an agent in a session among the records of its owner. */
export const threadId = (session: string, agent: string): string => JSON.stringify([session, agent]);

/** The list of a session's threads, by agent: written after the thread itself, and removed before it. */
export const threadsId = (session: string): string => JSON.stringify([session]);

/** The one value of a thread's record. */
export const THREAD_KEY = "thread";

/** Beside it: a message that is not answered yet, by its execution. */
export const OPEN_KEYS = "open/";
export const openKey = (executionId: string): string => `${OPEN_KEYS}${executionId}`;

/** As a model hears it: the summary stands before the first message. */
export function historyOf({ summary, messages }: Thread): DraftMessage[] {
  const said = messages.map(({ role, text }): DraftMessage => ({ role, content: text }));
  if (summary === null) return said;
  const before = `<summary>\nWhat was said before, in short:\n${summary}\n</summary>`;
  const [first, ...rest] = said;
  if (first?.role !== "user") return [{ role: "user", content: before }, ...said];
  return [{ role: "user", content: `${before}\n\n${String(first.content)}` }, ...rest];
}

export function withExchange(thread: Thread, exchange: readonly ThreadMessage[]): Thread {
  return { ...thread, messages: [...thread.messages, ...exchange], count: thread.count + exchange.length };
}

/**
 * UTF-8 bytes of a token, on average: a limit needs no more. By bytes, because a record has 1 MiB of them, and a text in Chinese has three
 * to a character: so the longest thread that is told word by word (200,000 tokens) can be kept.
 */
const BYTES = 4;

export function tokensOf({ summary, messages }: Thread): number {
  return Math.ceil((utf8Bytes(summary ?? "") + bytesOf(messages)) / BYTES);
}

function bytesOf(messages: readonly ThreadMessage[]): number {
  return messages.reduce((sum, { text }) => sum + utf8Bytes(text), 0);
}

/** What remains of it: a summary, and the newest exchange. */
export function compacted(thread: Thread, summary: string): Thread {
  return { ...thread, summary, messages: thread.messages.slice(-2) };
}

/** Where no summary could be had: the oldest messages go, until the rest is within the limit. The newest exchange stays. */
export function shortened(thread: Thread, limit: number): Thread {
  const { summary, messages } = thread;
  let bytes = utf8Bytes(summary ?? "") + bytesOf(messages);
  let from = 0;
  for (; bytes > limit * BYTES && messages.length - from > 2; from += 2)
    bytes -= bytesOf(messages.slice(from, from + 2));
  return from === 0 ? thread : { ...thread, messages: messages.slice(from) };
}
