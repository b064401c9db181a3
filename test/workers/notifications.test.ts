/** Notifications of blocked executions of plans: to whom they go, what they say, and that they are deliveries like any other. */
import { applyD1Migrations } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { Webhook } from "standardwebhooks";
import { afterEach, beforeAll, beforeEach, expect, inject, test, vi } from "vitest";
import { eventually } from "../support/eventually.ts";
import { Deployment } from "../support/workers/deployment.ts";
import { Receiver } from "../support/workers/receiver.ts";

const ACME = "acme-notified";
const OWN = "https://hooks.example.com/mark?room=1";
const TENANTS = "https://hooks.example.com/everybody";
const SECRET = `whsec_${btoa("0123456789abcdef0123456789abcdef")}`;
const PATH = "/api/v1/notifications";
const server = new Deployment();
const keys: Record<string, string> = {};
let receiver: Receiver;

beforeAll(async () => {
  await applyD1Migrations(env.REGISTRY, inject("migrations"));
  for (const subject of ["mark", "nora"])
    keys[subject] = (await server.newKey({ subject, scopes: ["execute", "read"], tenant: ACME })).key;
  keys.ada = (await server.newKey({ subject: "ada", scopes: ["admin"], tenant: ACME })).key;
  const subtask = { id: "a", title: "Write to carol@example.com", action: "send_email" };
  for (const who of ["mark", "nora"]) {
    const plan = { plan_id: `plan_of_${who}`, goal: "G", tasks: [{ id: "t", title: "T", subtasks: [subtask] }] };
    await call(who, "POST /api/plans", plan);
    await call(who, "POST /api/agents/register", { id: `agent_of_${who}`, capabilities: ["send_email"] });
  }
});
beforeEach(() => {
  receiver = new Receiver();
  receiver.install();
});
afterEach(() => {
  vi.restoreAllMocks();
});

const call = (who: string, asked: string, body?: unknown) => {
  const [method = "", path = ""] = asked.split(" ");
  return server.call(method, path, { key: keys[who], ...(body === undefined ? {} : { body }) });
};

/** An execution whose only subtask its agent reports as blocked. */
async function blocked(who: string, message = "The address carol@example.com bounced"): Promise<string> {
  const agent = `agent_of_${who}`;
  const { body } = await call(who, "POST /api/executions", { plan_id: `plan_of_${who}`, agent_id: agent });
  const id = String(body.id);
  expect((await call(who, `GET /api/agents/${agent}/work?wait=10`)).status).toBe(200);
  const error = { event_type: "task_error", task_id: "a", error_message: message, human_review_required: true };
  await call(who, `POST /api/executions/${id}/events`, { agent_id: agent, ...error });
  expect((await call(who, `GET /api/executions/${id}`)).body.status).toBe("BLOCKED");
  return id;
}

const deliveries = async (who: string, id: string) =>
  (await call(who, `GET /api/v1/executions/${id}/webhooks`)).body.deliveries as { status: string; delivery: number }[];

test("an address is kept, shown without its secrets, and removed", async () => {
  expect((await call("mark", `GET ${PATH}`)).body).toMatchObject({ for: "own", registered: false, address: null });
  const set = await call("mark", `PUT ${PATH}`, { url: OWN, secret: SECRET, headers: { "X-Room": "blue" } });
  expect(set).toMatchObject({
    status: 200,
    body: { registered: true, address: "https://hooks.example.com/mark?…", signed: true, header_names: ["x-room"] },
  });
  expect((await call("mark", `GET ${PATH}`)).body).toEqual(set.body);
  // It is nobody else's, and lies there sealed.
  expect((await call("nora", `GET ${PATH}`)).body.registered).toBe(false);
  const { results } = await env.REGISTRY.prepare("SELECT * FROM notifications WHERE tenant = ?").bind(ACME).all();
  expect(JSON.stringify(results)).toContain("mark");
  expect(JSON.stringify(results)).not.toContain("hooks.example.com");
  expect((await call("mark", `DELETE ${PATH}`)).status).toBe(204);
  expect((await call("mark", `GET ${PATH}`)).body.registered).toBe(false);
});

test("what does not fit is refused with the field, and the tenant's address is an administrator's", async () => {
  const words = async (body: object, path = PATH, who = "mark") => {
    const { status, body: answered } = await call(who, `PUT ${path}`, body);
    return [status, answered.code, answered.detail];
  };
  expect(await words({ url: "http://10.0.0.1/" })).toEqual([400, "address_refused", expect.stringContaining("url: ")]);
  expect(await words({ url: OWN, secret: "whsec_%" })).toEqual([
    400,
    "invalid_input",
    expect.stringContaining("secret"),
  ]);
  expect(await words({})).toEqual([400, "invalid_input", expect.stringContaining("url")]);
  expect(await words({ url: OWN }, `${PATH}?for=us`)).toEqual([400, "invalid_input", expect.stringContaining("for")]);
  expect(await words({ url: OWN }, `${PATH}?for=tenant`)).toEqual([403, "forbidden_scope", expect.any(String)]);
  expect((await call("mark", `GET ${PATH}?for=tenant`)).status).toBe(403);
});

