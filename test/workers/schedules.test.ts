/** Schedules in real workerd: every call, whose schedule is whose, firings by the alarm, and what code declares. */
import { applyD1Migrations, createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, inject, test, vi } from "vitest";
import * as z from "zod";
import type { DeclaredSchedule } from "../../src/define/schedule.ts";
import { createErrand, defineAgent } from "../../src/library/index.ts";
import type { ScheduleClient } from "../../src/operations/schedules/ports.ts";
import type { Env } from "../../src/worker.ts";
import type { Got } from "../support/workers/deployment.ts";
import { Deployment, ROOT_KEY } from "../support/workers/deployment.ts";

const server = new Deployment();
const keys: Record<string, string> = {};
const LONG = { timeout: 40_000, interval: 100 };
const BOTH = ["read", "execute"] as const;

beforeAll(async () => {
  await applyD1Migrations(env.REGISTRY, inject("migrations"));
  for (const subject of ["olga", "ivan"])
    keys[subject] = (await server.newKey({ subject, tenant: "acme-sched", scopes: BOTH })).key;
  keys.ada = (await server.newKey({ subject: "ada", tenant: "acme-sched", scopes: ["admin"] })).key;
  keys.rival = (await server.newKey({ subject: "olga", tenant: "rival-sched", scopes: ["admin"] })).key;
});

const as =
  (who: string) =>
  (method: string, path: string, body?: unknown): Promise<Got> =>
    server.call(method, `/api/v1/schedules${path}`, { key: keys[who] ?? "", ...(body === undefined ? {} : { body }) });
const call = as("olga");
const REMIND = { target: "clock.remind", input: { message: "tea", seconds: 0 } };
let made = 0;
/** Makes one, under a name that no other test has. */
async function make(fields: object, who = "olga"): Promise<string> {
  made += 1;
  const { status, body } = await as(who)("POST", "", { schedule_id: `s-${made}`, ...REMIND, ...fields });
  expect([status, body.detail]).toEqual([201, undefined]);
  return `/s-${made}`;
}
interface Row {
  readonly instant: string;
  readonly outcome: string;
  readonly execution_id?: string;
  readonly reason?: string;
  readonly manual: boolean;
}
const history = async (path: string) => (await call("GET", `${path}/history?limit=200`)).body.items as readonly Row[];

