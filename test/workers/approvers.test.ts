/** Who decides: colleagues with the scope `approve`, named approvers, four eyes, signatures; and on what they saw. */
import { applyD1Migrations } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { createHmac } from "node:crypto";
import { beforeAll, describe, expect, inject, test } from "vitest";
import type { Sent } from "../support/workers/deployment.ts";
import { Deployment, ROOT_KEY } from "../support/workers/deployment.ts";

const SECRET = "the-secret-of-the-reviewers";
const server = new Deployment({ ERRAND_ROOT_KEY: ROOT_KEY, ERRAND_WEBHOOK_SECRET: SECRET });
/** The webhook secret speaks for this tenant. */
const TENANT = "default";
const keys = { olga: "", ivan: "", ada: "", admin: "", reader: "" };

beforeAll(async () => {
  await applyD1Migrations(env.REGISTRY, inject("migrations"));
  const make = async (subject: string, scopes: ("admin" | "execute" | "read" | "approve")[]) =>
    (await server.newKey({ subject, scopes, tenant: TENANT })).key;
  keys.olga = await make("olga", ["execute", "read", "approve"]);
  keys.ivan = await make("ivan", ["approve"]);
  keys.ada = await make("ada", ["approve"]);
  keys.admin = await make("boss", ["admin"]);
  keys.reader = await make("rita", ["read"]);
});

type Who = keyof typeof keys;
/** `asked`: method and path. */
const as = (who: Who, asked: string, sent: Sent = {}) => {
  const [method = "", path = ""] = asked.split(" ");
  return server.call(method, path, { key: keys[who], ...sent });
};
const newId = () => `claim-${crypto.randomUUID()}`;

async function waiting(target = "approvals.demo", input: unknown = { claim: "c", amount: 7 }) {
  const started = await as("olga", `POST /api/v1/execute/${target}`, { body: { input } });
  expect(started.status).toBe(202);
  return { id: String(started.body.execution_id), gate: String(started.body.approval_request_id) };
}

async function requested(rules: object = {}, approval = newId()) {
  const id = await server.start(keys.olga, "clock.remind", { message: "m", seconds: 600 });
  const body = { approval_request_id: approval, payload: { amount: 10 }, ...rules };
  const asked = await as("olga", `POST /api/v1/executions/${id}/request-approval`, { body });
  return { id, approval, asked };
}

const decide = (who: Who, id: string, body: object) =>
  as(who, `POST /api/v1/executions/${id}/approval-response`, { body: { decision: "approved", ...body } });
const hmac = (text: string) => createHmac("sha256", SECRET).update(text).digest("hex");
const plain = (text: string) => `sha256=${hmac(text)}`;
const stamped = (text: string, seconds: number) => `t=${seconds},v1=${hmac(`${seconds}.${text}`)}`;
function hook(body: object, sign: (text: string) => string = plain, to: Deployment = server) {
  const text = JSON.stringify(body);
  return to.call("POST", "/api/v1/webhooks/approval", { body, headers: { "x-webhook-signature": sign(text) } });
}

describe("a key with the scope approve alone", () => {
  test("finds an approval of its tenant in the inbox, sees its payload, and decides it", async () => {
    const { id, gate } = await waiting();
    const inbox = async () =>
      (await as("ivan", "GET /api/v1/approvals?limit=200")).body.items as { approval_request_id: string }[];
    await expect
      .poll(async () => (await inbox()).find(({ approval_request_id }) => approval_request_id === gate))
      .toMatchObject({ execution_id: id, payload: { claim: "c", amount: 7 }, status: "pending" });
    const status = `/api/v1/executions/${id}/approval-status`;
    const shown = await as("ivan", `GET ${status}?approval_request_id=${gate}`);
    expect(shown).toMatchObject({ status: 200, body: { status: "pending", payload: { claim: "c" } } });
    const { payload_digest } = shown.body;
    const answer = { approval_request_id: gate, payload_digest, feedback: "fine" };
    expect((await decide("ivan", id, answer)).body).toMatchObject({ status: "processed" });
    expect((await decide("ivan", id, answer)).body).toMatchObject({
      status: "already_processed",
      approval_status: "approved",
    });
    const decided = await as("olga", `GET ${status}`);
    expect(decided.body).toMatchObject({ status: "approved", decided_by: "ivan", feedback: "fine" });
    const events = await as("olga", `GET /api/v1/executions/${id}/events?type=gate.decided`);
    expect(events.body.items).toMatchObject([{ actor: "ivan", data: { verdict: { decided_by: "ivan" } } }]);
    // It is closed: now it is its owner's.
    expect((await as("ivan", `GET ${status}`)).status).toBe(404);
    expect((await as("ivan", "GET /api/v1/approvals?status=approved")).body.items).toEqual([]);
  });

  test("learns nothing else: a decision on what waits for nobody is as if there were no execution", async () => {
    const id = await server.start(keys.olga, "clock.remind", { message: "m", seconds: 600 });
    const missing = `exec_${"A".repeat(43)}`;
    for (const [path, body] of [
      ["approval-response", { decision: "approved" }],
      ["approval-response", { decision: "approved", approval_request_id: "x" }],
      ["resolve", { option: "retry" }],
      ["resolve", { option: "retry", gate_id: "x" }],
    ] as const) {
      const foreign = await as("ivan", `POST /api/v1/executions/${id}/${path}`, { body });
      const none = await as("ivan", `POST /api/v1/executions/${missing}/${path}`, { body });
      expect([foreign.status, foreign.body.detail]).toEqual([404, none.body.detail]);
    }
    for (const path of ["", "/events", "/log", "/effects", "/notes", "/invariants"])
      expect((await as("olga", `GET /api/v1/executions/${id}${path}`)).status).toBe(200);
    for (const path of ["", "/events", "/log", "/effects", "/notes", "/invariants", "/approval-status"])
      expect([403, 404]).toContain((await as("ivan", `GET /api/v1/executions/${id}${path}`)).status);
  });

  test("reaches no other tenant, and the inbox of whoever only reads has their own", async () => {
    const { gate } = await waiting();
    const { key } = await server.newKey({ subject: "ivan", scopes: ["approve"], tenant: "rival-approvers" });
    const body = { decision: "approved", approval_request_id: gate };
    expect((await server.call("POST", "/api/v1/webhooks/approval", { key, body })).status).toBe(404);
    expect((await server.call("GET", "/api/v1/approvals", { key })).body.items).toEqual([]);
    expect((await as("reader", "GET /api/v1/approvals")).body.items).toEqual([]);
  });
});

