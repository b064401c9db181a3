/** The client against the real server: every method once, refusals, starts whose answers are lost, and readers that outlive a `kill -9`. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { EventBody } from "../../src/client/index.ts";
import { createClient, fold, ProblemError, TransportError, WaitTimeoutError } from "../../src/client/index.ts";
import { PATIENCE_MS } from "../support/patience.ts";
import { sleep } from "../support/processes/api.ts";
import { startCuttingProxy } from "../support/processes/cutting-proxy.ts";
import type { Server } from "../support/processes/server.ts";
import { startServer } from "../support/processes/server.ts";
import { seeded } from "../support/simulator/random.ts";

interface Examples {
  "support-agent.analyze_sentiment": { input: { message: string }; output: { sentiment: string } };
  "clock.remind": { input: { message: string; seconds: number }; output: { message: string } };
  "approvals.demo": { input: { claim: string; amount: number }; output: { decision: string; feedback: string | null } };
  "ledger.transfer": {
    input: { transfer_id: string; from: string; to: string; amount: number };
    output: { notify_attempts: number };
  };
  "catalog.audit": { input: { chunk_size?: number; pace_ms?: number }; output: { rows: number } };
}

let folder: string;
let server: Server;
let client: ReturnType<typeof createClient<Examples>>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "errand-client-"));
  server = await startServer({ stateDir: join(folder, "state"), env: { ERRAND_HEARTBEAT_MS: "1000" } });
  client = createClient<Examples>({ baseUrl: server.url });
});

afterAll(async () => {
  await server?.kill("SIGKILL");
  await rm(folder, { recursive: true, force: true });
});

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const read: T[] = [];
  for await (const item of items) read.push(item);
  return read;
}
const eventsOf = async (id: string) => (await client.log(id)).events;
async function refusal(call: Promise<unknown>): Promise<ProblemError> {
  const thrown: unknown = await call.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(thrown).toBeInstanceOf(ProblemError);
  return thrown as ProblemError;
}

describe("every call", () => {
  test("keys are made, listed and revoked", async () => {
    const made = await client.keys.create({ name: "a viewer", subject: "vera", scopes: ["read"], masked: true });
    expect(made).toMatchObject({ subject: "vera", masked: true, scopes: ["read"] });
    const viewer = createClient({ baseUrl: server.url, key: made.key });
    expect(await all(viewer.list())).toEqual([]);
    expect((await refusal(viewer.keys.create({ name: "more", scopes: ["read"] }))).code).toBe("forbidden_scope");
    expect((await all(client.keys.list())).map(({ key_id }) => key_id)).toContain(made.key_id);
    expect((await client.keys.revoke(made.key_id)).revoked_at).not.toBeNull();
    expect((await refusal(viewer.listPage())).code).toBe("unauthorized");
  });

  test("execute gives the typed result; its log folds to its state", async () => {
    const done = await client.execute("support-agent.analyze_sentiment", { message: "Thank you, that was wonderful!" });
    expect(done.result?.sentiment).toBe("positive");
    const log = await client.log(done.execution_id);
    const state = fold(log.events);
    expect(state).toMatchObject({ status: "succeeded", seq: done.seq, recoveries: 0 });
    expect(state?.origin.id).toBe(done.execution_id);
    expect(fold(log.events.slice(0, 3))?.seq).toBe(3);
  });

  test("pause, resume, signal, note and cancel, with their reasons", async () => {
    const { execution_id: id } = await client.executeAsync("clock.remind", { message: "later", seconds: 600 });
    await client.wait(id, { until: ({ status }) => status === "running" });
    expect(await client.pause(id, { reason: "lunch" })).toMatchObject({
      previous_status: "running",
      status: "paused",
      reason: "lunch",
    });
    expect((await client.get(id)).status).toBe("paused");
    expect(await client.resume(id)).toMatchObject({ status: "running" });
    expect(await client.signal(id, "ring", { loud: true })).toMatchObject({ signal: "ring" });
    expect((await client.note(id, "seen", ["people"])).notes).toMatchObject([{ message: "seen", tags: ["people"] }]);
    const cancelled = await client.cancel(id, { reason: "enough" });
    expect(cancelled).toMatchObject({ status: "cancelled", quiesced: true, pending: [] });
    expect((await client.wait(id)).status).toBe("cancelled");
    expect(await client.cancel(id)).toMatchObject({ status: "cancelled", previous_status: "cancelled" });
    expect((await all(client.events(id))).at(-1)?.type).toBe("execution.cancelled");
  });

  test("an approval is shown, decided once, and what came of it is in the result", async () => {
    const asked = await client.execute("approvals.demo", { claim: "claim-1", amount: 120 });
    expect(asked.status).toBe("waiting");
    const shown = await client.approvalStatus(asked.execution_id);
    expect(shown).toMatchObject({ status: "pending", payload: { claim: "claim-1" } });
    const answer = { decision: "approved", feedback: "fine", payload_digest: shown.payload_digest } as const;
    expect(await client.approve(asked.execution_id, answer)).toMatchObject({ status: "processed" });
    const done = await client.wait<"approvals.demo">(asked.execution_id);
    expect(done.result).toMatchObject({ decision: "approved", feedback: "fine" });
    expect(await client.approve(asked.execution_id, answer)).toMatchObject({ status: "already_processed" });
  });

  test("effects and invariants are for whoever wants to know exactly", async () => {
    const input = { transfer_id: "t-client", from: "a", to: "b", amount: 100 };
    const done = await client.execute("ledger.transfer", input);
    expect(done.result?.notify_attempts).toBe(3);
    const effects = await client.effects(done.execution_id);
    expect(effects.map(({ name, attempts }) => [name, attempts])).toEqual([
      ["reserve", 1],
      ["transfer", 1],
      ["notify", 3],
    ]);
    const reports = await client.invariants(done.execution_id);
    expect(reports.filter(({ verdict }) => verdict === "violated")).toEqual([]);
    expect((await refusal(client.resolve(done.execution_id, { option: "retry" }))).code).toBe("invalid_state");
  });

  test("list walks through all pages, newest first; listPage gives one", async () => {
    const runId = `run-${crypto.randomUUID()}`;
    const ids: string[] = [];
    for (let n = 0; n < 5; n++)
      ids.push((await client.execute("clock.remind", { message: `${n}`, seconds: 0 }, { runId })).execution_id);
    const listed = async () =>
      (await all(client.list({ runId, status: ["succeeded", "failed"] }))).map((row) => row.execution_id);
    await expect.poll(listed).toHaveLength(5);
    const first = await client.listPage({ runId, limit: 2 });
    const second = await client.listPage({ runId, limit: 2, cursor: first.next_cursor ?? "" });
    expect([...first.items, ...second.items].map((row) => row.execution_id)).toEqual([...ids].reverse().slice(0, 4));
    expect(await all(client.list({ runId, until: new Date(0) }))).toEqual([]);
  });

  test("stream shows a snapshot, every event and the updates; after the end there is nothing to wait for", async () => {
    const { execution_id: id } = await client.executeAsync("catalog.audit", { chunk_size: 500, pace_ms: 100 });
    const frames = await all(client.stream(id));
    expect(frames[0]?.type).toBe("snapshot");
    const events = frames.flatMap((frame) => (frame.type === "event" ? [frame.event] : []));
    expect(events).toEqual(await eventsOf(id));
    expect(frames.filter(({ type }) => type === "execution_update").length).toBeGreaterThan(2);
    const { seq } = events.at(-1) as EventBody;
    expect(await all(client.events(id, { after: seq - 2 }))).toEqual(events.slice(-2));
    expect(await all(client.events(id, { after: seq }))).toEqual([]);
    expect((await all(client.stream(id, { after: seq }))).map(({ type }) => type)).toEqual(["snapshot"]);
  });

  test("without a WebSocket, stream reads server-sent events", async () => {
    const { WebSocket: own } = globalThis;
    Reflect.deleteProperty(globalThis, "WebSocket");
    try {
      const bare = createClient({ baseUrl: server.url });
      const { execution_id: id } = await bare.executeAsync("catalog.audit", { chunk_size: 1_000, pace_ms: 20 });
      const frames = await all(bare.stream(id));
      expect(frames[0]?.type).toBe("snapshot");
      expect(frames.slice(1).map((frame) => frame.type === "event" && frame.event)).toEqual(await eventsOf(id));
    } finally {
      Object.assign(globalThis, { WebSocket: own });
    }
  });

  test("with a key, a socket goes with a token of its own; a wrong key is refused", async () => {
    const body = JSON.stringify({ name: "a caller", scopes: ["execute", "read"] });
    const made = await fetch(`${server.url}/api/v1/keys`, { method: "POST", body });
    const { key } = (await made.json()) as { key: string };
    const offered: (string[] | undefined)[] = [];
    class Witness extends WebSocket {
      constructor(url: string, protocols?: string[]) {
        super(url, protocols);
        offered.push(protocols);
      }
    }
    const keyed = createClient({ baseUrl: server.url, key, WebSocket: Witness });
    const { execution_id: id } = await keyed.executeAsync("catalog.audit", { chunk_size: 1_000, pace_ms: 20 });
    const frames = await all(keyed.stream(id));
    expect(frames.flatMap((frame) => (frame.type === "event" ? [frame.event] : []))).toEqual(
      (await keyed.log(id)).events,
    );
    expect(offered[0]?.[0]).toMatch(/^errand\.token\.\S{20,}$/);
    expect(await all(keyed.events(id))).toEqual((await keyed.log(id)).events);
    const wrong = createClient({ baseUrl: server.url, key: `${key.slice(0, -4)}aaaa` });
    expect((await refusal(all(wrong.stream(id)))).code).toBe("unauthorized");
    expect((await refusal(wrong.get(id))).status).toBe(401);
  });
});

describe("a refusal", () => {
  test("names what is wrong, and where", async () => {
    const untyped = createClient({ baseUrl: server.url });
    const unknown = await refusal(untyped.execute("nobody.nothing", {}));
    expect(unknown).toMatchObject({ code: "target_not_found", status: 400, retryable: false });
    expect(unknown.detail).toContain("GET /api/v1/agents");
    const unfit = await refusal(untyped.execute("clock.remind", { message: 5 }));
    expect(unfit.code).toBe("invalid_input");
    expect(unfit.errors.map(({ path }) => path).sort()).toEqual(["input.message", "input.seconds"]);
    expect(unfit.requestId).not.toBe("");
  });

  test("of what is not there, for every reader, at once", async () => {
    const missing = `${(await client.execute("clock.remind", { message: "x", seconds: 0 })).execution_id.slice(0, -6)}AAAAAA`;
    for (const call of [
      () => client.get(missing),
      () => client.wait(missing),
      () => all(client.events(missing)),
      () => all(client.stream(missing)),
      () => client.effects(missing),
    ]) {
      expect((await refusal(call())).status).toBe(404);
    }
  });

  test("of a move that its state does not allow", async () => {
    const { execution_id: id } = await client.execute("clock.remind", { message: "x", seconds: 0 });
    expect(await refusal(client.pause(id))).toMatchObject({ code: "invalid_state", status: 409 });
  });

  test("a key that was used for another request is not used for this one", async () => {
    const idempotencyKey = crypto.randomUUID();
    const first = await client.executeAsync("clock.remind", { message: "one", seconds: 0 }, { idempotencyKey });
    const again = await client.executeAsync("clock.remind", { message: "one", seconds: 0 }, { idempotencyKey });
    expect(again.execution_id).toBe(first.execution_id);
    const other = client.executeAsync("clock.remind", { message: "two", seconds: 0 }, { idempotencyKey });
    expect(await refusal(other)).toMatchObject({ code: "idempotency_mismatch", status: 422 });
  });

  test("a wait that is over says how the execution stood; it goes on", async () => {
    const { execution_id: id } = await client.executeAsync("clock.remind", { message: "x", seconds: 60 });
    const over = await client.wait(id, { timeoutMs: 300 }).catch((error: unknown) => error);
    expect(over).toBeInstanceOf(WaitTimeoutError);
    expect((over as WaitTimeoutError).execution).toMatchObject({ execution_id: id, status: "running" });
    await expect(client.execute("clock.remind", { message: "x", seconds: 60 }, { timeoutMs: 300 })).rejects.toThrow(
      WaitTimeoutError,
    );
  });
});

describe("when the server or the network goes away", () => {
  test("a start whose answer is lost is sent again, and is one execution", async () => {
    // An answer has about 700 bytes: connections break before it, in its head, in its body, or in the next one.
    const draw = seeded(4);
    const proxy = await startCuttingProxy(server.url, () => ({ afterBytes: Math.floor(draw() * 1_200) }));
    try {
      const cut = createClient<Examples>({ baseUrl: proxy.url, timing: { firstBackoffMs: 5, maxBackoffMs: 50 } });
      const runId = `run-${crypto.randomUUID()}`;
      const started: string[] = [];
      for (let n = 0; n < 40; n++) {
        const { execution_id } = await cut.executeAsync("clock.remind", { message: `${n}`, seconds: 0 }, { runId });
        started.push(execution_id);
      }
      expect(proxy.cuts).toBeGreaterThanOrEqual(30);
      const listed = async () => (await all(client.list({ runId }))).map((row) => row.execution_id).sort();
      await expect.poll(listed).toEqual(started.sort());
    } finally {
      await proxy.close();
    }
  });

  test("what is not safe to repeat is not repeated", async () => {
    const { execution_id: id } = await client.executeAsync("clock.remind", { message: "x", seconds: 60 });
    const proxy = await startCuttingProxy(server.url, () => ({ afterBytes: 0 }));
    try {
      const cut = createClient({ baseUrl: proxy.url });
      await expect(cut.note(id, "once")).rejects.toThrow(TransportError);
      const notes = (await eventsOf(id)).filter(({ type }) => type === "note.added");
      expect(notes).toHaveLength(1);
    } finally {
      await proxy.close();
    }
  });

  test("a start, a wait and all readers outlive kill -9", async () => {
    const { execution_id: id } = await client.executeAsync("catalog.audit", { pace_ms: 60 });
    const readers = [
      ...[1, 2, 3].map(() => all(client.events(id))),
      ...[1, 2, 3].map(async () =>
        (await all(client.stream(id))).flatMap((frame) => (frame.type === "event" ? [frame.event] : [])),
      ),
    ];
    const waited = client.wait<"catalog.audit">(id);
    const runId = `run-${crypto.randomUUID()}`;
    await sleep(700);
    await server.kill("SIGKILL");
    const patient = createClient<Examples>({ baseUrl: server.url, timing: { maxElapsedMs: 2 * PATIENCE_MS } });
    const begun = patient.execute("clock.remind", { message: "begun while nobody was there", seconds: 1 }, { runId });
    await sleep(300);
    await server.restart();
    await sleep(400);
    await server.restart();
    expect((await begun).status).toBe("succeeded");
    expect((await waited).result?.rows).toBe(3_201);
    const log = await eventsOf(id);
    expect(log.at(-1)?.type).toBe("execution.succeeded");
    const instants = log.map(({ at }) => Date.parse(at));
    const gaps = instants.slice(1).map((instant, i) => instant - (instants[i] ?? 0));
    expect(gaps.filter((gap) => gap > 1_000).length).toBeGreaterThanOrEqual(1);
    for (const read of await Promise.all(readers)) expect(read).toEqual(log);
    await expect.poll(() => all(client.list({ runId }))).toHaveLength(1);
  });
});