test("an owner is told that an execution waits for them, signed and masked", async () => {
  await call("mark", `PUT ${PATH}`, { url: OWN, secret: SECRET });
  const id = await blocked("mark");
  await eventually(() => expect(receiver.of(id)).toHaveLength(1));
  const [sent] = receiver.of(id);
  if (!sent) throw new Error("nothing came");
  expect(sent.url).toBe(OWN);
  expect(new Webhook(SECRET).verify(sent.text, Object.fromEntries(sent.headers))).toMatchObject({ execution_id: id });
  expect(sent.body).toMatchObject({
    ...{ event: "task.blocked", plan_id: "plan_of_mark", task_id: "a", status: "BLOCKED", escalated_to: "mark" },
    text: expect.stringMatching(`^Execution ${id} blocked: The address .* bounced$`),
    next_step_options: ["retry_task", "skip_task", "cancel_execution"],
    resolve: `/api/executions/${id}/resolve`,
  });
  expect(sent.text).not.toContain("carol@example.com");
  await eventually(async () => expect(await deliveries("mark", id)).toMatchObject([{ status: "delivered" }]));
  await call("mark", `DELETE ${PATH}`);
});

test("the tenant is told where the owner has no address; where nobody has one, nothing is tried", async () => {
  const silent = await blocked("nora");
  await call("ada", `PUT ${PATH}?for=tenant`, { url: TENANTS });
  const told = await blocked("nora");
  await eventually(() => expect(receiver.of(told).map(({ url }) => url)).toEqual([TENANTS]));
  await call("nora", `PUT ${PATH}`, { url: OWN });
  const own = await blocked("nora");
  await eventually(() => expect(receiver.of(own).map(({ url }) => url)).toEqual([OWN]));
  expect([receiver.of(silent), await deliveries("nora", silent)]).toEqual([[], []]);
  await call("nora", `DELETE ${PATH}`);
  await call("ada", `DELETE ${PATH}?for=tenant`);
});

test("one that is not taken is tried again, and a person has it sent once more", async () => {
  await call("mark", `PUT ${PATH}`, { url: OWN });
  receiver.answers = (nth) => new Response("", { status: nth === 1 ? 503 : 200 });
  const id = await blocked("mark");
  await eventually(async () => expect(await deliveries("mark", id)).toMatchObject([{ status: "delivered" }]));
  expect(receiver.of(id).map(({ headers }) => headers.get("webhook-id"))).toEqual([
    receiver.of(id)[0]?.headers.get("webhook-id"),
    receiver.of(id)[0]?.headers.get("webhook-id"),
  ]);
  const retried = await call("mark", `POST /api/v1/executions/${id}/webhooks/retry`, {});
  expect(retried).toMatchObject({ status: 202, body: { event: "task.blocked", status: "pending" } });
  await eventually(() => expect(receiver.of(id)).toHaveLength(3));
  await call("mark", `DELETE ${PATH}`);
});

test("an agent with an address is told there that there is work for it, and that it may come", async () => {
  const url = "https://agents.example.com/pushed";
  const agent = { id: "agent_pushed", capabilities: ["fly"], webhook_url: url, webhook_secret: SECRET };
  const registered = await call("mark", "POST /api/agents/register", agent);
  expect(registered.body).toMatchObject({ webhook_url: url, webhook_signed: true });
  expect(JSON.stringify(registered.body)).not.toContain(SECRET);
  const tasks = [{ id: "t", title: "T", subtasks: [{ id: "a", title: "A", action: "fly" }] }];
  await call("mark", "POST /api/plans", { plan_id: "plan_to_fly", goal: "G", tasks });
  const { body } = await call("mark", "POST /api/executions", { plan_id: "plan_to_fly" });
  await eventually(() => expect(receiver.of(String(body.id))).toHaveLength(1));
  const [sent] = receiver.of(String(body.id));
  expect(sent?.url).toBe(url);
  expect(new Webhook(SECRET).verify(sent?.text ?? "", Object.fromEntries(sent?.headers ?? []))).toMatchObject({
    event: "work.available",
    poll: "/api/agents/agent_pushed/work",
  });
  expect((await call("mark", "GET /api/agents/agent_pushed/work")).body.execution_id).toBe(body.id);
});

test("another person who is asked is told at their own address, and answers as approvers do", async () => {
  const ANNAS = "https://hooks.example.com/anna";
  keys.anna = (await server.newKey({ subject: "anna", scopes: ["approve"], tenant: ACME })).key;
  await call("mark", `PUT ${PATH}`, { url: OWN });
  expect((await call("anna", `PUT ${PATH}`, { url: ANNAS })).status).toBe(200);
  expect((await call("anna", `PUT ${PATH}?for=tenant`, { url: ANNAS })).status).toBe(403);
  const id = await blocked("mark");
  await eventually(() => expect(receiver.of(id).map(({ url }) => url)).toEqual([OWN]));
  const resolve = (who: string, body: object) => call(who, `POST /api/executions/${id}/resolve`, body);
  // A stranger of the tenant hands nothing on, and hears of nothing.
  expect((await resolve("nora", { escalate_to: "nora" })).status).toBe(404);
  expect((await resolve("mark", { escalate_to: "agent:agent_of_mark" })).body.code).toBe("invalid_input");
  expect((await resolve("mark", { escalate_to: "anna" })).status).toBe(200);
  await eventually(() => expect(receiver.of(id).map(({ url }) => url)).toEqual([OWN, ANNAS]));
  expect(receiver.of(id)[1]?.body).toMatchObject({ event: "task.escalated", task_id: "a", escalated_to: "anna" });
  const [task] = (await call("mark", `GET /api/executions/${id}`)).body.tasks as { subtasks: { blocked: object }[] }[];
  expect(task?.subtasks[0]?.blocked).toMatchObject({ escalated_to: "anna" });
  expect((await resolve("anna", { option: "skip_task" })).body).toMatchObject({ status: "COMPLETED" });
  await call("mark", `DELETE ${PATH}`);
});
