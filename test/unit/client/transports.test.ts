/** The two kinds of connection: each turns what arrives into frames, and ends when nothing more can. */
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { createClient } from "../../../src/client/client.ts";
import { ProblemError, TransportError } from "../../../src/client/transport/errors.ts";
import { DEFAULT_TIMING } from "../../../src/client/transport/pace.ts";
import { sentEventFrames } from "../../../src/client/transport/sent-events.ts";
import type { Socket } from "../../../src/client/transport/socket-frames.ts";
import { socketFrames } from "../../../src/client/transport/socket-frames.ts";
import type { Frame } from "../../../src/contract/stream/frames.ts";

const timing = { ...DEFAULT_TIMING, pingMs: 10, silenceMs: 60 };
const told = (seq: number) => ({
  seq,
  type: "note.added",
  at: "2026-01-01T00:00:00.000Z",
  actor: "program",
  v: 1,
  data: { m: "ü" },
});
const END = "execution.succeeded";
const frame = (seq: number): Frame => ({ type: "event", event: told(seq) });

async function all(frames: AsyncIterable<Frame>): Promise<Frame[]> {
  const read: Frame[] = [];
  for await (const one of frames) read.push(one);
  return read;
}

/** A socket whose other end is the test. */
class HandSocket implements Socket {
  readyState = 1;
  readonly sent: string[] = [];
  readonly #listeners = new Map<string, (event: { readonly data: unknown }) => void>();

  addEventListener(type: string, listener: (event: { readonly data: unknown }) => void): void {
    this.#listeners.set(type, listener);
  }
  send(text: string): void {
    this.sent.push(text);
  }
  close(): void {
    this.readyState = 3;
  }
  say(data: unknown): void {
    this.#listeners.get("message")?.({ data: typeof data === "string" ? data : JSON.stringify(data) });
  }
  cut(): void {
    this.#listeners.get("close")?.({ data: undefined });
  }
}

