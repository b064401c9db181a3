/** Approvals that the outside asks for, under ids of its own: claimed, decided by that id alone, listed, and let go. */
import { applyD1Migrations, runDurableObjectAlarm } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { afterEach, beforeAll, describe, expect, inject, test, vi } from "vitest";
import { parseExecutionId } from "../../src/domain/execution/execution-id.ts";
import type { Answer } from "../support/workers/modes.ts";
import { call, hasEnded, MODES, until, violations } from "../support/workers/modes.ts";

beforeAll(async () => {
  await applyD1Migrations(env.REGISTRY, inject("migrations"));
});

afterEach(() => void vi.useRealTimers());

async function start(target: string, input: unknown): Promise<string> {
  const { status, body } = await call("POST", `/api/v1/execute/async/${target}`, { input });
  expect(status).toBe(202);
  return body.execution_id;
}
const stubOf = (id: string) => env.EXECUTIONS.get(env.EXECUTIONS.idFromString(parseExecutionId(id)?.objectHex ?? ""));
const sleeper = (seconds = 600) => start("clock.remind", { message: "tea", seconds });
const request = (id: string, body: object) => call("POST", `/api/v1/executions/${id}/request-approval`, body);
const decide = (approval: string, decision: string) =>
  call("POST", "/api/v1/webhooks/approval", { approval_request_id: approval, decision, feedback: "seen" });
const newId = () => `claim-${crypto.randomUUID()}`;

interface Item {
  readonly [field: string]: unknown;
  readonly approval_request_id: string;
}
async function inbox(query: string): Promise<Item[]> {
  const { status, body } = await call("GET", `/api/v1/approvals?${query}`);
  expect(status).toBe(200);
  return body.items as Item[];
}
const statusInIndex = (id: string) =>
  env.REGISTRY.prepare("SELECT status FROM approvals WHERE id = ?").bind(id).first<string>("status");

/** Until the index says so: it is fresh within a second. */
async function indexed(id: string, status: string | null): Promise<void> {
  await expect.poll(() => statusInIndex(id)).toBe(status);
}

describe.each(MODES)("%s", (mode) => {
  test("an execution stands still from the request to the decision, and then goes on", async () => {
    const id = await sleeper(3_600);
    await until(mode, id, ({ body }) => body.status_reason === "sleeping");
    const approval = newId();
    const asked = await request(id, {
      approval_request_id: approval,
      approval_request_url: "https://dashboard.example.com/claims/12345",
      expires_in_hours: 24,
    });
    expect(asked).toMatchObject({
      status: 200,
      body: { approval_request_id: approval, status: "pending", execution_status: "waiting" },
    });
    // Longer than its sleep.
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 7_200_000 });
    await runDurableObjectAlarm(stubOf(id));
    const waiting = await until(mode, id, () => true);
    expect(waiting.body).toMatchObject({
      status: "waiting",
      status_reason: "waiting_for_approval",
      approval_request_id: approval,
      approval_status: "pending",
      waiting_for: { type: "approval", approval_request_url: "https://dashboard.example.com/claims/12345" },
    });
    expect((await decide(approval, "approved")).body).toMatchObject({ status: "processed", execution_id: id });
    const ended = await until(mode, id, hasEnded);
    expect(ended.body).toMatchObject({ status: "succeeded", result: { message: "tea" }, approval_status: "approved" });
    expect((await decide(approval, "rejected")).body).toMatchObject({
      status: "already_processed",
      approval_status: "approved",
    });
    expect(await violations(id)).toEqual([]);
  });
});

test("a rejection cancels, changes asked for let it go on", async () => {
  const [rejected, changed] = [await sleeper(), await sleeper(0)];
  const [one, two] = [newId(), newId()];
  await request(rejected, { approval_request_id: one });
  expect((await decide(one, "rejected")).body).toMatchObject({ status: "processed", new_status: "cancelled" });
  const cancelled = await call("GET", `/api/v1/executions/${rejected}`);
  expect(cancelled.body).toMatchObject({ status: "cancelled", status_reason: "approval_rejected" });
  const asked = await request(changed, { approval_request_id: two });
  if (asked.status === 200) await decide(two, "request_changes");
  expect((await until("plain", changed, hasEnded)).body.status).toBe("succeeded");
});

test("a pause by an operator and a pending approval are both waited for", async () => {
  const id = await sleeper(0);
  const approval = newId();
  const started = await sleeper(600);
  await request(started, { approval_request_id: approval });
  await call("POST", `/api/v1/executions/${started}/pause`, {});
  const resumed = await call("POST", `/api/v1/executions/${started}/resume`, {});
  expect(resumed.body.status).toBe("waiting");
  await decide(approval, "approved");
  const { body } = await call("GET", `/api/v1/executions/${started}`);
  expect(body).toMatchObject({ status: "running" });
  expect(await violations(started)).toEqual([]);
  await until("plain", id, hasEnded);
});

