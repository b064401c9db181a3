/** Restarts over HTTP: lineage, what is taken over, and who may. */
import { applyD1Migrations } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { afterEach, beforeAll, beforeEach, describe, expect, inject, test, vi } from "vitest";
import type { Scope } from "../../src/domain/execution/principal.ts";
import { Bank } from "../support/workers/bank.ts";
import { Deployment } from "../support/workers/deployment.ts";
import { call, hasEnded, MODES, until, violations } from "../support/workers/modes.ts";

let bank: Bank;
beforeAll(async () => {
  await applyD1Migrations(env.REGISTRY, inject("migrations"));
});
beforeEach(() => {
  bank = new Bank();
  bank.install();
});
afterEach(() => {
  vi.restoreAllMocks();
});

interface Sent {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}
interface Got {
  readonly status: number;
  readonly headers: Headers;
  readonly body: { readonly [field: string]: unknown; readonly execution_id: string; readonly run_id: string };
}

async function post(path: string, { body = {}, headers = {} }: Sent = {}): Promise<Got> {
  const init = { method: "POST", headers, body: JSON.stringify(body) };
  const response = await exports.default.fetch(new Request(`http://localhost/api/v1${path}`, init));
  return { status: response.status, headers: response.headers, body: await response.json() };
}
const restart = (id: string, body: unknown = {}, headers = {}) => post(`/executions/${id}/restart`, { body, headers });
const read = async (id: string) => (await call("GET", `/api/v1/executions/${id}`)).body as Record<string, unknown>;
const ended = (id: string) => until("plain", id, hasEnded);

const NAMES = ["/reserve", "/transfer", "/notify"];
const applied = (id: string) => NAMES.map((path) => bank.count(path, id));
const transfer = (id: string, amount = 5) => ({ transfer_id: id, from: "a", to: "b", amount });

/** A transfer that has moved the money and then could tell nobody. */
async function failedTransfer(id: string): Promise<Got["body"]> {
  bank.busyNotices = Number.POSITIVE_INFINITY;
  const { body } = await post("/execute/async/ledger.transfer", { body: { input: transfer(id) } });
  expect((await ended(body.execution_id)).body.status).toBe("failed");
  expect(applied(id)).toEqual([1, 1, 0]);
  bank.busyNotices = 0;
  return body;
}

async function waitingClaim(headers: Readonly<Record<string, string>> = {}): Promise<Got["body"]> {
  const input = { claim: "c", amount: 1 };
  const { body } = await post("/execute/async/approvals.demo", { body: { input }, headers });
  await until("plain", body.execution_id, (answer) => answer.body.status === "waiting");
  return body;
}

