/**
 * Readers that do not keep up: they cost others nothing, their socket is cut with a code that says "come back", and when
 * they do they have exactly the log. The execution sleeps; what flows are signals of 300 KB.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { EventBody } from "../../src/client/index.ts";
import { createClient } from "../../src/client/index.ts";
import type { RawSocket } from "../support/processes/raw-socket.ts";
import { openRawSocket } from "../support/processes/raw-socket.ts";
import type { Server } from "../support/processes/server.ts";
import { startServer } from "../support/processes/server.ts";

const CLOSE_SLOW = 4408;
const SIGNAL = "x".repeat(300_000);
/** More than any socket may hold, and more than the kernel's own buffers take. */
const ENOUGH_FOR_STRANGERS = 60;

let stateDir: string;
let server: Server;
let client: ReturnType<typeof createClient>;

beforeAll(async () => {
  stateDir = await mkdtemp(join(tmpdir(), "errand-slow-"));
  server = await startServer({ stateDir, env: { ERRAND_HEARTBEAT_MS: "1000" } });
  client = createClient({ baseUrl: server.url });
});

afterAll(async () => {
  await server?.kill("SIGKILL");
  await rm(stateDir, { recursive: true, force: true });
});

async function sleeping(): Promise<string> {
  const { execution_id: id } = await client.executeAsync("clock.remind", { message: "slow", seconds: 3_600 });
  await client.wait(id, { until: ({ status }) => status === "running" });
  return id;
}

const socketUrl = (id: string, after = 0) =>
  `${server.url.replace("http", "ws")}/api/v1/executions/${id}/stream?after=${after}`;

type AnyFrame = { readonly type: string; readonly event?: EventBody };
const eventsIn = ({ messages }: RawSocket): EventBody[] =>
  messages.flatMap((text) => (JSON.parse(text) as AnyFrame).event ?? []);

async function log(id: string): Promise<EventBody[]> {
  return (await client.log(id)).events as EventBody[];
}

/** Compares by text: a difference in 18 MB would be printed for minutes. */
function expectLog(read: readonly EventBody[], events: readonly EventBody[]): void {
  expect(read.map(({ seq }) => seq)).toEqual(events.map(({ seq }) => seq));
  expect(JSON.stringify(read) === JSON.stringify(events)).toBe(true);
}

describe("a reader that does not read", () => {
  test("costs others nothing, is cut, comes back and has exactly the log", async () => {
    const id = await sleeping();
    const slow = await openRawSocket(socketUrl(id));
    slow.stopReading();
    const seen: EventBody[] = [];
    const quick = (async () => {
      for await (const event of client.events(id)) seen.push(event);
    })();
    for (let n = 1; n <= ENOUGH_FOR_STRANGERS; n++) {
      await client.signal(id, "tick", { n, text: SIGNAL });
      // The other one has it before the next is sent, whatever becomes of the slow one.
      await expect.poll(() => seen.filter(({ type }) => type === "signal.received").length).toBe(n);
    }
    slow.goOnReading();
    expect(await slow.closed).toBe(CLOSE_SLOW);
    const first = eventsIn(slow);
    const { seq: last = 0 } = first.at(-1) ?? {};
    expect(last).toBeLessThan(ENOUGH_FOR_STRANGERS);
    await client.cancel(id);
    await quick;

    const read = [...first];
    // As a raw client does it: again and again, from the last it has, until the goodbye is the good one.
    for (let code = CLOSE_SLOW; code === CLOSE_SLOW; ) {
      const again = await openRawSocket(socketUrl(id, read.at(-1)?.seq));
      code = await again.closed;
      read.push(...eventsIn(again));
    }
    const events = await log(id);
    expectLog(read, events);
    expectLog(seen, events);
  });

  test("is cut after 2 MiB once it has shown that it answers, and never while it does", async () => {
    const id = await sleeping();
    const reader = await openRawSocket(socketUrl(id), (text) => {
      if (text.startsWith('{"type":"check"')) reader.send(text);
    });
    const ticks = () => eventsIn(reader).filter(({ type }) => type === "signal.received").length;
    for (let n = 1; n <= ENOUGH_FOR_STRANGERS; n++) {
      await client.signal(id, "tick", { n, text: SIGNAL });
      // What it has read it has answered for: never seven of them wait.
      await expect.poll(ticks, { interval: 5 }).toBeGreaterThan(n - 5);
    }
    await expect.poll(ticks).toBe(ENOUGH_FOR_STRANGERS);
    reader.stopReading();
    for (let n = 1; n <= 20; n++) await client.signal(id, "tick", { n, text: SIGNAL });
    reader.goOnReading();
    expect(await reader.closed).toBe(CLOSE_SLOW);
    // Seven of 300 KB fit into 2 MiB; whatever came after them is in the log alone.
    expect(ticks()).toBeLessThanOrEqual(ENOUGH_FOR_STRANGERS + 8);
    expectLog(eventsIn(reader), (await log(id)).slice(0, eventsIn(reader).length));
    await client.cancel(id);
  });

  test("that is a loop of our own client is cut and comes back without its caller's noticing", async () => {
    const id = await sleeping();
    let sockets = 0;
    class Counted extends WebSocket {
      constructor(url: string, protocols?: string[]) {
        super(url, protocols);
        sockets += 1;
      }
    }
    const counted = createClient({ baseUrl: server.url, WebSocket: Counted });
    const read: EventBody[] = [];
    const { promise: mayGoOn, resolve: goOn } = Promise.withResolvers<void>();
    const reading = (async () => {
      for await (const frame of counted.stream(id)) {
        if (frame.type !== "event") continue;
        read.push(frame.event);
        if (frame.event.type === "signal.received") await mayGoOn;
      }
    })();
    for (let n = 1; n <= ENOUGH_FOR_STRANGERS; n++) await client.signal(id, "tick", { n, text: SIGNAL });
    goOn();
    await client.cancel(id);
    await reading;
    expectLog(read, await log(id));
    expect(sockets).toBeGreaterThan(1);
  });

  test("of server-sent events goes on at its own pace, from the log", async () => {
    const id = await sleeping();
    const headers = { accept: "text/event-stream" };
    const response = await fetch(`${server.url}/api/v1/executions/${id}/events`, { headers });
    const body = response.body?.getReader();
    await body?.read();
    for (let n = 1; n <= ENOUGH_FOR_STRANGERS; n++) await client.signal(id, "tick", { n, text: SIGNAL });
    await client.cancel(id);
    let text = "";
    const decoder = new TextDecoder();
    for (let piece = await body?.read(); piece && !piece.done; piece = await body?.read())
      text += decoder.decode(piece.value, { stream: true });
    const seqs = [...text.matchAll(/^id: (\d+)$/gm)].map(([, seq]) => Number(seq));
    const events = await log(id);
    expect(seqs.at(-1)).toBe(events.at(-1)?.seq);
    expect(seqs).toEqual(events.map(({ seq }) => seq).slice(-seqs.length));
    expect(seqs.length).toBeGreaterThan(ENOUGH_FOR_STRANGERS);
  });
});
