/** Decisions by signed webhooks: both bodies, both forms of a signature, and everything that must not get in. */
import { applyD1Migrations } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { createHmac } from "node:crypto";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { Deployment, ROOT_KEY } from "../support/workers/deployment.ts";
import { call as callOpen } from "../support/workers/modes.ts";

const SECRET = "the-secret-of-the-reviewers";
const server = new Deployment({ ERRAND_ROOT_KEY: ROOT_KEY, ERRAND_WEBHOOK_SECRET: SECRET });
const unconfigured = new Deployment();

beforeAll(async () => {
  await applyD1Migrations(env.REGISTRY, inject("migrations"));
});

const hmac = (text: string, secret = SECRET) => createHmac("sha256", secret).update(text).digest("hex");
const plain = (text: string) => `sha256=${hmac(text)}`;
const stamped = (text: string, seconds = Math.floor(Date.now() / 1_000)) =>
  `t=${seconds},v1=${hmac(`${seconds}.${text}`)}`;

const RESPONSE = "/api/v1/webhooks/approval-response";
const DOCUMENTED = "/api/v1/webhooks/approval";

/** An execution of the deployment's own tenant that waits for an approval under an id of its caller's choosing. */
async function waiting(key: string = ROOT_KEY): Promise<{ id: string; approval: string }> {
  const id = await server.start(key, "clock.remind", { message: "m", seconds: 600 });
  const approval = `claim-${crypto.randomUUID()}`;
  const asked = await server.call("POST", `/api/v1/executions/${id}/request-approval`, {
    key,
    body: { approval_request_id: approval },
  });
  expect(asked.status).toBe(200);
  return { id, approval };
}

type Sign = (text: string) => Record<string, string>;
const postTo = (to: Deployment, path: string, { body, sign }: { readonly body: unknown; readonly sign: Sign }) =>
  to.call("POST", path, { body, headers: sign(JSON.stringify(body)) });
const post = (path: string, body: unknown, sign: Sign) => postTo(server, path, { body, sign });
const statusOf = async (id: string) =>
  (await server.call("GET", `/api/v1/executions/${id}`, { key: ROOT_KEY })).body.status;

describe("a signed decision", () => {
  const bodies: [string, (approval: string) => [string, unknown]][] = [
    ["of the document", (id) => [DOCUMENTED, { approval_request_id: id, decision: "approved", feedback: "fine" }]],
    ["of AgentField, flat", (id) => [RESPONSE, { requestId: id, decision: "approve", feedback: "fine" }]],
    [
      "of AgentField, in an envelope",
      (id) => [
        RESPONSE,
        {
          id: "evt",
          type: "x",
          createdAt: "now",
          data: { requestId: id, response: { action: "confirm", feedback: "fine" } },
        },
      ],
    ],
  ];
  const signatures: [string, Sign][] = [
    ["sha256=", (text) => ({ "x-hub-signature-256": plain(text) })],
    ["bare hex", (text) => ({ "x-webhook-signature": hmac(text) })],
    ["with its time", (text) => ({ "x-hax-signature": stamped(text) })],
  ];
  test.each(bodies)("%s is taken under every form of signature, once", async (_what, made) => {
    for (const [, sign] of signatures) {
      const { id, approval } = await waiting();
      const [path, body] = made(approval);
      const first = await post(path, body, sign);
      expect(first).toMatchObject({
        status: 200,
        body: { status: "processed", execution_id: id, decision: "approved" },
      });
      const replayed = await post(path, body, sign);
      expect(replayed).toMatchObject({
        status: 200,
        body: { status: "already_processed", approval_status: "approved" },
      });
      const status = await server.call("GET", `/api/v1/executions/${id}/approval-status`, { key: ROOT_KEY });
      expect(status.body).toMatchObject({ status: "approved", feedback: "fine" });
    }
  });

  test("reaches only the tenant that the deployment itself acts for", async () => {
    const { key } = await server.newKey({ scopes: ["execute", "read"], subject: "olga", tenant: "acme-hooks" });
    const { id, approval } = await waiting(key);
    const refused = await post(RESPONSE, { requestId: approval, decision: "approved" }, (text) => ({
      "x-webhook-signature": plain(text),
    }));
    expect(refused.status).toBe(404);
    const seen = await server.call("GET", `/api/v1/executions/${id}`, { key });
    expect(seen.body.status).toBe("waiting");
  });
});