describe("a socket", () => {
  test("is asked for batches, and resumes in the middle of one", async () => {
    const urls: string[] = [];
    let connect = (_socket: HandSocket) => {};
    const sockets = new Promise<HandSocket>((resolve) => (connect = resolve));
    class Listening extends HandSocket {
      constructor(url: string) {
        super();
        urls.push(url);
        connect(this);
      }
    }
    const client = createClient({ baseUrl: "http://localhost:1", WebSocket: Listening });
    const read = all(client.stream("exec_1", { after: 2 }));
    (await sockets).say({ type: "events", events: [told(1), told(2), told(3), { ...told(4), type: END }] });
    expect(urls).toEqual(["ws://localhost:1/api/v1/executions/exec_1/stream?after=2&batch=true"]);
    expect(await read).toMatchObject([{ event: { seq: 3 } }, { event: { seq: 4 } }]);
  });

  test("hands on frames in order, lets go by what it does not know, and ends with the connection", async () => {
    const socket = new HandSocket();
    const read = all(socketFrames(socket, { timing, signal: undefined }));
    socket.say(frame(1));
    socket.say({ type: "delta", turn: "t", text: "later" });
    socket.say("pong");
    await new Promise((resolve) => setTimeout(resolve, 5));
    socket.say(frame(2));
    socket.say({ type: "events", events: [told(3), told(4)] });
    socket.cut();
    expect(await read).toEqual([frame(1), frame(2), frame(3), frame(4)]);
    expect(socket.readyState).toBe(3);
  });

  test("says how far it is only when its reader is there, and ends at once when it is told to come back", async () => {
    const socket = new HandSocket();
    const question = '{"type":"check","sent":300000}';
    const frames = socketFrames(socket, { timing: { ...timing, pingMs: 60_000 }, signal: undefined });
    const first = frames.next();
    socket.say(frame(1));
    socket.say(frame(2));
    socket.say(question);
    socket.say(frame(3));
    expect((await first).value).toEqual(frame(1));
    expect((await frames.next()).value).toEqual(frame(2));
    expect(socket.sent).toEqual([]);
    expect((await frames.next()).value).toEqual(frame(3));
    expect(socket.sent).toEqual([question]);
    socket.say({ type: "closing", code: 4408, reason: "too slow" });
    socket.say(frame(4));
    expect((await frames.next()).done).toBe(true);
    expect(socket.readyState).toBe(3);
  });

  test("asks a quiet other side for a sign of life, and gives a dead one up", async () => {
    vi.useFakeTimers();
    onTestFinished(() => {
      vi.useRealTimers();
    });
    const alive = new HandSocket();
    alive.send = (text) => {
      alive.sent.push(text);
      setTimeout(() => alive.say("pong"), 1);
    };
    const dead = new HandSocket();
    const startedAt = Date.now();
    let aliveIsOver = false;
    void all(socketFrames(alive, { timing, signal: undefined })).then(() => {
      aliveIsOver = true;
    });
    const deadIsOver = all(socketFrames(dead, { timing, signal: undefined }));
    await vi.advanceTimersByTimeAsync(3 * timing.silenceMs);
    expect(await deadIsOver).toEqual([]);
    expect(Date.now() - startedAt).toBeGreaterThanOrEqual(timing.silenceMs);
    expect(dead.readyState).toBe(3);
    expect(dead.sent[0]).toBe("ping");
    expect(aliveIsOver).toBe(false);
    alive.cut();
  });

  test("says nothing before it is open, and is closed when the reader leaves or aborts", async () => {
    const connecting = new HandSocket();
    connecting.readyState = 0;
    const aborter = new AbortController();
    const read = all(socketFrames(connecting, { timing, signal: aborter.signal }));
    await new Promise((resolve) => setTimeout(resolve, 30));
    aborter.abort();
    expect(await read).toEqual([]);
    expect(connecting.sent).toEqual([]);
    expect(connecting.readyState).toBe(3);
  });

  test("that does not open in time is given up long before a silent one would be", async () => {
    const hanging = new HandSocket();
    hanging.readyState = 0;
    const patient = { ...timing, silenceMs: 3_600_000 };
    expect(await all(socketFrames(hanging, { timing: patient, connectMs: 20, signal: undefined }))).toEqual([]);
    expect(hanging.readyState).toBe(3);
  });

  test("that has opened is not given up at the limit for opening", async () => {
    const open = new HandSocket();
    const slow = { ...timing, pingMs: 60_000, silenceMs: 3_600_000 };
    const read = all(socketFrames(open, { timing: slow, connectMs: 5, signal: undefined }));
    await new Promise((resolve) => setTimeout(resolve, 40));
    open.say(frame(1));
    open.cut();
    expect(await read).toEqual([frame(1)]);
  });

  test("goes with a token; a refusal of the token is the reader's, a missing server is tried again", async () => {
    const offered: (string[] | undefined)[] = [];
    class Offering extends HandSocket {
      constructor(_url: string, protocols?: string[]) {
        super();
        offered.push(protocols);
        queueMicrotask(() => this.say({ type: "event", event: { ...told(1), type: END } }));
      }
    }
    const answers = [
      () => Promise.reject(new TypeError("fetch failed")),
      // A look after a connection that brought nothing: the server is still away.
      () => Promise.reject(new TypeError("fetch failed")),
      async () => Response.json({ token: "t1", expires_at: "2026-01-01T00:00:00.000Z" }, { status: 201 }),
    ];
    const fetched = (): Promise<Response> => (answers.shift() ?? (() => Promise.reject(new TypeError("no more"))))();
    const quick = { timing: { ...timing, firstBackoffMs: 1, maxBackoffMs: 1 } };
    const client = createClient({
      baseUrl: "http://localhost:1",
      key: "k",
      WebSocket: Offering,
      fetch: fetched,
      ...quick,
    });
    expect(await all(client.stream("exec_1"))).toMatchObject([{ event: { seq: 1 } }]);
    expect(offered).toEqual([["errand.token.t1"]]);

    const refusal = {
      type: "",
      title: "",
      status: 403,
      detail: "no",
      code: "forbidden",
      request_id: "r",
      retryable: false,
      error: "forbidden",
      message: "no",
    };
    const refused = createClient({
      ...{ baseUrl: "http://localhost:1", key: "k", WebSocket: Offering, ...quick },
      fetch: async () => Response.json(refusal, { status: 403 }),
    });
    await expect(all(refused.stream("exec_1"))).rejects.toThrow(ProblemError);
    expect(offered).toHaveLength(1);
  });

  test("an event it cannot understand is an error: it must not be lost in silence", async () => {
    const socket = new HandSocket();
    const read = all(socketFrames(socket, { timing, signal: undefined }));
    socket.say({ type: "event", event: { seq: "one" } });
    await expect(read).rejects.toThrow("seq");
  });
});

