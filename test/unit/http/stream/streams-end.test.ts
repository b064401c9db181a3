/** Whatever ends a stream, what it was read from ends with it: the socket of an actor never outlives its reader. */
import { describe, expect, test } from "vitest";
import { sentEvents } from "../../../../src/http/answers/sent-events.ts";
import { orLetGo } from "../../../../src/http/stream/or-let-go.ts";
import type { Leave } from "../../../../src/operations/access/leave.ts";

/** What a stream reads from, and whether that has ended. */
function source({ breaks = false } = {}) {
  const seen = { ended: false };
  const items = async function* items() {
    try {
      yield "a";
      if (breaks) throw new Error("cut");
      yield "b";
      yield "c";
    } finally {
      seen.ended = true;
    }
  };
  return { seen, items: items() };
}

/** Holds for so many pieces. */
const leaveFor = (pieces: number) => {
  let left = pieces;
  return { holds: async () => left-- > 0 } as unknown as Leave;
};

async function textOf(stream: ReadableStream<Uint8Array>): Promise<string> {
  let text = "";
  for await (const chunk of stream) text += new TextDecoder().decode(chunk);
  return text;
}

describe("server-sent events", () => {
  test("whose key was revoked in the middle end, and so does what they are read from", async () => {
    const { seen, items } = source();
    const gone = new AbortController();
    const sent = sentEvents(items, { leave: leaveFor(1), gone, textOf: (text) => text });
    expect(await textOf(sent)).toBe("a");
    expect([seen.ended, gone.signal.aborted]).toEqual([true, true]);
  });

  test.each([
    ["an item", true, (text: string) => text],
    [
      "its text",
      false,
      (text: string) => {
        if (text === "b") throw new Error("cut");
        return text;
      },
    ],
  ])("of which %s cannot be made are cut, and what they are read from ends", async (_what, breaks, shown) => {
    const { seen, items } = source({ breaks });
    const gone = new AbortController();
    const sent = sentEvents(items, { leave: leaveFor(9), gone, textOf: shown });
    await expect(textOf(sent)).rejects.toThrow("cut");
    expect([seen.ended, gone.signal.aborted]).toEqual([true, true]);
  });
});

describe("a socket that was opened for an answer", () => {
  const socket = () => {
    const seen: (string | number)[] = [];
    const one = { accept: () => void seen.push("accepted"), close: (code: number) => void seen.push(code) };
    return { seen, one: one as unknown as WebSocket };
  };

  test("ends with a code where the answer throws, and where it is a refusal", async () => {
    const thrown = socket();
    const throwing = orLetGo(thrown.one, async () => {
      throw new Error("its plan cannot be read");
    });
    await expect(throwing).rejects.toThrow("its plan cannot be read");
    expect(thrown.seen).toEqual(["accepted", 1011]);
    const refused = socket();
    expect((await orLetGo(refused.one, async () => new Response("", { status: 503 }))).status).toBe(503);
    expect(refused.seen).toEqual(["accepted", 1011]);
  });

  test("is its reader's where it is answered", async () => {
    const answered = socket();
    const switching = { status: 101 } as Response;
    expect(await orLetGo(answered.one, async () => switching)).toBe(switching);
    expect(answered.seen).toEqual([]);
  });
});
