/**
 * A turn's text while it is written (P7), from a model that streams in small pieces and sometimes breaks off: over cut
 * connections and a killed server, what a reader has is at each moment the beginning of what that very try wrote, and at
 * the end all of it.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Client, EventBody, Frame } from "../../src/client/index.ts";
import { createClient, TurnTexts } from "../../src/client/index.ts";
import { startOpenAiServer } from "../support/models/openai-server.ts";
import type { Reaction, Recorded, WireServer } from "../support/models/wire-server.ts";
import { PATIENCE_MS } from "../support/patience.ts";
import { sleep } from "../support/processes/api.ts";
import type { CuttingProxy } from "../support/processes/cutting-proxy.ts";
import { startCuttingProxy } from "../support/processes/cutting-proxy.ts";
import type { Server } from "../support/processes/server.ts";
import { startServer } from "../support/processes/server.ts";
import { seeded } from "../support/simulator/random.ts";

const SEED = Number(process.env.SEED ?? 1);
const QUICK = { firstBackoffMs: 10, maxBackoffMs: 100, maxElapsedMs: 2 * PATIENCE_MS };
const PARAGRAPHS = 4;
const MOST_CUTS = 400;

let stateDir: string;
let model: WireServer;
/** What the model does when it is asked. */
let answering: (request: Recorded) => Reaction;
let server: Server;

beforeAll(async () => {
  stateDir = await mkdtemp(join(tmpdir(), "errand-deltas-"));
  model = await startOpenAiServer();
  model.plan(...Array.from({ length: 200 }, () => (request: Recorded) => answering(request)));
  const env = { ERRAND_HEARTBEAT_MS: "500", OPENAI_BASE_URL: `${model.url}/v1`, ERRAND_MODEL: "local-model" };
  server = await startServer({ stateDir, env });
});

afterAll(async () => {
  await server?.kill("SIGKILL");
  await model?.close();
  await rm(stateDir, { recursive: true, force: true });
});

/** Every text the model began, by the number of its paragraph. No two are alike, from their first words on. */
type Written = Map<number, string[]>;

/** Answers with texts of 700 to 1,800 units in pieces; the last paragraph breaks off twice, in the middle. */
function writing(draw: () => number): { written: Written; answer: (request: Recorded) => Reaction } {
  const written: Written = new Map();
  const answer = ({ body }: Recorded) => {
    const paragraph = Number(/number (\d+) of/.exec(JSON.stringify(body.messages))?.[1]);
    const tries = written.get(paragraph) ?? [];
    const begin = `Paragraph ${paragraph}, draft ${tries.length + 1}: `;
    const text = begin + "the quick 🦊 jumps over the läzy 🐶; ".repeat(20 + Math.floor(draw() * 30));
    written.set(paragraph, [...tries, text]);
    const pieces: string[] = [];
    for (let rest = text; rest !== ""; rest = rest.slice(pieces.at(-1)?.length))
      pieces.push(rest.slice(0, 1 + draw() * 16));
    const isBroken = paragraph === PARAGRAPHS && tries.length < 2;
    const weather = { afterFrames: Math.floor(pieces.length / 2), how: "cut" as const };
    return { text: pieces, pauseMs: 4, ...(isBroken ? { weather } : {}) };
  };
  return { written, answer };
}

/** One reader's whole view: it fails as soon as what it has is not the beginning of something that was written. */
async function reads(client: Client, id: string, written: Written): Promise<{ events: EventBody[]; deltas: number }> {
  const texts = new TurnTexts();
  const bare = new Map<string, { attempt: number; length: number }>();
  const turns: string[] = [];
  const events: EventBody[] = [];
  let deltas = 0;
  for await (const frame of client.stream(id)) {
    texts.take(frame);
    if (frame.type === "event") {
      events.push(frame.event);
      const { type, data } = frame.event;
      if (type === "turn.started" && !turns.includes(String(data.key))) turns.push(String(data.key));
      if (type === "turn.completed") expect(texts.of(String(data.key))?.text).toBe(textOf(data));
    }
    if (frame.type !== "delta") continue;
    deltas += 1;
    // Without the fold: no hole, nothing twice, and a new try begins at 0.
    const before = bare.get(frame.turn);
    const start = before?.attempt === frame.try ? before.length : 0;
    expect(frame.offset).toBe(start);
    expect(frame.try).toBeGreaterThanOrEqual(before?.attempt ?? 1);
    bare.set(frame.turn, { attempt: frame.try, length: start + frame.text.length });
    const { text = "" } = texts.of(frame.turn) ?? {};
    const drafts = [...written.values()].flat();
    if (!drafts.some((draft) => draft.startsWith(text))) expect(drafts).toContain(text);
  }
  return { events, deltas };
}