describe("server-sent events", () => {
  const text = (...seqs: number[]) =>
    seqs.map((seq) => `id: ${seq}\nevent: note.added\ndata: ${JSON.stringify(told(seq))}\n\n`).join("");
  const quiet = { timing, signal: undefined };

  /** Sends the bytes in pieces of `size`, then ends, breaks off or hangs. */
  function answer(body: string, size: number, end: "end" | "break" | "hang" = "end") {
    return async (signal: AbortSignal) => {
      const bytes = new TextEncoder().encode(body);
      return new Response(
        new ReadableStream({
          start(controller) {
            signal.addEventListener("abort", () => controller.error(signal.reason));
            for (let at = 0; at < bytes.length; at += size) controller.enqueue(bytes.slice(at, at + size));
            if (end === "end") controller.close();
            if (end === "break") setTimeout(() => controller.error(new TypeError("terminated")), 5);
          },
        }),
      );
    };
  }

  test.each([1, 2, 7, 10_000])("are read whole however they are cut into pieces of %i", async (size) => {
    const body = `: heartbeat\n\n${text(1)}: heartbeat\n\n${text(2, 3)}`;
    expect(await all(sentEventFrames(answer(body, size), quiet))).toEqual([frame(1), frame(2), frame(3)]);
  });

  test("carry deltas without an id, and what nobody knows is let go by", async () => {
    const delta = { type: "delta", turn: "turn", try: 2, offset: 4, text: "ü\n\nid: 5" } as const;
    const { type, ...data } = delta;
    const body = `${text(1)}event: ${type}\ndata: ${JSON.stringify(data)}\n\nevent: news\ndata: {}\n\n${text(2)}`;
    expect(await all(sentEventFrames(answer(body, 7), quiet))).toEqual([frame(1), delta, frame(2)]);
  });

  test("half an event is no event", async () => {
    const body = text(1, 2);
    for (const end of ["end", "break"] as const) {
      const frames = await all(sentEventFrames(answer(body.slice(0, -2), 50, end), quiet));
      expect(frames).toEqual([frame(1)]);
    }
  });

  test("of a server that ends none of them are given up, and the caller hears it", async () => {
    const endless = `${text(1)}data: ${"x".repeat(34_000_000)}`;
    await expect(all(sentEventFrames(answer(endless, 1_000_000), quiet))).rejects.toThrow("33554432 characters");
  });

  test("a server that does not answer is given up long before a silent one would be", async () => {
    const patient = { ...timing, silenceMs: 3_600_000 };
    const hanging = (signal: AbortSignal) =>
      new Promise<Response>((_, reject) =>
        signal.addEventListener("abort", () => reject(new TransportError("given up"))),
      );
    expect(await all(sentEventFrames(hanging, { timing: patient, connectMs: 20, signal: undefined }))).toEqual([]);
  });

  test("a silent server is given up", async () => {
    const startedAt = Date.now();
    expect(await all(sentEventFrames(answer(text(1), 50, "hang"), quiet))).toEqual([frame(1)]);
    expect(Date.now() - startedAt).toBeGreaterThanOrEqual(timing.silenceMs);
  });

  test("a server that speaks now and then, if only by heartbeats, is not silent", async () => {
    vi.useFakeTimers();
    let say = (_text: string) => {};
    const open = async () =>
      new Response(
        new ReadableStream({
          start(controller) {
            say = (piece) => controller.enqueue(new TextEncoder().encode(piece));
          },
        }),
      );
    try {
      const frames = sentEventFrames(open, quiet);
      const first = frames.next();
      for (let beats = 0; beats < 5; beats += 1) {
        await vi.advanceTimersByTimeAsync(timing.silenceMs - 1);
        say(": heartbeat\n\n");
      }
      say(text(1));
      expect((await first).value).toEqual(frame(1));
      await frames.return(undefined);
    } finally {
      vi.useRealTimers();
    }
  });

  test("no connection and a passing refusal just end; a refusal is thrown", async () => {
    const refusing = (status: number, retryable: boolean) => {
      const words = { type: "", title: "", detail: "", code: "c", request_id: "r", error: "c", message: "" };
      return new ProblemError({ ...words, status, retryable });
    };
    expect(await all(sentEventFrames(() => Promise.reject(new TransportError("away")), quiet))).toEqual([]);
    expect(await all(sentEventFrames(() => Promise.reject(refusing(503, true)), quiet))).toEqual([]);
    await expect(all(sentEventFrames(() => Promise.reject(refusing(404, false)), quiet))).rejects.toThrow(ProblemError);
  });

  test("a reader that leaves ends the request, and so does the caller's abort", async () => {
    let ended = 0;
    const body = answer(text(1, 2), 50, "hang");
    const open = (signal: AbortSignal) => {
      signal.addEventListener("abort", () => {
        ended += 1;
      });
      return body(signal);
    };
    for await (const _ of sentEventFrames(open, quiet)) break;
    expect(ended).toBe(1);
    const aborter = new AbortController();
    setTimeout(() => aborter.abort(new Error("enough")), 10);
    expect(await all(sentEventFrames(open, { timing, signal: aborter.signal }))).toEqual([frame(1), frame(2)]);
    expect(ended).toBe(2);
  });
});
