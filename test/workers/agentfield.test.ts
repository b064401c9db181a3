/** The examples of AgentField's documentation, sent as it sends them. */
import { applyD1Migrations } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { beforeAll, describe, expect, inject, test } from "vitest";

beforeAll(async () => {
  await applyD1Migrations(env.REGISTRY, inject("migrations"));
});

type Body = { readonly [field: string]: unknown };

/** As `curl -d` does: whatever media type, JSON in the body. */
async function curl(
  path: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<{ status: number; body: Body }> {
  const init = {
    method: "POST",
    body: JSON.stringify(body),
    headers: { "content-type": "application/x-www-form-urlencoded", ...headers },
  };
  const response = await exports.default.fetch(new Request(`http://localhost:8080${path}`, init));
  return { status: response.status, body: await response.json() };
}

async function read(path: string): Promise<Body> {
  const response = await exports.default.fetch(new Request(`http://localhost:8080${path}`));
  return response.json();
}

describe("quick start", () => {
  test("analyzes a sentiment and answers with the fields of the document", async () => {
    const { status, body } = await curl(
      "/api/v1/execute/support-agent.analyze_sentiment",
      { input: { message: "This is the third time I am calling!", conversation_history: [] } },
      { "content-type": "application/json" },
    );
    expect(status).toBe(200);
    expect(body).toMatchObject({
      execution_id: expect.stringMatching(/^exec_/),
      run_id: expect.stringMatching(/^run_\d{8}_\d{6}_[a-z0-9]{8}$/),
      status: "succeeded",
      result: { sentiment: "frustrated", confidence: expect.any(Number), recommendation: "escalate" },
      duration_ms: expect.any(Number),
      finished_at: expect.stringMatching(/Z$/),
    });
  });

  test("has older paths for a start that is waited for, one a kind of function", async () => {
    const input = { message: "This is the third time I am calling!" };
    expect(await curl("/api/v1/reasoners/support-agent.analyze_sentiment", { input })).toMatchObject({
      status: 200,
      body: {
        ...{ node_id: "support-agent", duration_ms: expect.any(Number), timestamp: expect.stringMatching(/Z$/) },
        ...{ result: { sentiment: "frustrated" }, status: "succeeded", execution_id: expect.stringMatching(/^exec_/) },
      },
    });
    const remind = { input: { message: "m", seconds: 0 } };
    expect(await curl("/api/v1/skills/clock.remind", remind)).toMatchObject({
      status: 200,
      body: { node_id: "clock" },
    });
    for (const path of ["reasoners/clock.remind", "skills/support-agent.analyze_sentiment", "skills/nobody.knows"])
      expect([path, await curl(`/api/v1/${path}`, { input })]).toMatchObject([
        path,
        { status: 404, body: { code: "not_found" } },
      ]);
    expect(await curl("/api/v1/execute/nobody.knows", { input })).toMatchObject({ status: 400 });
  });

  test("a router's prefix is part of the function's name", async () => {
    const { body } = await curl("/api/v1/execute/support-agent.support_analyze_sentiment", {
      input: { message: "This is the third time I am calling!" },
    });
    expect(body).toMatchObject({ status: "succeeded", target: "support-agent.support_analyze_sentiment" });
  });

  test("session, actor and history", async () => {
    const { body } = await curl(
      "/api/v1/execute/support-agent.analyze_sentiment",
      {
        input: {
          message: "This is the third time I am calling about this issue!",
          conversation_history: [
            { role: "user", content: "My order never arrived" },
            { role: "agent", content: "Let me check that for you" },
          ],
        },
      },
      { "X-Session-ID": "session_user123", "X-Actor-ID": "user_john_doe" },
    );
    expect(body).toMatchObject({ status: "succeeded", session_id: "session_user123", actor_id: "user_john_doe" });
    expect(body.result).toMatchObject({ recommendation: "escalate" });
  });
});

test("the two-step workflow: the caller decides between two calls of one run", async () => {
  const workflow = { "Content-Type": "application/json", "X-Workflow-ID": "wf_123" };
  const sentiment = await curl(
    "/api/v1/execute/support-agent.analyze_sentiment",
    { input: { message: "My order never arrived and this is the second time!" } },
    workflow,
  );
  const result = sentiment.body.result as { recommendation: string };
  expect(result.recommendation).toBe("escalate");
  const ticket = await curl(
    "/api/v1/execute/escalation-agent.create_ticket",
    { input: { customer_id: "cust_1", sentiment: result, priority: "high" } },
    workflow,
  );
  expect(ticket.body).toMatchObject({ status: "succeeded", run_id: "wf_123", workflow_id: "wf_123" });
  expect(sentiment.body.run_id).toBe("wf_123");
});

test("the same workflow inside, through children of one execution", async () => {
  const { body } = await curl("/api/v1/execute/support-agent.triage", {
    input: { customer_id: "cust_2", message: "This is the third time I am calling!" },
  });
  expect(body).toMatchObject({
    status: "succeeded",
    result: { sentiment: { recommendation: "escalate" }, ticket: { priority: "high" } },
  });
});

test("X-Run-ID wins over X-Workflow-ID", async () => {
  const input = { input: { message: "hello" } };
  const { body } = await curl("/api/v1/execute/support-agent.analyze_sentiment", input, {
    "X-Run-ID": "run_a",
    "X-Workflow-ID": "wf_b",
  });
  expect(body.run_id).toBe("run_a");
});

describe("errors", () => {
  test("an unknown agent and an unknown function are told apart", async () => {
    const agent = await curl("/api/v1/execute/nobody.there", { input: {} });
    expect(agent).toMatchObject({
      status: 400,
      body: { status: "failed", error: "agent 'nobody' not found", error_category: "target_not_found" },
    });
    const fn = await curl("/api/v1/execute/support-agent.nothing", { input: {} });
    expect(fn.body.message).toContain("target 'nothing' not found on agent 'support-agent'");
  });

  test("an input that does not fit names each field, and starts nothing", async () => {
    const before = await read("/api/v1/executions?limit=200");
    const { status, body } = await curl("/api/v1/execute/support-agent.analyze_sentiment", {
      input: { message: 7, conversation_history: [{ role: "user" }], extra: true },
    });
    expect(status).toBe(400);
    expect(body.code).toBe("invalid_input");
    const paths = (body.errors as { path: string }[]).map(({ path }) => path);
    expect(paths).toEqual(expect.arrayContaining(["input.message", "input.conversation_history.0.content"]));
    const after = await read("/api/v1/executions?limit=200");
    expect((after.items as unknown[]).length).toBe((before.items as unknown[]).length);
  });
});

describe("human in the loop", () => {
  test("waiting, with waiting_for; decided by the documented webhook; the program hears decision and feedback", async () => {
    const started = await curl("/api/v1/execute/approvals.demo", { input: { claim: "claim-12345", amount: 99 } });
    expect(started.status).toBe(202);
    expect(started.body).toMatchObject({
      status: "waiting",
      waiting_for: {
        type: "approval",
        approval_request_id: expect.any(String),
        approval_request_url: expect.any(String),
        expires_at: expect.stringMatching(/Z$/),
      },
    });
    const id = String(started.body.execution_id);
    const { approval_request_id: requestId } = started.body.waiting_for as { approval_request_id: string };
    const pending = await read(`/api/v1/executions/${id}/approval-status?approval_request_id=${requestId}`);
    expect(pending).toMatchObject({ status: "pending" });

    const decided = await curl("/api/v1/webhooks/approval", {
      approval_request_id: requestId,
      decision: "approved",
      feedback: "Claim verified against policy",
    });
    expect(decided).toMatchObject({ status: 200, body: { status: "processed", execution_id: id } });
    const ended = await read(`/api/v1/executions/${id}?wait=5`);
    expect(ended).toMatchObject({ status: "succeeded", approval_status: "approved" });
    expect(JSON.stringify(ended.result)).toContain("Claim verified against policy");
    expect(await read(`/api/v1/executions/${id}/approval-status`)).toMatchObject({
      status: "approved",
      feedback: "Claim verified against policy",
    });
  });

  test("other states have no waiting_for", async () => {
    const { body } = await curl("/api/v1/execute/support-agent.analyze_sentiment", { input: { message: "hello" } });
    expect(body).not.toHaveProperty("waiting_for");
  });
});
