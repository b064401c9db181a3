/** Agentic executions through HTTP, in real workerd: what they end with, and who may read what was said. */
import { applyD1Migrations } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { TraceBody } from "../../src/contract/executions/trace-body.ts";
import { Deployment } from "../support/workers/deployment.ts";
import { call, hasEnded, MODES, until, violations } from "../support/workers/modes.ts";

beforeAll(async () => {
  await applyD1Migrations(env.REGISTRY, inject("migrations"));
});

const order = (sku: string) => ({ order_id: "o-1", customer: "Ada", lines: [{ sku, quantity: 2 }] });

describe.each(MODES)("%s", (mode) => {
  test("an order is corrected once and then placed; attempts and verdicts are in the body", async () => {
    const started = await call("POST", "/api/v1/execute/async/order-desk.order_intake", { input: order("tea-green") });
    expect(started.status).toBe(202);
    const { body } = await until(mode, started.body.execution_id, hasEnded);
    expect(body).toMatchObject({
      status: "succeeded",
      type: "execution",
      simulated: true,
      result: { total_cents: 980 },
    });
    expect(body.attempts).toMatchObject([
      {
        n: 1,
        verdicts: [
          { validator: "stop_execution", passed: true },
          { validator: "order_placed", passed: false },
        ],
        feedback: "You have not placed the order: call place_order, then answer with its result as JSON.",
      },
      { n: 2, feedback: null },
    ]);
    expect(await violations(body.execution_id)).toEqual([]);

    const trace = TraceBody.parse((await call("GET", `/api/v1/executions/${body.execution_id}/trace`)).body);
    const spans = trace.resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans));
    const root = spans.find(({ parentSpanId }) => parentSpanId === undefined);
    expect(root).toMatchObject({ name: "invoke_agent order-desk.order_intake", status: { code: 1 } });
    const attempts = spans.filter(
      ({ parentSpanId, name }) => parentSpanId === root?.spanId && name.startsWith("attempt"),
    );
    expect(attempts.map(({ status }) => status.code)).toEqual([2, 1]);
    const below = spans.filter(({ parentSpanId }) => attempts.some(({ spanId }) => spanId === parentSpanId));
    expect(new Set(below.map(({ name }) => name.split(" ")[0]))).toEqual(new Set(["chat", "execute_tool"]));
    expect(JSON.stringify(trace)).not.toContain("Ada");
  });

  test("a refusal of the shop is a failure with its code and summary, and shows no stack", async () => {
    const started = await call("POST", "/api/v1/execute/async/order-desk.order_intake", { input: order("snow") });
    const { body } = await until(mode, started.body.execution_id, hasEnded);
    expect(body).toMatchObject({
      ...{ status: "failed", failure_code: "refused_by_shop" },
      ...{ failure_summary: 'The shop: "snow" is not sold here.', error_message: 'The shop: "snow" is not sold here.' },
    });
    expect(JSON.stringify(body)).not.toMatch(/\bat \w+ \(|\.ts:\d/);
  });
});

test("a call answers with the result, and says that no model was asked", async () => {
  const { status, body } = await call("POST", "/api/v1/execute/order-desk.order_intake", { input: order("mug") });
  expect(status).toBe(200);
  expect(body).toMatchObject({ status: "succeeded", simulated: true, usage: { turns: 3 } });
});

test("what was used is told by kind of token, in the body, in lists and for the run", async () => {
  const { body } = await call("POST", "/api/v1/execute/order-desk.order_intake", { input: order("mug") });
  const { tokens, input_tokens, output_tokens } = body.usage as Record<string, number>;
  expect(input_tokens).toBeGreaterThan(0);
  expect(output_tokens).toBeGreaterThan(0);
  expect(tokens).toBe((input_tokens ?? 0) + (output_tokens ?? 0));
  expect(body.usage).toMatchObject({ cache_read_tokens: 0, cache_write_tokens: 0, cost_usd: 0 });
  const run = await call("GET", `/api/v1/runs/${body.run_id}`);
  expect(run.body.usage).toEqual(body.usage);
  await expect
    .poll(async () => {
      const listed = await call("GET", `/api/v1/executions?run_id=${body.run_id}`);
      return (listed.body.items as { usage: unknown }[])[0]?.usage;
    })
    .toEqual(body.usage);
});