describe("an approval with rules", () => {
  test("is decided by whom it names, and shows them", async () => {
    const { id, approval, asked } = await requested({ approvers: ["ada", "grace"] });
    expect(asked.body).toMatchObject({ approvers: ["ada", "grace"] });
    const named = { approval_request_id: approval };
    for (const who of ["ivan", "olga", "admin"] as const)
      expect(await decide(who, id, named)).toMatchObject({ status: 403, body: { code: "forbidden_approver" } });
    expect((await as("ivan", `GET /api/v1/executions/${id}/approval-status`)).body.approvers).toEqual(
      asked.body.approvers,
    );
    expect((await as("olga", `GET /api/v1/executions/${id}`)).body.waiting_for).toMatchObject({
      approvers: ["ada", "grace"],
    });
    expect(await decide("ada", id, named)).toMatchObject({ status: 200, body: { status: "processed" } });
  });

  test("under four eyes is decided by anybody but who started it", async () => {
    const { id, approval, asked } = await requested({ four_eyes: true });
    expect(asked.body).toMatchObject({ four_eyes: true });
    const refused = await decide("olga", id, { approval_request_id: approval });
    expect(refused).toMatchObject({ status: 403, body: { code: "forbidden_approver" } });
    expect(refused.body.detail).toContain("olga");
    expect((await decide("ivan", id, {})).body).toMatchObject({ status: "processed" });
  });

  test("is not decided by a signature, which others are", async () => {
    for (const rules of [{ approvers: ["webhook"] }, { four_eyes: true }]) {
      const { approval } = await requested(rules);
      const refused = await hook({ approval_request_id: approval, decision: "approved" });
      expect(refused).toMatchObject({ status: 403, body: { code: "forbidden_approver" } });
    }
    const { id, approval } = await requested();
    expect((await hook({ approval_request_id: approval, decision: "approved" })).body.status).toBe("processed");
    expect((await as("olga", `GET /api/v1/executions/${id}/approval-status`)).body.decided_by).toBe("webhook");
  });

  const unfit: [string, object, string][] = [
    ["nobody", { approvers: [] }, "approvers"],
    ["an empty name", { approvers: [""] }, "approvers.0"],
    ["51 people", { approvers: Array(51).fill("ada") }, "approvers"],
    ["four eyes as a text", { four_eyes: "yes" }, "four_eyes"],
    ["an address with credentials", { approval_request_url: "https://a:b@x.example/" }, "approval_request_url"],
  ];
  test.each(unfit)("that names %s is refused", async (_what, rules, path) => {
    const { asked, approval } = await requested(rules);
    expect(asked).toMatchObject({ status: 400, body: { errors: [{ path }] } });
    expect((await hook({ approval_request_id: approval, decision: "approved" })).status).toBe(404);
  });

  test("that nobody could decide is refused", async () => {
    const { asked } = await requested({ approvers: ["olga"], four_eyes: true });
    expect(asked).toMatchObject({ status: 400, body: { code: "invalid_input" } });
    expect(asked.body.detail).toContain("approvers");
  });
});