function textOf(data: EventBody["data"]): string {
  const { content } = data.output as { content: { text: string }[] };
  return content.map(({ text }) => text).join("");
}

function withoutSockets(baseUrl: string): Client {
  const { WebSocket: own } = globalThis;
  Reflect.deleteProperty(globalThis, "WebSocket");
  try {
    return createClient({ baseUrl, timing: QUICK });
  } finally {
    Object.assign(globalThis, { WebSocket: own });
  }
}

/** One text in the making, read through a network that cuts. Returns in what it was not rough enough to prove much. */
async function roughNight(draw: () => number): Promise<string[]> {
  const { written, answer } = writing(draw);
  answering = answer;
  // Not for ever: on a busy machine no connection might live long enough to bring a reader on.
  const cut = () => {
    if (proxy.cuts >= MOST_CUTS) return undefined;
    return draw() < 0.5
      ? { afterBytes: Math.floor(1_000 + draw() * 9_000) }
      : { afterMs: Math.floor(30 + draw() * 400) };
  };
  const proxy: CuttingProxy = await startCuttingProxy(server.url, cut);
  try {
    const direct = createClient({ baseUrl: server.url });
    const started = direct.executeAsync("writer.draft", { topic: "foxes and dogs", paragraphs: PARAGRAPHS });
    const { execution_id: id } = await started;
    const sockets = createClient({ baseUrl: proxy.url, timing: QUICK });
    const readers = Array.from({ length: 12 }, async (_, n) => {
      // Some come later, in the middle of a turn.
      await sleep(n * 150);
      return reads(n % 2 === 0 ? sockets : withoutSockets(proxy.url), id, written);
    });
    const reading = Promise.all(readers);
    await expect.poll(() => written.has(2), { interval: 10 }).toBe(true);
    await sleep(100);
    await server.restart();
    const read = await reading;
    const { events: log } = await direct.log(id);
    expect(log.at(-1)?.type).toBe("execution.succeeded");
    for (const { events } of read) expect(events).toEqual(log);
    const recovered = log.some(({ type, data }) => type === "turn.started" && data.recovered === true);
    return [
      ...(read.every(({ deltas }) => deltas > PARAGRAPHS) ? [] : ["some reader saw hardly a delta"]),
      ...(recovered ? [] : ["no try was interrupted by the kill"]),
      ...(log.some(({ type }) => type === "turn.failed") ? [] : ["no answer broke off"]),
      ...(proxy.cuts > 40 ? [] : ["hardly a connection was cut"]),
    ];
  } finally {
    await proxy.close();
  }
}