describe("a restart", () => {
  test("does not do again what was done, and both executions name each other", async () => {
    const source = await failedTransfer("r-1");
    const { status, body, headers } = await restart(source.execution_id, { reason: "the notice came too late" });
    expect(status).toBe(202);
    expect(body).toMatchObject({
      run_id: source.run_id,
      workflow_id: source.run_id,
      source_execution_id: source.execution_id,
      source_run_id: source.run_id,
      replay_mode: "succeeded-before",
      scope: "workflow",
      kind: "restart",
      status: "queued",
      target: "ledger.transfer",
      webhook_registered: false,
    });
    expect(body.execution_id).not.toBe(source.execution_id);
    expect(headers.get("location")).toBe(`/api/v1/executions/${body.execution_id}`);
    const after = await ended(body.execution_id);
    expect(after.body).toMatchObject({
      status: "succeeded",
      restarted_from: source.execution_id,
      replay: { source_run_id: source.run_id, mode: "succeeded-before", reused: 2 },
    });
    expect(applied("r-1")).toEqual([1, 1, 1]);
    expect(await read(source.execution_id)).toMatchObject({ status: "failed", restarted_as: body.execution_id });
    const effects = await call("GET", `/api/v1/executions/${body.execution_id}/effects`);
    expect(effects.body.items).toMatchObject([
      { key: "reserve", reused_from: source.execution_id },
      { key: "transfer", reused_from: source.execution_id },
      { key: "notify" },
    ]);
    for (const id of [source.execution_id, body.execution_id]) expect(await violations(id)).toEqual([]);
  });

  test("says in its headers how much it took over, and from whom", async () => {
    const source = await failedTransfer("r-2");
    const { body } = await restart(source.execution_id);
    await ended(body.execution_id);
    const look = (id: string) => exports.default.fetch(new Request(`http://localhost/api/v1/executions/${id}`));
    const { headers } = await look(body.execution_id);
    expect(headers.get("x-errand-reused")).toBe("2");
    expect(headers.get("x-agentfield-replay-hit")).toBe(source.execution_id);
    expect((await look(source.execution_id)).headers.get("x-errand-reused")).toBeNull();
  });

  test("of something that succeeded does nothing anew, and says whose result it is", async () => {
    bank.busyNotices = 0;
    const first = await post("/execute/ledger.transfer", { body: { input: transfer("r-3") } });
    const { body } = await restart(first.body.execution_id, { reuse: "all-succeeded" });
    const after = await ended(body.execution_id);
    expect(after.body).toMatchObject({
      status: "succeeded",
      status_reason: `replayed_from_execution:${first.body.execution_id}`,
      result: first.body.result,
    });
    expect(applied("r-3")).toEqual([1, 1, 1]);
  });

  test("that reuses nothing does everything anew", async () => {
    const source = await failedTransfer("r-4");
    const { body } = await restart(source.execution_id, { reuse: "none" });
    const after = await ended(body.execution_id);
    expect(after.body).toMatchObject({ status: "succeeded", replay: { mode: "none", reused: 0 } });
    expect(applied("r-4")).toEqual([2, 2, 1]);
  });

  test("from a chosen entry takes over what was done before that entry, and does it and the rest anew", async () => {
    bank.busyNotices = 0;
    const { body: source } = await post("/execute/ledger.transfer", { body: { input: transfer("r-9") } });
    const chosen = { scope: "execution", reuse: "all-succeeded", from: "transfer" };
    const { body } = await restart(source.execution_id, chosen);
    expect((await ended(body.execution_id)).body).toMatchObject({ status: "succeeded", replay: { reused: 1 } });
    expect(applied("r-9")).toEqual([1, 2, 2]);
    const [none, tree, unknown] = await Promise.all([
      restart(source.execution_id, { ...chosen, reuse: "none" }),
      restart(source.execution_id, { from: "transfer" }),
      restart(source.execution_id, { ...chosen, from: "refund" }),
    ]);
    expect(none).toMatchObject({ status: 400, body: { errors: [{ path: "from" }] } });
    expect(tree).toMatchObject({ status: 400, body: { errors: [{ path: "from" }] } });
    expect(unknown).toMatchObject({ status: 400, body: { detail: expect.stringContaining('has the key "refund"') } });
  });

  test("with another input does anew whatever was asked with the old one", async () => {
    const source = await failedTransfer("r-5");
    const wrong = await restart(source.execution_id, { input: { ...transfer("r-5"), amount: -1 } });
    expect(wrong).toMatchObject({ status: 400, body: { code: "invalid_input" } });
    expect(wrong.body.errors).toMatchObject([{ path: "input.amount" }]);
    const { body } = await restart(source.execution_id, { input: transfer("r-5", 9), reuse: "all-succeeded" });
    const after = await ended(body.execution_id);
    expect(after.body).toMatchObject({ status: "succeeded", replay: { reused: 0 } });
    expect(applied("r-5")).toEqual([2, 2, 1]);
    const log = await call("GET", `/api/v1/executions/${body.execution_id}/log`);
    expect(log.body.input).toMatchObject({ amount: 9 });
    // The same input, said once more, is no other input.
    const same = await restart(source.execution_id, { input: transfer("r-5") });
    expect((await ended(same.body.execution_id)).body).toMatchObject({ replay: { reused: 2 } });
  });

  test("of what goes on is refused with the way out; once it is cancelled it is possible", async () => {
    const { execution_id: id } = await waitingClaim();
    const refused = await restart(id);
    expect(refused).toMatchObject({ status: 409, body: { code: "invalid_state" } });
    expect(refused.body.detail).toContain("cancel it first");
    expect(await read(id)).toMatchObject({ status: "waiting" });
    await call("POST", `/api/v1/executions/${id}/cancel`, {});
    const { status, body } = await restart(id);
    expect(status).toBe(202);
    // People are asked again: their decision was for the other execution.
    const again = await until("plain", body.execution_id, (answer) => answer.body.status === "waiting");
    expect(again.body.approval_request_id).not.toBe((await read(id)).approval_request_id);
  });

  test("of an effect in doubt leaves it in doubt: it is never done again in silence", async () => {
    bank.afterTransfer = () => Promise.reject(new TypeError("the connection was cut"));
    const { body: source } = await post("/execute/async/ledger.transfer", { body: { input: transfer("r-6") } });
    await until("plain", source.execution_id, (answer) => answer.body.status_reason === "effect_in_doubt");
    await call("POST", `/api/v1/executions/${source.execution_id}/cancel`, {});
    const { body } = await restart(source.execution_id);
    const waiting = await until("plain", body.execution_id, (answer) => answer.body.status === "waiting");
    expect(waiting.body.status_reason).toBe("effect_in_doubt");
    expect(applied("r-6")).toEqual([1, 1, 0]);
    const answer = { option: "succeeded", params: { result: { reference: "in the books" } } };
    await call("POST", `/api/v1/executions/${body.execution_id}/resolve`, answer);
    const after = await ended(body.execution_id);
    expect(after.body).toMatchObject({ status: "succeeded", result: { reference: "in the books" } });
    expect(applied("r-6")).toEqual([1, 1, 1]);
    expect(await violations(body.execution_id)).toEqual([]);
  });

  test("that asks for a webhook nowhere is accepted, and says why none is registered", async () => {
    const source = await failedTransfer("r-7");
    const { status, body } = await restart(source.execution_id, { webhook: { url: "nowhere" } });
    expect(status).toBe(202);
    expect(body).toMatchObject({
      webhook_registered: false,
      webhook_error: expect.stringContaining("webhook.url: must"),
    });
  });

  test("of something unknown is 404, and a wrong word is named", async () => {
    expect((await restart(`exec_${"A".repeat(43)}`)).status).toBe(404);
    const source = await failedTransfer("r-8");
    const wrong = await restart(source.execution_id, { reuse: "everything" });
    expect(wrong).toMatchObject({ status: 400, body: { errors: [{ path: "reuse" }] } });
  });
});