test("it expires like a rejection", async () => {
  const id = await sleeper();
  const approval = newId();
  await request(id, { approval_request_id: approval, expires_in_hours: 0.1 / 3_600 });
  const { body } = await until("plain", id, hasEnded);
  expect(body).toMatchObject({ status: "cancelled", status_reason: "approval_expired", approval_status: "expired" });
  await indexed(approval, "expired");
});

describe("an id", () => {
  test("names one approval: it is nobody else's while it is open, and not when it was decided", async () => {
    const [first, second] = [await sleeper(), await sleeper()];
    const approval = newId();
    expect((await request(first, { approval_request_id: approval })).status).toBe(200);
    const taken = { status: 409, body: { code: "approval_already_requested" } };
    expect(await request(second, { approval_request_id: approval })).toMatchObject(taken);
    expect(await call("GET", `/api/v1/executions/${second}`)).toMatchObject({ body: { status: "running" } });
    await decide(approval, "approved");
    await indexed(approval, "approved");
    // A decision of the first, sent again, would be the second's.
    for (const id of [first, second]) expect(await request(id, { approval_request_id: approval })).toMatchObject(taken);
    expect((await decide(approval, "rejected")).body).toMatchObject({
      status: "already_processed",
      execution_id: first,
      approval_status: "approved",
    });
    expect(await call("GET", `/api/v1/executions/${second}`)).toMatchObject({ body: { status: "running" } });
  });

  test("may be asked under again by the execution that follows, and by it alone", async () => {
    const [first, other] = [await sleeper(), await sleeper()];
    const approval = newId();
    await request(first, { approval_request_id: approval });
    expect((await decide(approval, "rejected")).body).toMatchObject({ new_status: "cancelled" });
    const restarted = await call("POST", `/api/v1/executions/${first}/restart`, { reuse: "none" });
    const again = restarted.body.execution_id;
    expect((await request(other, { approval_request_id: approval })).status).toBe(409);
    // At once, whatever the index has heard of the first one's end.
    expect(await request(again, { approval_request_id: approval })).toMatchObject({ status: 200 });
    expect((await decide(approval, "approved")).body).toMatchObject({ status: "processed", execution_id: again });
    expect((await request(other, { approval_request_id: approval })).status).toBe(409);
    expect(await violations(again)).toEqual([]);
  });

  test("of a second request is refused while one is open on the execution, whoever opened it", async () => {
    const id = await start("approvals.demo", { claim: "c", amount: 1 });
    await until("plain", id, ({ body }) => body.status === "waiting");
    const approval = newId();
    const refused = await request(id, { approval_request_id: approval });
    expect(refused).toMatchObject({ status: 409, body: { code: "approval_already_requested" } });
    const held = await sleeper();
    await request(held, { approval_request_id: newId() });
    expect((await request(held, { approval_request_id: approval })).status).toBe(409);
    expect(await statusInIndex(approval)).toBeNull();
  });

  test("is not kept by an execution that refuses to wait", async () => {
    const id = await sleeper();
    await call("POST", `/api/v1/executions/${id}/pause`, {});
    const approval = newId();
    const refused = await request(id, { approval_request_id: approval });
    expect(refused).toMatchObject({ status: 409, body: { code: "invalid_state" } });
    expect(await statusInIndex(approval)).toBeNull();
    await call("POST", `/api/v1/executions/${id}/cancel`, {});
    expect((await request(id, { approval_request_id: approval })).status).toBe(409);
    expect((await request(`exec_${"A".repeat(43)}`, { approval_request_id: approval })).status).toBe(404);
    expect(await statusInIndex(approval)).toBeNull();
  });

  const wrong: [string, object, string][] = [
    ["none", {}, "approval_request_id"],
    ["an empty one", { approval_request_id: "" }, "approval_request_id"],
    ["a long one", { approval_request_id: "x".repeat(257) }, "approval_request_id"],
    ["one of our own form", { approval_request_id: `gate_${"A".repeat(43)}.abc` }, "approval_request_id"],
    ["control characters", { approval_request_id: "a\nb" }, "approval_request_id"],
    [
      "no web address",
      { approval_request_id: "a", approval_request_url: "javascript:alert(1)" },
      "approval_request_url",
    ],
    ["no time at all", { approval_request_id: "a", expires_in_hours: 0 }, "expires_in_hours"],
    ["a time without end", { approval_request_id: "a", expires_in_hours: 1e9 }, "expires_in_hours"],
  ];
  test.each(wrong)("with %s is refused, and nothing is claimed", async (_what, body, field) => {
    const id = await sleeper();
    const refused = await request(id, body);
    expect(refused).toMatchObject({ status: 400, body: { code: "invalid_input", errors: [{ path: field }] } });
    // It may still be in the queue of starts: nothing of it waits.
    expect(["queued", "running"]).toContain((await call("GET", `/api/v1/executions/${id}`)).body.status);
  });
});

