/** Reading along over connections that break: nothing is lost, nothing comes twice, and it ends when there is no more. */
import fc from "fast-check";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import type { Connect, Following } from "../../../../src/client/stream/follow.ts";
import { follow } from "../../../../src/client/stream/follow.ts";
import { ProblemError, TransportError } from "../../../../src/client/transport/errors.ts";
import { DEFAULT_TIMING } from "../../../../src/client/transport/pace.ts";
import type { ExecutionBody } from "../../../../src/contract/executions/body.ts";
import type { Frame } from "../../../../src/contract/stream/frames.ts";
import type { TurnText } from "../../../../src/domain/model/conversation.ts";

const timing = { ...DEFAULT_TIMING, firstBackoffMs: 0, maxBackoffMs: 0 };
const at = "2026-01-01T00:00:00.000Z";

function body(status: string, seq: number): ExecutionBody {
  return { execution_id: "exec_1", status, seq } as ExecutionBody;
}
const snapshot = (status: string, seq: number, turns: TurnText[] = []): Frame => ({
  type: "snapshot",
  seq,
  execution: body(status, seq),
  turns_in_flight: turns,
});
function event(seq: number, type = "note.added"): Frame {
  return { type: "event", event: { seq, type, at, actor: "program", v: 1, data: {} } };
}
/** A log of `length` events whose last one is the end. */
const logOf = (length: number): Frame[] =>
  Array.from({ length }, (_, i) => event(i + 1, i + 1 === length ? "execution.succeeded" : "note.added"));

/** Each connection plays one script, then breaks. */
function playing(scripts: (Frame[] | Error)[], asked: number[] = []): Connect {
  return async function* play(after) {
    asked.push(after);
    const script = scripts.shift();
    if (script === undefined) throw new Error("one connection too many");
    if (script instanceof Error) throw script;
    yield* script;
  };
}

function following(connect: Connect, fields: Partial<Following> = {}): Following {
  return { connect, look: async () => body("running", 0), after: 0, timing, signal: undefined, ...fields };
}

async function read(given: Following): Promise<Frame[]> {
  const frames: Frame[] = [];
  for await (const frame of follow(given)) frames.push(frame);
  return frames;
}
const seqs = (frames: Frame[]) => frames.flatMap((frame) => (frame.type === "event" ? [frame.event.seq] : []));