describe("the run of a restart", () => {
  test("is the same one, or with fork a new one", async () => {
    const source = await failedTransfer("f-1");
    const same = await restart(source.execution_id);
    const fork = await restart(source.execution_id, { fork: true });
    expect(same.body).toMatchObject({ run_id: source.run_id, kind: "restart" });
    expect(fork.body).toMatchObject({ source_run_id: source.run_id, kind: "fork" });
    expect(fork.body.run_id).not.toBe(source.run_id);
    await ended(same.body.execution_id);
    await ended(fork.body.execution_id);
    // Each told both sides itself; the money was moved by none of them.
    expect(applied("f-1")).toEqual([1, 1, 2]);
    const nodes = async (run: string) => {
      const { body } = await call("GET", `/api/v1/runs/${run}/dag`);
      return (body.timeline as { execution_id: string }[]).map(({ execution_id }) => execution_id);
    };
    await expect.poll(() => nodes(source.run_id)).toEqual([source.execution_id, same.body.execution_id]);
    await expect.poll(() => nodes(fork.body.run_id)).toEqual([fork.body.execution_id]);
    expect(await read(source.execution_id)).toMatchObject({ restarted_as: fork.body.execution_id });
  });

  test("begins at its root, also when a child is named; the children it takes over are not started again", async () => {
    const input = { customer_id: "cust_1", message: "This is the third time I am calling!" };
    const { body: source } = await post("/execute/support-agent.triage", { body: { input } });
    const children = await call("GET", `/api/v1/executions/${source.execution_id}/effects`);
    const [child] = children.body.items as { child_id: string }[];
    const { body } = await restart(child?.child_id ?? "");
    expect(body).toMatchObject({ source_execution_id: source.execution_id, target: "support-agent.triage" });
    const after = await ended(body.execution_id);
    expect(after.body).toMatchObject({ status: "succeeded", result: source.result, replay: { reused: 2 } });
    const events = await call("GET", `/api/v1/executions/${body.execution_id}/events?type=child.started`);
    expect(events.body.items).toEqual([]);
    const alone = await restart(child?.child_id ?? "", { scope: "execution" });
    expect(alone.body).toMatchObject({ source_execution_id: child?.child_id, scope: "execution" });
    expect((await ended(alone.body.execution_id)).body).toMatchObject({ status: "succeeded" });
  });
});

