/** A log of 34 signals of 1 MB each: every reader of it is answered, in pages of about 1 MiB or as a stream. */
import { applyD1Migrations } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { Deployment, ROOT_KEY } from "../support/workers/deployment.ts";

const SIGNALS = 34;
const MB = 1_000_000;
const server = new Deployment({ ERRAND_ROOT_KEY: ROOT_KEY });
let path: string;

const get = (rest: string) => server.call("GET", `${path}${rest}`, { key: ROOT_KEY });
const sizeOf = (body: unknown) => JSON.stringify(body).length;

beforeAll(async () => {
  await applyD1Migrations(env.REGISTRY, inject("migrations"));
  const body = { input: { message: "large", seconds: 3_600 } };
  const started = await server.call("POST", "/api/v1/execute/async/clock.remind", { key: ROOT_KEY, body });
  path = `/api/v1/executions/${started.body.execution_id}`;
  for (let n = 0; n < SIGNALS; n += 1) {
    const sent = await server.call("POST", `${path}/signals/large`, { key: ROOT_KEY, body: { data: "x".repeat(MB) } });
    expect(sent.status).toBe(202);
    const note = { message: `note ${n}`, tags: [`t${n % 2}`] };
    expect((await server.call("POST", `${path}/notes`, { key: ROOT_KEY, body: note })).status).toBe(201);
  }
});

describe("of a large log", () => {
  test("the events come in pages of about 1 MiB, and all of them come", async () => {
    const seqs: number[] = [];
    let pages = 0;
    for (let after: unknown = 0; after !== null; pages += 1) {
      const { status, body } = await get(`/events?limit=1000&after=${after}`);
      expect(status).toBe(200);
      expect(sizeOf(body)).toBeLessThan(1.1 * 1_048_576);
      const items = body.items as { seq: number }[];
      seqs.push(...items.map(({ seq }) => seq));
      after = body.next_after;
    }
    expect(pages).toBeGreaterThanOrEqual(SIGNALS);
    expect(seqs).toEqual(seqs.map((_, at) => at + 1));
  });

  test("the notes are found behind the signals, whatever lies between them", async () => {
    const notes: unknown[] = [];
    for (let after: unknown = 0; after !== null; ) {
      const { status, body } = await get(`/notes?tags=t1&after=${after}`);
      expect(status).toBe(200);
      notes.push(...(body.notes as unknown[]));
      after = body.next_after;
    }
    expect(notes).toHaveLength(SIGNALS / 2);
  });

  test("the whole is one stream, which says what it held", async () => {
    const { status, body } = await get("/log");
    expect(status).toBe(200);
    const events = body.events as { type: string }[];
    expect(events.filter(({ type }) => type === "signal.received")).toHaveLength(SIGNALS);
    expect(body.summary).toMatchObject({ events: events.length, effects: 0, success: false });
    expect(body.input).toEqual({ message: "large", seconds: 3_600 });
  });

  test.each(["/conversation", "/effects", "/invariants", "", "/approval-status"])(
    "is answered: GET …%s",
    async (rest) => {
      const { status, body } = await get(rest);
      expect([status, body.code]).toEqual(rest === "/approval-status" ? [404, "not_found"] : [200, undefined]);
      expect(sizeOf(body)).toBeLessThan(10_000);
    },
  );
});