describe("a claim whose gate never opened", () => {
  /** As if the process had died between the claim and the gate. */
  async function claimedBy(executionId: string, untilMs: number): Promise<string> {
    const approval = newId();
    await env.REGISTRY.prepare(
      `INSERT INTO approvals (tenant, id, execution_id, seq, status, owner, agent, fn, run_id, kind, name, requested_at_ms, claimed_until_ms)
       VALUES ('local', ?, ?, 0, 'claimed', 'local', '', '', '', 'pause', 'approval', ?, ?)`,
    )
      .bind(approval, executionId, untilMs, untilMs)
      .run();
    return approval;
  }
  const longAgo = () => Date.now() - 3_600_000;

  test("is its own execution's at any time", async () => {
    const id = await sleeper();
    const approval = await claimedBy(id, Date.now() + 3_600_000);
    expect((await request(id, { approval_request_id: approval })).status).toBe(200);
  });

  test("is nobody else's until it is over, and then anybody's", async () => {
    const [dead, other] = [await sleeper(), await sleeper()];
    const fresh = await claimedBy(dead, Date.now() + 3_600_000);
    expect((await request(other, { approval_request_id: fresh })).status).toBe(409);
    const old = await claimedBy(dead, longAgo());
    expect((await request(other, { approval_request_id: old })).status).toBe(200);
    expect((await decide(old, "approved")).body).toMatchObject({ execution_id: other });
  });

  test("is kept while its gate is open and the index has not heard of it", async () => {
    const [holder, other] = [await sleeper(), await sleeper()];
    const approval = newId();
    await request(holder, { approval_request_id: approval });
    await indexed(approval, "pending");
    await env.REGISTRY.prepare("UPDATE approvals SET status = 'claimed', seq = 0, claimed_until_ms = ? WHERE id = ?")
      .bind(longAgo(), approval)
      .run();
    expect((await request(other, { approval_request_id: approval })).status).toBe(409);
    expect((await decide(approval, "approved")).body).toMatchObject({ status: "processed", execution_id: holder });
    await indexed(approval, "approved");
  });

  test("is answered by a decision with: nothing waits", async () => {
    const approval = await claimedBy(await sleeper(), Date.now() + 3_600_000);
    expect(await decide(approval, "approved")).toMatchObject({ status: 409, body: { code: "no_open_gate" } });
    expect(await decide("never-heard-of", "approved")).toMatchObject({ status: 404 });
  });
});

describe("the inbox", () => {
  test("shows what waits for a person also while its execution is paused", async () => {
    const session = `inbox-${crypto.randomUUID()}`;
    const { body } = await startIn(session);
    const id = body.execution_id;
    await until("plain", id, (answer) => answer.body.status === "waiting");
    await call("POST", `/api/v1/executions/${id}/pause`, {});
    await expect.poll(() => inbox(`session_id=${session}`)).toHaveLength(1);
    const [item] = await inbox(`session_id=${session}`);
    expect(item).toMatchObject({ execution_id: id, execution_status: "paused", payload: { claim: "c" } });
  });

  test("knows how those ended that were decided, and which nobody decided", async () => {
    const session = `inbox-${crypto.randomUUID()}`;
    const ids: string[] = [];
    for (const decision of ["approved", "rejected", "cancel"]) {
      const id = (await startIn(session)).body.execution_id;
      await until("plain", id, (answer) => answer.body.status === "waiting");
      if (decision === "cancel") await call("POST", `/api/v1/executions/${id}/cancel`, {});
      else await call("POST", `/api/v1/executions/${id}/approval-response`, { decision });
      ids.push(id);
    }
    const all = `session_id=${session}&status=approved,rejected,withdrawn,pending`;
    await expect
      .poll(async () => (await inbox(all)).map(({ status, execution_id }) => [status, execution_id]))
      .toEqual([
        ["withdrawn", ids[2]],
        ["rejected", ids[1]],
        ["approved", ids[0]],
      ]);
    const [approved] = await inbox(`session_id=${session}&status=approved`);
    expect(approved).toMatchObject({ decided_by: "local", decided_at: expect.stringMatching(/Z$/), name: "claim" });
    expect(await inbox(`session_id=${session}`)).toEqual([]);
    const paged: Item[] = [];
    for (let cursor = ""; ; ) {
      const { body } = await call("GET", `/api/v1/approvals?${all}&limit=1${cursor}`);
      paged.push(...(body.items as Item[]));
      if (body.next_cursor === null) break;
      cursor = `&cursor=${encodeURIComponent(String(body.next_cursor))}`;
    }
    expect(paged).toEqual(await inbox(all));
  });

  test("refuses a status that is none, and a cursor that is none", async () => {
    for (const [query, path] of [
      ["status=sleepy", "status"],
      ["cursor=nonsense", "cursor"],
      ["limit=0", "limit"],
    ])
      expect(await call("GET", `/api/v1/approvals?${query}`)).toMatchObject({
        status: 400,
        body: { errors: [{ path }] },
      });
  });

  async function startIn(session: string): Promise<Answer> {
    const headers = { "x-session-id": session };
    const init = { method: "POST", headers, body: JSON.stringify({ input: { claim: "c", amount: 1 } }) };
    const path = "http://localhost/api/v1/execute/async/approvals.demo";
    const response = await exports.default.fetch(new Request(path, init));
    return { status: response.status, body: await response.json() };
  }
});
