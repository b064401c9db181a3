/** How the model that asks nobody streams its text: in which pieces, how fast, and what becomes of a turn that is called off. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Delta, TurnReply } from "../../../src/domain/model/conversation.ts";
import { textOf } from "../../../src/domain/model/conversation.ts";
import { createModels } from "../../../src/models/models.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

interface Asked {
  readonly deltas: readonly Delta[];
  readonly reply: Promise<TurnReply>;
  /** How it ended, once it has. */
  readonly ended: { readonly how: string }[];
  readonly stop: AbortController;
}

function asked(text: string, scriptedPaceMs?: number, hear: (delta: Delta) => void = () => {}): Asked {
  const deltas: Delta[] = [];
  const ended: { how: string }[] = [];
  const stop = new AbortController();
  const onDelta = (delta: Delta) => {
    deltas.push(delta);
    hear(delta);
  };
  const models = createModels({ script: [{ reply: { text } }], scriptedPaceMs });
  const reply = models.generate({ messages: "hi", maxTokens: 5_000 }, { signal: stop.signal, onDelta });
  reply.then(
    () => ended.push({ how: "answered" }),
    ({ code }: { code: string }) => ended.push({ how: code }),
  );
  return { deltas, reply, ended, stop };
}

const said = (deltas: readonly Delta[]) => deltas.map(({ text }) => text).join("");
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
const TEXT = "A text of sixty characters, which makes two pieces and half.";

describe("the text of a scripted turn", () => {
  it("comes in pieces of 24 characters, each with its place, and together they are the answer", async () => {
    const { deltas, reply } = asked(TEXT);
    expect(textOf((await reply).content)).toBe(TEXT);
    expect(deltas.map(({ offset, text }) => [offset, text.length])).toEqual([
      [0, 24],
      [24, 24],
      [48, 12],
    ]);
    expect(said(deltas)).toBe(TEXT);
  });

  it("comes in twenty pieces at most, however long it is", async () => {
    const long = "0123456789".repeat(1_001);
    const { deltas, reply } = asked(long);
    await reply;
    expect(deltas).toHaveLength(20);
    expect(said(deltas)).toBe(long);
  });

  it("takes no time where no pace is set", async () => {
    const { reply } = asked(TEXT);
    await reply;
    expect(vi.getTimerCount()).toBe(0);
  });

  it("waits for its pace before each piece, and answers with the last one", async () => {
    const { deltas, ended } = asked(TEXT, 50);
    await pass(49);
    expect(deltas).toEqual([]);
    await pass(1);
    expect(said(deltas)).toBe(TEXT.slice(0, 24));
    await pass(50);
    expect(said(deltas)).toBe(TEXT.slice(0, 48));
    expect(ended).toEqual([]);
    await pass(50);
    expect(said(deltas)).toBe(TEXT);
    expect(ended).toEqual([{ how: "answered" }]);
  });

  it("ends at the next piece when the turn is called off, which is then no answer", async () => {
    const { deltas, ended, stop } = asked(TEXT, 50);
    await pass(50);
    stop.abort("cancelled");
    await pass(50);
    expect(said(deltas)).toBe(TEXT.slice(0, 24));
    expect(ended).toEqual([{ how: "aborted" }]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("is answered in full although whoever listens throws, who then hears no more", async () => {
    const { deltas, reply } = asked(TEXT, undefined, () => {
      throw new Error("the reader is gone");
    });
    expect(textOf((await reply).content)).toBe(TEXT);
    expect(deltas).toHaveLength(1);
  });
});