describe("the text of a turn", () => {
  test("is spliced at the exact character over cuts, broken tries and a killed server", {
    timeout: 10 * PATIENCE_MS,
  }, async () => {
    const draw = seeded(SEED);
    // On a busy machine a kill or a reader may come late: then once more.
    let lacking = await roughNight(draw);
    for (let night = 2; lacking.length > 0 && night <= 4; night += 1) lacking = await roughNight(draw);
    expect(lacking).toEqual([]);
  });

  test("is in the snapshot of whoever joins in the middle, and goes on exactly there", async () => {
    const text = "A long text 🦊 with many words. ".repeat(20);
    // Stands still in the middle until somebody has joined there.
    const { promise: joining, resolve: hasJoined } = Promise.withResolvers<void>();
    const waits = { afterFrames: 40, until: joining };
    answering = () => ({ text: text.match(/.{1,7}/gsu) ?? [], pauseMs: 15, waits });
    const client = createClient({ baseUrl: server.url });
    const { execution_id: id } = await client.executeAsync("writer.draft", { topic: "one" });
    const first = client.stream(id);
    for await (const frame of first) if (frame.type === "delta" && frame.offset > 50) break;
    const frames: Frame[] = [];
    let joinedAtMs = 0;
    let lastDeltaAtMs = 0;
    for await (const frame of client.stream(id)) {
      if (frames.length === 0) {
        joinedAtMs = performance.now();
        hasJoined();
      }
      if (frame.type === "delta") lastDeltaAtMs = performance.now();
      frames.push(frame);
    }
    const [snapshot] = frames;
    const joined = snapshot?.type === "snapshot" ? snapshot.turns_in_flight : [];
    expect(joined).toHaveLength(1);
    expect(joined[0]?.text.length).toBeGreaterThan(50);
    expect(text.startsWith(joined[0]?.text ?? "?")).toBe(true);
    const deltas = frames.flatMap((frame) => (frame.type === "delta" ? [frame] : []));
    // Gathered for 50 ms at least, so there are fewer of them than the model sent; the first one goes on where the snapshot ended.
    expect(deltas.length).toBeGreaterThan(1);
    expect(deltas.length).toBeLessThanOrEqual(2 + (lastDeltaAtMs - joinedAtMs) / 50);
    expect(deltas.map((delta) => delta.text).join("")).toBe(text);
    expect(new Set(deltas.map((delta) => `${delta.turn} ${delta.try}`)).size).toBe(1);
    // Every one of them was sent before the event that ends the turn.
    const end = frames.findIndex((frame) => frame.type === "event" && frame.event.type === "turn.completed");
    expect(frames.findLastIndex(({ type }) => type === "delta")).toBeLessThan(end);
  });

  test("that is written faster than it is gathered comes all the same, before the end of its turn", async () => {
    const texts = ["One that takes its time. ".repeat(10), "One that is there at once. ".repeat(10)];
    const [slow = "", quick = ""] = texts;
    const { promise: reading, resolve: isRead } = Promise.withResolvers<void>();
    const waits = { afterFrames: 0, until: reading };
    answering = ({ body }) =>
      JSON.stringify(body.messages).includes("number 1 of")
        ? { text: slow.match(/.{1,9}/gsu) ?? [], pauseMs: 20, waits }
        : { text: quick.match(/.{1,9}/gsu) ?? [] };
    const client = createClient({ baseUrl: server.url });
    const { execution_id: id } = await client.executeAsync("writer.draft", { topic: "two", paragraphs: 2 });
    const written = new Map<string, string>();
    const atTheEnd: (string | undefined)[] = [];
    for await (const frame of client.stream(id)) {
      isRead();
      if (frame.type === "delta") written.set(frame.turn, (written.get(frame.turn) ?? "") + frame.text);
      if (frame.type === "event" && frame.event.type === "turn.completed")
        atTheEnd.push(written.get(String(frame.event.data.key)));
    }
    expect(atTheEnd).toEqual(texts);
  });

  test("comes as server-sent events without an id, and is not in the log", async () => {
    const text = "Some words for a plain reader. ".repeat(10);
    const { promise: reading, resolve: isRead } = Promise.withResolvers<void>();
    const waits = { afterFrames: 0, until: reading };
    answering = () => ({ text: text.match(/.{1,9}/gsu) ?? [], pauseMs: 10, waits });
    const client = createClient({ baseUrl: server.url });
    const { execution_id: id } = await client.executeAsync("writer.draft", { topic: "one" });
    const headers = { accept: "text/event-stream" };
    const answer = await fetch(`${server.url}/api/v1/executions/${id}/events`, { headers });
    let body = "";
    for await (const chunk of answer.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      isRead();
      body += chunk;
    }
    const blocks = body.split("\n\n").filter((block) => block.startsWith("event: delta\n"));
    const pieces = blocks.map((block) => JSON.parse(block.slice(block.indexOf("data: ") + 6)) as { text: string });
    expect(pieces.map((piece) => piece.text).join("")).toBe(text);
    const { events } = await client.log(id);
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, n) => n + 1));
    expect(events.some(({ type }) => type.includes("delta"))).toBe(false);
  });
});