describe("a repeated restart", () => {
  test("with the same key is the same execution; with another request it is refused", async () => {
    const source = await failedTransfer("k-1");
    const key = { "idempotency-key": "once" };
    const answers = await Promise.all(Array.from({ length: 5 }, () => restart(source.execution_id, {}, key)));
    const ids = new Set(answers.map(({ status, body }) => `${status} ${body.execution_id} ${body.run_id}`));
    expect(ids.size).toBe(1);
    const other = await restart(source.execution_id, { reuse: "none" }, key);
    expect(other).toMatchObject({ status: 422, body: { code: "idempotency_mismatch" } });
    const fork = await restart(source.execution_id, { fork: true }, { "idempotency-key": "fork" });
    const again = await restart(source.execution_id, { fork: true }, { "idempotency-key": "fork" });
    expect(again.body).toMatchObject({ execution_id: fork.body.execution_id, run_id: fork.body.run_id });
    expect((await restart(source.execution_id)).body.execution_id).not.toBe(answers[0]?.body.execution_id);
  });
});

describe("who may restart", () => {
  test("its user and an administrator, for whom it stays the user's; nobody else learns of it", async () => {
    const server = new Deployment();
    const make = async (subject: string, scopes: readonly Scope[], tenant = "restarters") =>
      (await server.newKey({ scopes, subject, tenant })).key;
    const all: readonly Scope[] = ["execute", "read", "agent", "approve"];
    const [olga, ivan, ada, zeus] = [
      await make("olga", all),
      await make("ivan", all),
      await make("ada", ["admin"]),
      await make("zeus", ["admin"], "rivals"),
    ];
    const id = await server.start(olga, "approvals.demo", { claim: "c", amount: 1 });
    const path = `/api/v1/executions/${id}`;
    await expect.poll(async () => (await server.call("GET", path, { key: olga })).body.status).toBe("waiting");
    await server.call("POST", `${path}/cancel`, { key: olga, body: {} });
    const tries = (key: string) => server.call("POST", `${path}/restart`, { key, body: {} });
    for (const key of [ivan, zeus]) expect((await tries(key)).status).toBe(404);
    expect((await server.call("GET", path, { key: olga })).body.restarted_as).toBeUndefined();
    const { status, body } = await tries(ada);
    expect(status).toBe(202);
    const follower = await server.call("GET", `/api/v1/executions/${body.execution_id}`, { key: olga });
    expect(follower.body).toMatchObject({ restarted_from: id });
    expect((await server.call("GET", `/api/v1/executions/${body.execution_id}`, { key: ivan })).status).toBe(404);
  });
});

describe.each(MODES)("%s", (mode) => {
  test("a restart comes to its end, and nothing is done twice", async () => {
    const name = `m-${mode}`;
    const source = await failedTransfer(name);
    const { body } = await restart(source.execution_id);
    const after = await until(mode, body.execution_id, hasEnded);
    expect(after.body).toMatchObject({ status: "succeeded", replay: { reused: 2 } });
    expect(applied(name)).toEqual([1, 1, 1]);
    expect(await violations(body.execution_id)).toEqual([]);
  });
});