describe("the page of round 1", () => {
  test("does not decide round 2, whether it names what it shows or not", async () => {
    const { id, gate } = await waiting();
    const first = { approval_request_id: gate, decision: "request_changes", feedback: "less" };
    expect((await decide("ivan", id, first)).body).toMatchObject({ status: "processed" });
    const status = (query = "") => as("olga", `GET /api/v1/executions/${id}/approval-status${query}`);
    await expect.poll(async () => (await status()).body.status).toBe("pending");
    const { approval_request_id: second, payload_digest: digest } = (await status()).body;
    expect(second).not.toBe(gate);
    // A second click on what was shown first.
    expect((await decide("ivan", id, { ...first, decision: "approved" })).body).toMatchObject({
      status: "already_processed",
      approval_request_id: gate,
      approval_status: "request_changes",
    });
    const unnamed = await decide("olga", id, {});
    expect(unnamed).toMatchObject({
      status: 409,
      body: { code: "approval_id_required", open_approvals: [{ id: second, gate_id: second, digest }] },
    });
    expect(unnamed.body.detail).toContain(second);
    expect((await status()).body.status).toBe("pending");
    expect((await status(`?approval_request_id=${gate}`)).body).toMatchObject({
      status: "request_changes",
      feedback: "less",
      decided_by: "ivan",
    });
    expect(await status("?approval_request_id=unknown")).toMatchObject({ status: 404, body: { code: "not_found" } });
    const { body } = await decide("ivan", id, { approval_request_id: second, payload_digest: digest });
    expect(body).toMatchObject({ status: "processed" });
  });

  test("without an id, sent again by the same caller, is recognised", async () => {
    const { id, gate } = await waiting();
    const changes = { decision: "request_changes", feedback: "less" };
    expect((await decide("olga", id, changes)).body).toMatchObject({ status: "processed", approval_request_id: gate });
    const status = () => as("olga", `GET /api/v1/executions/${id}/approval-status`);
    await expect.poll(async () => (await status()).body.status).toBe("pending");
    expect((await decide("olga", id, changes)).body).toMatchObject({
      status: "already_processed",
      approval_request_id: gate,
      approval_status: "request_changes",
    });
    expect((await decide("ivan", id, changes)).status).toBe(409);
    expect((await status()).body.status).toBe("pending");
  });
});

describe("an old signed webhook", () => {
  /** Decided once by a bare signature; then the execution that follows asks under the same id, with another payload. */
  async function askedAgain() {
    const { id, approval } = await requested();
    const old = { approval_request_id: approval, decision: "rejected" };
    expect((await hook(old)).body).toMatchObject({ status: "processed" });
    const body = { reuse: "none" };
    const { execution_id } = (await as("olga", `POST /api/v1/executions/${id}/restart`, { body })).body;
    const again = await as("olga", `POST /api/v1/executions/${execution_id}/request-approval`, {
      body: { approval_request_id: approval, payload: { amount: 10_000 } },
    });
    expect(again.status).toBe(200);
    return { id: String(execution_id), old, digest: again.body.payload_digest };
  }
  const statusOf = async (id: string) => (await as("olga", `GET /api/v1/executions/${id}`)).body.status;

  test("does not decide what is asked under its id later", async () => {
    const { id, old } = await askedAgain();
    const seconds = Math.floor(Date.now() / 1_000);
    const before = seconds - 60;
    for (const sign of [plain, (text: string) => stamped(text, before)])
      expect(await hook(old, sign)).toMatchObject({ status: 409, body: { code: "decision_too_old" } });
    expect(await statusOf(id)).toBe("waiting");
    expect((await hook(old, (text) => stamped(text, seconds + 5))).body).toMatchObject({ status: "processed" });
    expect(await statusOf(id)).toBe("cancelled");
  });

  test("is new when it carries the digest of what is shown", async () => {
    const { id, old, digest } = await askedAgain();
    expect((await hook({ ...old, payload_digest: "another" })).body.code).toBe("decision_mismatch");
    expect((await hook({ ...old, payload_digest: digest })).body).toMatchObject({ status: "processed" });
    expect(await statusOf(id)).toBe("cancelled");
  });

  test("cannot be at all where signatures have to be stamped", async () => {
    const strict = new Deployment({
      ERRAND_ROOT_KEY: ROOT_KEY,
      ERRAND_WEBHOOK_SECRET: SECRET,
      ERRAND_WEBHOOK_STAMPED: "required",
    });
    const { approval } = await requested();
    const body = { approval_request_id: approval, decision: "approved" };
    for (const sign of [plain, hmac]) {
      const refused = await hook(body, sign, strict);
      expect(refused).toMatchObject({ status: 401, body: { code: "invalid_signature" } });
      expect(refused.body.detail).toContain("ERRAND_WEBHOOK_STAMPED");
    }
    const now = Math.floor(Date.now() / 1_000);
    expect((await hook(body, (text) => stamped(text, now), strict)).body).toMatchObject({ status: "processed" });
  });
});

test("the link leads to the approval's page, and an address that came with it stays as it is", async () => {
  const bare = await requested();
  const { body } = await as("olga", `GET /api/v1/executions/${bare.id}`);
  const link = expect.stringMatching(new RegExp(`^https?://[^/]+/ui/approvals/${encodeURIComponent(bare.approval)}$`));
  expect(bare.asked.body.approval_request_url).toEqual(link);
  expect(body).toMatchObject({ approval_request_url: link, waiting_for: { approval_request_url: link } });
  const url = "https://reviews.example.com/7?a=1#top";
  const { asked } = await requested({ approval_request_url: url });
  expect(asked.body.approval_request_url).toBe(url);
});