describe("follow", () => {
  test("goes on after the last event it has, and ends with the terminal one", async () => {
    const asked: number[] = [];
    const log = logOf(5);
    const frames = await read(following(playing([log.slice(0, 2), [], log.slice(2)], asked)));
    expect(frames).toEqual(log);
    expect(asked).toEqual([0, 2, 2]);
  });

  test("whatever connections bring, the reader gets the log, in order, once", async () => {
    const cuts = fc.array(fc.record({ from: fc.nat(12), to: fc.nat(12), snap: fc.boolean() }), { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(cuts, async (connections) => {
        const log = logOf(10);
        const scripts = connections.map(({ from, to, snap }) => [
          ...(snap ? [snapshot("running", to)] : []),
          ...log.slice(from, to),
        ]);
        const frames = await read(following(playing([...scripts, log])));
        expect(seqs(frames)).toEqual(log.map((_, i) => i + 1));
        const shown = frames.flatMap((frame) => (frame.type === "snapshot" ? [frame.seq] : []));
        expect(shown).toEqual([...new Set(shown)].sort((a, b) => a - b));
      }),
      { numRuns: 200 },
    );
  });

  test("a hole in what a connection brings is never passed on: it connects again", async () => {
    const log = logOf(4);
    const asked: number[] = [];
    const holed = log.filter((_, i) => i !== 1);
    expect(await read(following(playing([holed, log.slice(1)], asked)))).toEqual(log);
    expect(asked).toEqual([0, 1]);
  });

  test("a snapshot after a reconnect shows itself only when something was missed", async () => {
    const log = logOf(3);
    const [one, two, three] = log as [Frame, Frame, Frame];
    const first = snapshot("running", 1);
    const news = snapshot("running", 2);
    const frames = await read(following(playing([[first, one], [first], [news, two], [news, three]])));
    expect(frames).toEqual([first, one, news, two, three]);
  });

  test("an execution that ended at or before `after` ends the reader at once", async () => {
    const ended = snapshot("succeeded", 7);
    expect(await read(following(playing([[ended]]), { after: 7 }))).toEqual([ended]);
    const looked = following(playing([[]]), { after: 7, look: async () => body("succeeded", 7) });
    expect(await read(looked)).toEqual([]);
  });

  test("an end that a snapshot tells before its events come is no end yet", async () => {
    const log = logOf(3);
    const ended = snapshot("succeeded", 3);
    expect(await read(following(playing([[ended, ...log]])))).toEqual([ended, ...log]);
    expect(await read(following(playing([[ended], [ended, ...log]])))).toEqual([ended, ...log]);
  });

  test("says when it is connected, and when it no longer is", async () => {
    const log = logOf(2);
    const said: boolean[] = [];
    const connect = playing([[], log.slice(0, 1), log.slice(1)]);
    await read(following(connect, { onConnected: (is) => void said.push(is) }));
    expect(said).toEqual([false, true, false, true]);
  });

  test("a missing server is waited for, a refusal is thrown", async () => {
    const log = logOf(1);
    const away = async () => Promise.reject(new TransportError("away"));
    expect(await read(following(playing([[], [], [], [], log]), { look: away }))).toEqual(log);

    const refused = problem(404, false);
    await expect(read(following(playing([refused])))).rejects.toBe(refused);
    await expect(read(following(playing([[]]), { look: () => Promise.reject(refused) }))).rejects.toBe(refused);
    const later = () => Promise.reject(problem(503, true));
    expect(await read(following(playing([[], log]), { look: later }))).toEqual(log);
  });

  test("waits longer after each failure, and starts anew after news", async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const log = logOf(3);
    const startedAt = Date.now();
    const patient = { ...timing, firstBackoffMs: 5, maxBackoffMs: 10_000 };
    const reading = read(
      following(playing([[], [], [], [], [], [], log.slice(0, 1), log.slice(1, 2), log.slice(2)]), { timing: patient }),
    );
    await vi.runAllTimersAsync();
    expect(await reading).toEqual(log);
    // Six doublings of 5 ms with full jitter, then two short waits; without starting anew the last ones alone are 1.9 s.
    expect(Date.now() - startedAt).toBeLessThanOrEqual(5 + 10 + 20 + 40 + 80 + 160 + 3 * 5);
  });

  test("gives each try to connect, and the look after it, longer than the one before, and never longer than silence", async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const patience: number[] = [];
    const looked: number[] = [];
    const hanging: Connect = async function* (_after, { connectMs }) {
      patience.push(connectMs);
      if (patience.length === 10) yield* logOf(1);
      else await new Promise((resolve) => setTimeout(resolve, connectMs));
    };
    const look = async (connectMs: number) => {
      looked.push(connectMs);
      return body("running", 0);
    };
    const reading = read(following(hanging, { look }));
    await vi.runAllTimersAsync();
    expect(await reading).toEqual(logOf(1));
    const { connectMs: first, silenceMs: last } = timing;
    expect(patience).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((nth) => Math.min(nth * first, last)));
    expect(looked).toEqual(patience.slice(0, -1));
  });

  test("takes a connection that held long for a good one, though nothing happened, and looks only after one that brought nothing", async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const patience: number[] = [];
    const looked: number[] = [];
    const quiet: Connect = async function* (_after, { connectMs }) {
      patience.push(connectMs);
      if (patience.length === 4) yield* logOf(1);
      else yield snapshot("running", 0);
      await new Promise((resolve) => setTimeout(resolve, 11_000));
    };
    const look = async (connectMs: number) => {
      looked.push(connectMs);
      return body("running", 0);
    };
    const reading = read(following(quiet, { look }));
    await vi.runAllTimersAsync();
    await reading;
    // Each is lost once: the next one may take twice as long, and no try longer than that.
    expect(patience).toEqual([5_000, 10_000, 10_000, 10_000]);
    expect(looked).toEqual([]);
  });

  test("ends with the caller's own reason when aborted", async () => {
    const aborter = new AbortController();
    const reason = new Error("seen enough");
    const endless: Connect = async function* () {
      yield event(1);
      aborter.abort(reason);
    };
    await expect(read(following(endless, { signal: aborter.signal }))).rejects.toBe(reason);
  });

  test("a reader that leaves closes its connection", async () => {
    let closed = false;
    const connect: Connect = async function* () {
      try {
        yield* logOf(5);
      } finally {
        closed = true;
      }
    };
    for await (const _ of follow(following(connect))) break;
    expect(closed).toBe(true);
  });
});

function problem(status: number, retryable: boolean): ProblemError {
  const text = { type: "", title: "", detail: "", code: "c", request_id: "r", error: "c", message: "" };
  return new ProblemError({ ...text, status, retryable });
}