describe("nothing is decided by", () => {
  const day = 86_400;
  const forged: [string, Sign][] = [
    ["no signature", () => ({})],
    ["another secret's", (text) => ({ "x-webhook-signature": `sha256=${hmac(text, "guess")}` })],
    ["another body's", (text) => ({ "x-webhook-signature": plain(`${text} `) })],
    ["a signature cut short", (text) => ({ "x-webhook-signature": plain(text).slice(0, -2) })],
    ["an empty one", () => ({ "x-webhook-signature": "" })],
    ["hex that is none", () => ({ "x-webhook-signature": `sha256=${"z".repeat(64)}` })],
    ["an old one", (text) => ({ "x-hax-signature": stamped(text, Math.floor(Date.now() / 1_000) - day) })],
    ["one from the future", (text) => ({ "x-hax-signature": stamped(text, Math.floor(Date.now() / 1_000) + day) })],
    [
      "a time that was exchanged",
      (text) => ({ "x-hax-signature": stamped(text, 5).replace("t=5", `t=${Math.floor(Date.now() / 1_000)}`) }),
    ],
  ];
  test.each(forged)("%s", async (_what, sign) => {
    const { id, approval } = await waiting();
    for (const [path, body] of [
      [RESPONSE, { requestId: approval, decision: "approved" }],
      [DOCUMENTED, { approval_request_id: approval, decision: "approved" }],
    ] as const) {
      const { status, body: problem } = await post(path, body, sign);
      expect([path, status]).toEqual([path, 401]);
      expect(JSON.stringify(problem)).not.toContain(SECRET);
    }
    expect(await statusOf(id)).toBe("waiting");
  });

  test("a signature where no secret is configured: 503 says what to configure", async () => {
    const { id, approval } = await waiting();
    const body = { requestId: approval, decision: "approved" };
    const signed = (text: string) => ({ "x-webhook-signature": plain(text) });
    const responses = [
      await postTo(unconfigured, RESPONSE, { body, sign: signed }),
      await postTo(unconfigured, RESPONSE, { body, sign: () => ({}) }),
      await postTo(unconfigured, DOCUMENTED, {
        body: { approval_request_id: approval, decision: "approved" },
        sign: signed,
      }),
    ];
    for (const { status, body: problem } of responses) {
      expect([status, problem.code]).toEqual([503, "webhooks_not_configured"]);
      expect(problem.detail).toContain("ERRAND_WEBHOOK_SECRET");
    }
    expect(await statusOf(id)).toBe("waiting");
  });

  test("a body that does not fit, and the answer names the field", async () => {
    const signed = (text: string) => ({ "x-webhook-signature": plain(text) });
    for (const [body, path] of [
      [{ decision: "approved" }, "requestId"],
      [{ requestId: "x", decision: "maybe" }, "decision"],
      [{ requestId: "x" }, "decision"],
      [{ data: { response: { decision: "approved" } } }, "data.requestId"],
      [{ data: { requestId: "x", response: {} } }, "data.response.decision"],
    ] as const)
      expect(await post(RESPONSE, body, signed)).toMatchObject({ status: 400, body: { errors: [{ path }] } });
    const huge = { requestId: "x", decision: "approved", response: "y".repeat(1_100_000) };
    expect((await post(RESPONSE, huge, signed)).status).toBe(413);
  });
});

test("a key with the scope approve needs no signature, and open mode none at all where the document needs none", async () => {
  const { id, approval } = await waiting();
  const { key } = await server.newKey({ scopes: ["approve"], subject: "root" });
  const body = { approval_request_id: approval, decision: "approved" };
  const decided = await unconfigured.call("POST", DOCUMENTED, { key, body });
  expect(decided).toMatchObject({ status: 200, body: { status: "processed", execution_id: id } });
  const open = await callOpen("POST", DOCUMENTED, { approval_request_id: "unknown", decision: "approved" });
  expect(open.status).toBe(404);
  expect((await callOpen("POST", RESPONSE, { requestId: "unknown", decision: "approved" })).body.code).toBe(
    "webhooks_not_configured",
  );
});