describe("a schedule", () => {
  test("is made, read, listed, changed, paused, resumed and deleted", async () => {
    const sent = { schedule_id: "whole", ...REMIND, cron: "30 2 * * *", timezone: "Europe/Berlin", session_id: "s-1" };
    const first = await call("POST", "", { ...sent, metadata: { a: 1 }, budget: { max_turns: 3 } });
    expect(first.status).toBe(201);
    expect(first.headers.get("location")).toBe("/api/v1/schedules/whole");
    expect(first.body).toMatchObject({
      ...{ ...sent, status: "active", paused: false, owner: "olga", declared: false, overlap: "skip", jitter: "0s" },
      ...{ catch_up: "all", catch_up_limit: 100, metadata: { a: 1 }, budget: { max_turns: 3 }, runs: 0, waiting: 0 },
    });
    expect(first.body.next_instants).toHaveLength(5);
    expect(first.body.next_at).toBe((first.body.next_instants as string[])[0]);
    const again = await call("POST", "", { ...sent, metadata: { a: 1 }, budget: { max_turns: 3 } });
    expect([again.status, again.body]).toEqual([200, first.body]);
    const other = await call("POST", "", { ...sent, cron: "31 2 * * *" });
    expect([other.status, other.body.code]).toEqual([409, "id_taken"]);

    const changed = await call("PATCH", "/whole", { every: "1h30m", metadata: null, max_runs: 4, jitter: "10s" });
    expect(changed).toMatchObject({ status: 200, body: { every: "1h30m", max_runs: 4, jitter: "10s" } });
    expect([changed.body.cron, changed.body.metadata, changed.body.session_id]).toEqual([undefined, undefined, "s-1"]);
    expect(changed.body.next_instants).toHaveLength(4);
    const paused = await call("POST", "/whole/pause", { reason: "holidays" });
    expect(paused.body).toMatchObject({ status: "paused", paused: true, reason: "holidays", next_at: null });
    const { body: list } = await call("GET", "?status=paused&target=clock.remind");
    expect((list.items as { schedule_id: string }[]).map(({ schedule_id }) => schedule_id)).toEqual(["whole"]);
    expect(list.items).toMatchObject([{ every: "1h30m", reason: "holidays", next_at: null }]);
    expect((await call("POST", "/whole/resume", {})).body).toMatchObject({ status: "active", paused: false });
    expect((await call("PATCH", "/whole", { paused: true })).body).toMatchObject({ status: "paused" });
    expect((await call("GET", "/whole/next?count=3")).body.instants).toHaveLength(3);
    expect((await call("DELETE", "/whole")).status).toBe(204);
    expect((await call("GET", "/whole")).status).toBe(404);
    expect((await call("DELETE", "/whole")).status).toBe(404);
    expect(((await call("GET", "")).body.items as object[]).filter((one) => "whole" in one)).toEqual([]);
    expect((await call("POST", "", sent)).status).toBe(201);
  });

  test("fires by itself; each execution is its owner's and says of which schedule it is", async () => {
    const path = await make({
      every: "1s",
      max_runs: 3,
      session_id: "firing",
      metadata: { from: "sched" },
      attributes: { customer: "acme", amount: 7, urgent: true },
      overlap: "allow",
    });
    await vi.waitFor(async () => expect((await call("GET", path)).body.status).toBe("ended"), LONG);
    const rows = await history(path);
    expect(rows.map(({ outcome }) => outcome)).toEqual(["started", "started", "started"]);
    const instants = rows.map(({ instant }) => Date.parse(instant));
    expect([(instants[0] ?? 0) - (instants[1] ?? 0), (instants[1] ?? 0) - (instants[2] ?? 0)]).toEqual([1_000, 1_000]);
    expect(new Set(rows.map(({ execution_id }) => execution_id)).size).toBe(3);
    for (const { execution_id } of rows) {
      const found = await server.call("GET", `/api/v1/executions/${execution_id}`, { key: keys.olga ?? "" });
      expect(found).toMatchObject({
        status: 200,
        body: { schedule_id: path.slice(1), session_id: "firing", metadata: { from: "sched" }, target: "clock.remind" },
      });
    }
    await vi.waitFor(async () => {
      const query = encodeURIComponent(JSON.stringify({ customer: "acme", amount: { gte: 7 }, urgent: true }));
      const key = keys.olga ?? "";
      const { body: list } = await server.call("GET", `/api/v1/executions?attributes=${query}`, { key });
      const found = (list.items as { execution_id: string }[]).map(({ execution_id }) => execution_id);
      expect(found.sort()).toEqual(rows.map(({ execution_id }) => execution_id).sort());
    }, LONG);
    const { body } = await call("GET", path);
    expect(body).toMatchObject({
      attributes: { customer: "acme", amount: 7, urgent: true },
      runs: 3,
      next_at: null,
      next_instants: [],
      reason: "it has run 3 times, as max_runs says",
    });
    expect((await call("POST", `${path}/resume`, {})).body.code).toBe("schedule_ended");
    expect((await call("PATCH", path, { max_runs: 4 })).body.status).toBe("active");
    await vi.waitFor(async () => expect(await history(path)).toHaveLength(4), LONG);
  });

  test("fires when it is told to, once for each key, also while it is paused", async () => {
    const path = await make({ cron: "0 0 1 1 *", paused: true });
    const fired = await call("POST", `${path}/trigger`);
    expect(fired).toMatchObject({ status: 202, body: { status: "started", schedule_id: path.slice(1) } });
    expect(fired.body.links).toEqual({ execution: `/api/v1/executions/${fired.body.execution_id}` });
    const headers = { "idempotency-key": "once" };
    const named = () => server.call("POST", `/api/v1/schedules${path}/trigger`, { key: keys.olga ?? "", headers });
    const ids = [await named(), await named()].map(({ body }) => body.execution_id);
    expect([ids[0] === ids[1], ids[0] === fired.body.execution_id]).toEqual([true, false]);
    const rows = await history(path);
    expect(rows.map(({ manual }) => manual)).toEqual([true, true]);
    expect((await call("GET", path)).body).toMatchObject({ status: "paused", runs: 0 });
  });

  test("of others is not there; an administrator sees those of the tenant", async () => {
    const path = await make({ every: "1h" });
    const bodies: readonly (readonly [string, string, unknown?])[] = [
      ...([
        ["GET", path],
        ["DELETE", path],
        ["GET", `${path}/history`],
        ["GET", `${path}/next`],
      ] as const),
      ...([
        ["PATCH", path, { every: "2h" }],
        ["POST", `${path}/pause`, {}],
        ["POST", `${path}/trigger`],
      ] as const),
    ];
    for (const who of ["ivan", "rival"])
      for (const [method, at, body] of bodies) expect((await as(who)(method, at, body)).status).toBe(404);
    expect((await as("ada")("GET", path)).status).toBe(200);
    const listed = async (who: string) =>
      ((await as(who)("GET", "?limit=200")).body.items as { schedule_id: string }[]).some(
        ({ schedule_id }) => `/${schedule_id}` === path,
      );
    expect([await listed("olga"), await listed("ada"), await listed("ivan"), await listed("rival")]).toEqual([
      ...[true, true, false, false],
    ]);
    expect((await as("ivan")("POST", "", { schedule_id: path.slice(1), ...REMIND, every: "1h" })).status).toBe(409);
  });

  test("whose target vanished pauses, and says why", async () => {
    if (!env.SCHEDULES) throw new Error("no binding SCHEDULES");
    const place = { tenant: "acme-sched", id: "ghost" };
    const object = env.SCHEDULES.idFromName(JSON.stringify([place.tenant, place.id]));
    const actor = env.SCHEDULES.get(object) as unknown as ScheduleClient;
    const when = { atMs: Date.now() + 500, timezone: "UTC" };
    const rest = { overlap: "skip", jitterMs: 0, catchUp: "all", catchUpLimit: 100 } as const;
    const olga = { tenant: "acme-sched", subject: "olga", scopes: BOTH };
    const given = { spec: { target: "ghost.gone", input: {}, when, ...rest }, paused: false, declared: false };
    expect(await actor.create(olga, place, given)).toMatchObject({ ok: true });
    await vi.waitFor(async () => expect((await call("GET", "/ghost")).body.status).toBe("paused"), LONG);
    expect((await call("GET", "/ghost")).body.reason).toContain("target_not_found: agent 'ghost' not found");
    expect(await history("/ghost")).toMatchObject([{ outcome: "refused" }]);
  });

  test("list by pages, newest first", async () => {
    for (let n = 0; n < 5; n += 1) await make({ every: "1h", paused: true }, "ivan");
    const seen: string[] = [];
    let cursor: unknown;
    do {
      const query = `?limit=2${cursor ? `&cursor=${cursor}` : ""}`;
      const { body } = await as("ivan")("GET", query);
      seen.push(...(body.items as { schedule_id: string }[]).map(({ schedule_id }) => schedule_id));
      cursor = body.next_cursor;
    } while (cursor);
    expect(seen).toEqual(Array.from({ length: 5 }, (_, n) => `s-${made - n}`));
  });
});

