/** The text of a turn over connections that break: at each moment a part of it from its start, at the end all of it. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Connect } from "../../../../src/client/stream/follow.ts";
import { follow } from "../../../../src/client/stream/follow.ts";
import { TurnTexts } from "../../../../src/client/stream/turn-texts.ts";
import { DEFAULT_TIMING } from "../../../../src/client/transport/pace.ts";
import type { ExecutionBody } from "../../../../src/contract/executions/body.ts";
import type { Frame } from "../../../../src/contract/stream/frames.ts";

const timing = { ...DEFAULT_TIMING, firstBackoffMs: 0, maxBackoffMs: 0 };
const at = "2026-01-01T00:00:00.000Z";
const TURN = "turn:1";

const delta = (offset: number, text: string, attempt = 1): Frame => ({
  type: "delta",
  turn: TURN,
  try: attempt,
  offset,
  text,
});
function event(seq: number, type: string, data: Record<string, unknown> = {}): Frame {
  return { type: "event", event: { seq, type, at, actor: "program", v: 1, data } };
}
function snapshot(seq: number, text?: string, attempt = 1): Frame {
  const execution = { execution_id: "exec_1", status: "running", seq } as ExecutionBody;
  return {
    type: "snapshot",
    seq,
    execution,
    turns_in_flight: text === undefined ? [] : [{ turn: TURN, try: attempt, text }],
  };
}
const completed = (seq: number, text: string, attempt: number) =>
  event(seq, "turn.completed", { key: TURN, attempt, output: { content: [{ type: "text", text }] } });
const END = (seq: number) => event(seq, "execution.succeeded");

/** What one execution shows at each instant: its log so far and the turn's text so far. */
interface Instant {
  readonly log: readonly Frame[];
  readonly text: string | undefined;
  readonly attempt: number;
}

/** Follows a server that plays `history`, one connection for each [from, to] of instants, the last one to the end. */
async function watch(history: readonly Instant[], cuts: readonly (readonly [number, number])[]): Promise<Frame[]> {
  const last = history.length - 1;
  const connections = [...cuts, [last, last] as const];
  const connect: Connect = async function* play(after) {
    const [from, to] = connections.shift() ?? [last, last];
    const joined = history[from];
    if (!joined) return;
    yield snapshot(joined.log.length, joined.text, joined.attempt);
    yield* joined.log.slice(after);
    for (let n = from + 1; n <= to; n++) {
      const [before, now] = [history[n - 1], history[n]];
      if (!before || !now) return;
      const told = before.attempt === now.attempt ? (before.text ?? "").length : 0;
      if (now.text !== undefined && now.text.length > told) yield delta(told, now.text.slice(told), now.attempt);
      yield* now.log.slice(before.log.length);
    }
  };
  const look = async () => ({ status: "running", seq: 0 }) as ExecutionBody;
  const frames: Frame[] = [];
  for await (const frame of follow({ connect, look, after: 0, timing, signal: undefined })) frames.push(frame);
  return frames;
}

/** A turn whose first try breaks off; surrogate pairs, so that offsets are not characters. */
const FIRST = "One 🐢 try that ";
const SECOND = "Another 🐢🐇 try, which is the one that is kept.";
function history(): Instant[] {
  const started = [event(1, "execution.created"), event(2, "turn.started", { key: TURN, attempt: 1 })];
  const again = [...started, event(3, "turn.started", { key: TURN, attempt: 2 })];
  const done = [...again, completed(4, SECOND, 2)];
  const pieces = (text: string) => Array.from({ length: text.length }, (_, n) => text.slice(0, n + 1));
  return [
    { log: started, text: undefined, attempt: 1 },
    ...pieces(FIRST).map((text) => ({ log: started, text, attempt: 1 })),
    { log: again, text: undefined, attempt: 2 },
    ...pieces(SECOND).map((text) => ({ log: again, text, attempt: 2 })),
    { log: done, text: undefined, attempt: 2 },
    { log: [...done, END(5)], text: undefined, attempt: 2 },
  ];
}

describe("the text a reader has", () => {
  test("is at each moment the beginning of its try's text, without holes, and at the end all of it", async () => {
    const instants = history();
    const moment = fc.nat(instants.length - 2);
    // Time goes on while nobody is connected, and never back.
    const cuts = fc.array(moment, { maxLength: 24 }).map((moments) => {
      const sorted = moments.sort((a, b) => a - b);
      return sorted.flatMap((from, n) => (n % 2 === 0 ? [[from, sorted[n + 1] ?? from] as const] : []));
    });
    await fc.assert(
      fc.asyncProperty(cuts, async (connections) => {
        const texts = new TurnTexts();
        let bare = { attempt: 0, text: "" };
        for (const frame of await watch(instants, connections)) {
          texts.take(frame);
          const known = texts.of(TURN);
          if (known) expect((known.try === 1 ? FIRST : SECOND).startsWith(known.text)).toBe(true);
          if (frame.type !== "delta") continue;
          // Even without the fold: deltas alone never leave a hole and never repeat.
          if (frame.try > bare.attempt) bare = { attempt: frame.try, text: "" };
          expect([frame.try, frame.offset]).toEqual([bare.attempt, bare.text.length]);
          bare = { attempt: frame.try, text: bare.text + frame.text };
        }
        expect(texts.of(TURN)).toEqual({ turn: TURN, try: 2, text: SECOND });
      }),
      { numRuns: 300 },
    );
  });

  test("a hole is never passed on: it connects again, and the snapshot fills it", async () => {
    const scripts: Frame[][] = [
      [snapshot(2, "ab"), event(1, "a"), event(2, "b"), delta(5, "x")],
      [snapshot(2, "abcdef"), completed(3, "abcdefg", 1), END(4)],
    ];
    const connect: Connect = async function* play() {
      yield* scripts.shift() ?? [];
    };
    const look = async () => ({ status: "running", seq: 0 }) as ExecutionBody;
    const deltas: Frame[] = [];
    for await (const frame of follow({ connect, look, after: 0, timing, signal: undefined }))
      if (frame.type === "delta") deltas.push(frame);
    expect(deltas).toEqual([delta(0, "ab"), delta(2, "cdef")]);
  });
});