test("unknown and wrong fields are refused by their path, before anything exists", async () => {
  const input = { ...order("mug"), lines: [{ sku: "mug", quantity: 0, gift: true }], rush: true };
  const { status, body } = await call("POST", "/api/v1/execute/order-desk.order_intake", { input });
  expect(status).toBe(400);
  const paths = (body.errors as { path: string }[]).map(({ path }) => path);
  expect(paths.sort()).toEqual(["input.lines.0.gift", "input.lines.0.quantity", "input.rush"]);
  expect(body.execution_id).toBeUndefined();
});

test("a caller's budget may be smaller than the definition's, and not larger", async () => {
  const path = "/api/v1/execute/order-desk.order_intake";
  const small = await call("POST", path, { input: order("mug"), budget: { max_turns: 2 } });
  expect(small.body).toMatchObject({ status: "failed", failure_code: "budget_exceeded" });
  const large = await call("POST", path, { input: order("mug"), budget: { max_turns: 1_000 } });
  const { body } = await call("GET", `/api/v1/executions/${large.body.execution_id}/events?limit=1`);
  expect(body.items).toMatchObject([{ data: { origin: { limits: { max_turns: 20 } } } }]);
});

test("definitions are listed with their schema, codes and target; an unknown agent is 404", async () => {
  const { status, body } = await call("GET", "/api/v1/agents/order-desk/definitions");
  expect(status).toBe(200);
  expect(body.items).toMatchObject([
    {
      ...{ key: "order_intake", name: "Order intake", agent_id: "order-desk", target: "order-desk.order_intake" },
      failure_codes: ["runtime_error", "max_retries_exceeded", "validation_failed", "unknown", "refused_by_shop"],
      input_schema: { type: "object", required: ["order_id", "customer", "lines"], additionalProperties: false },
    },
    { key: "chat", target: "order-desk.chat" },
  ]);
  expect((await call("GET", "/api/v1/agents/clock/definitions")).body.items).toEqual([]);
  expect((await call("GET", "/api/v1/agents/nobody/definitions")).status).toBe(404);
});

describe("the conversation", () => {
  test("is readable: prompt, answers, the correction, the tool's call and its result", async () => {
    const started = await call("POST", "/api/v1/execute/order-desk.order_intake", { input: order("mug") });
    const { status, body } = await call("GET", `/api/v1/executions/${started.body.execution_id}/conversation`);
    expect(status).toBe(200);
    expect(body).toMatchObject({ tools: ["place_order", "stop_execution"] });
    expect(body.system).toContain("Nobody is there to ask");
    expect(body.messages).toMatchObject([
      { role: "user", kind: "prompt", attempt: 1 },
      { role: "assistant", kind: "answer", attempt: 1, text: "Thank you, I have noted the order!", simulated: true },
      { role: "user", kind: "feedback", attempt: 2 },
      { role: "assistant", attempt: 2, tool_calls: [{ name: "place_order", input: order("mug") }] },
      { role: "user", kind: "tool_results", tool_results: [{ name: "place_order", is_error: false }] },
      { role: "assistant", kind: "answer", attempt: 2, stop_reason: "end_turn" },
    ]);
  });

  test("is closed to outsiders, who hear that there is nothing", async () => {
    const server = new Deployment();
    const key = async (subject: string, tenant: string) =>
      (await server.newKey({ subject, tenant, scopes: ["execute", "read"] })).key;
    const [olga, ivan, rival] = [await key("olga", "talk"), await key("ivan", "talk"), await key("olga", "rival-talk")];
    const id = await server.start(olga, "order-desk.order_intake", order("mug"));
    const path = `/api/v1/executions/${id}/conversation`;
    expect((await server.call("GET", path, { key: olga })).status).toBe(200);
    for (const stranger of [ivan, rival]) expect((await server.call("GET", path, { key: stranger })).status).toBe(404);
    expect((await server.call("GET", path)).status).toBe(401);
  });
});