describe("what does not fit is refused with the field and what to do", () => {
  test.each([
    ["cron", { cron: "61 * * * *" }],
    ["cron", { cron: "0 0 30 2 *" }],
    ["cron", { cron: "* * *" }],
    ["cron", {}],
    ["every", { cron: "* * * * *", every: "1m" }],
    ["every", { every: "0.5s" }],
    ["every", { every: 999 }],
    ["every", { every: "367d" }],
    ["at", { at: "tomorrow" }],
    ["at", { at: "2020-01-01T00:00:00Z" }],
    ["at", { at: "2030-02-30T00:00:00Z" }],
    ["timezone", { cron: "* * * * *", timezone: "Mars/Olympus" }],
    ["jitter", { every: "1m", jitter: "1m" }],
    ["jitter", { every: "2h", jitter: "61m" }],
    ["catch_up_limit", { every: "1m", catch_up_limit: 1_001 }],
    ["max_runs", { every: "1m", max_runs: 0 }],
    ["ends_at", { every: "1m", starts_at: "2031-01-01T00:00:00Z", ends_at: "2030-01-01T00:00:00Z" }],
    ["schedule_id", { every: "1m", schedule_id: "no spaces" }],
    ["overlap", { every: "1m", overlap: "maybe" }],
    ["input.seconds", { every: "1m", input: { message: "m", seconds: -1 } }],
    ["target", { every: "1m", target: 5 }],
  ])("%s: %j", async (field, fields) => {
    const { status, body } = await call("POST", "", { ...REMIND, ...fields });
    expect([status, body.code, body.detail]).toEqual([400, "invalid_input", expect.stringContaining(field)]);
  });

  test("a target that is not there, and an input that is too large", async () => {
    const none = await call("POST", "", { ...REMIND, every: "1m", target: "clock.remnd" });
    expect([none.status, none.body.code, none.body.detail]).toEqual([
      400,
      "target_not_found",
      expect.stringContaining("clock.remind"),
    ]);
    const large = await call("POST", "", { ...REMIND, every: "1m", metadata: "x".repeat(300_000) });
    expect([large.status, large.body.detail]).toEqual([413, expect.stringContaining("262144")]);
  });
});

test("what code declares is made, changed and removed with it; a call pauses it, and changes nothing else", async () => {
  const codeWith = (schedules: readonly Pick<DeclaredSchedule, "id" | "every" | "budget">[]) => {
    const input = z.strictObject({ message: z.string(), seconds: z.number() });
    const owned = schedules.map((one) => ({
      ...one,
      owner: { tenant: "acme-sched", subject: "olga" },
      input: REMIND.input,
    }));
    const clock = defineAgent({ id: "clock", description: "As the Worker's own", version: "1" }).skill(
      "remind",
      { input, output: z.unknown(), schedules: owned },
      async () => null,
    );
    const errand = createErrand<Env>({ agents: [clock] });
    // Another isolate has another environment.
    const registry = { ...env, ERRAND_ROOT_KEY: ROOT_KEY, REGISTRY: proxied(env.REGISTRY) };
    return async () => {
      const ctx = createExecutionContext();
      await errand.worker.fetch(new Request("https://errand.test/health"), registry as unknown as Env, ctx);
      await waitOnExecutionContext(ctx);
    };
  };
  await codeWith([
    { id: "declared-a", every: "1h", budget: { maxTurns: 3, maxDurationMs: 1_500, maxTokens: Infinity } },
    { id: "declared-b", every: "2h" },
  ])();
  expect((await call("GET", "/declared-a")).body).toMatchObject({
    ...{ declared: true, owner: "olga", every: "1h" },
    budget: { max_turns: 3, max_duration: 1.5 },
  });
  expect((await call("POST", "/declared-a/pause", { reason: "by hand" })).status).toBe(200);
  for (const [method, body] of [["PATCH", { every: "3h" }], ["DELETE"]] as const)
    expect((await call(method, "/declared-a", body)).body.code).toBe("schedule_declared");
  await codeWith([{ id: "declared-a", every: "5h" }])();
  expect((await call("GET", "/declared-a")).body).toMatchObject({ every: "5h", status: "paused", reason: "by hand" });
  expect((await call("GET", "/declared-b")).status).toBe(404);
});

/** The same database as another object: what is remembered for one is not for the other. */
function proxied(database: D1Database): D1Database {
  return new Proxy(database, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
