/** Executions of plans, in real workerd: agents poll for their work, report it, are blocked, come back; a person decides. */
import { applyD1Migrations } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { CAROL_PLAN, CAROL_PLAN_ID } from "../support/plans/carol.ts";
import type { Got } from "../support/workers/deployment.ts";
import { Deployment } from "../support/workers/deployment.ts";

const ACME = "acme-plans-done";
const server = new Deployment();
const keys: Record<string, string> = {};

const LARRY = "agent_larry_001";
const ACTIONS = ["send_email", "make_phone_call", "conduct_interview", "document_findings", "draft_document"];

beforeAll(async () => {
  await applyD1Migrations(env.REGISTRY, inject("migrations"));
  const make = async (name: string, request: object = {}) => {
    const made = await server.newKey({ subject: name, scopes: ["execute", "read"], tenant: ACME, ...request });
    keys[name] = made.key;
  };
  await make("mark", { scopes: ["execute", "read"] });
  await make("vera", { scopes: ["execute", "read"] });
  await make("anna", { scopes: ["approve"] });
  const capabilities = ACTIONS.map((action) => ({ action, idempotent: action === "document_findings" }));
  for (const id of [LARRY, "agent_moe"]) {
    const { body } = await call("mark", "POST /api/agents/register", { id, role: "Business Analyst", capabilities });
    keys[id] = String(body.key);
  }
  await call("mark", "POST /api/plans", { ...CAROL_PLAN, decompose: "never" });
});

function call(who: string, asked: string, body?: unknown): Promise<Got> {
  const [method = "", path = ""] = asked.split(" ");
  return server.call(method, path, { key: keys[who], ...(body === undefined ? {} : { body }) });
}

let made = 0;
async function started(more: object = {}): Promise<string> {
  const id = `exec_carol_prospect_${++made}`;
  const { status, body } = await call("mark", "POST /api/executions", {
    plan_id: CAROL_PLAN_ID,
    id,
    agent_id: LARRY,
    ...more,
  });
  if (status !== 201) throw new Error(JSON.stringify(body));
  return id;
}

interface Given {
  readonly work_available: boolean;
  readonly execution_id: string;
  readonly next_task: { readonly task_id: string; readonly action: string; readonly params: object };
  readonly lease: { readonly lease_id: string };
}

/** What the agent gets, once its execution has told the directory; it hears first of those that were stopped. */
async function work(agent = LARRY, actions = ACTIONS.join(",")): Promise<Given> {
  for (;;) {
    const { status, body } = await call(agent, `GET /api/agents/${agent}/work?supported_actions=${actions}&wait=10`);
    expect(status).toBe(200);
    const given = body as unknown as Given;
    if (given.work_available) return given;
  }
}

const report = (id: string, event: object, who = LARRY) =>
  call(who, `POST /api/executions/${id}/events`, { agent_id: who, agent_timestamp: "2026-02-11T16:09:45Z", ...event });

describe("an execution of the plan for Carol", () => {
  test("has the columns of one, and is queued for the agent that was chosen", async () => {
    const id = await started();
    const { body } = await call("mark", `GET /api/executions/${id}`);
    expect(body).toMatchObject({
      ...{ id, plan_id: CAROL_PLAN_ID, agent_id: LARRY, status: "QUEUED", tasks_total: 3, tasks_completed: 0 },
      ...{ current_task_id: "task_1_1_a", pause_requested: false, cancel_requested: false, started_at: null },
    });
    await call("mark", `PATCH /api/executions/${id}`, { status: "CANCELLED" });
  });

  test("is done task by task, and the last one by a person, because its plan does not say what to do", async () => {
    const id = await started();
    const first = await work();
    expect(first).toMatchObject({
      ...{ work_available: true, execution_id: id, plan_id: CAROL_PLAN_ID, force_pause: false, force_cancel: false },
      next_task: {
        task_id: "task_1_1_a",
        title: "Send initial contact email",
        action: "send_email",
        timeout_hours: 24,
        retry_policy: { max_attempts: 3, backoff_seconds: 300 },
        context: { plan_goal: "Build custom breeder management system", previous_tasks: [] },
      },
    });
    // An answer that was lost is asked for again.
    expect((await work()).lease).toEqual(first.lease);
    await report(id, { event_type: "task_started", task_id: "task_1_1_a" });
    const done = await report(id, {
      event_type: "task_complete",
      task_id: "task_1_1_a",
      status: "success",
      output_data: { email_sent_to: "carol@bittersweet-farm.com", recipient_response_received: true },
      message: "Email to carol@bittersweet-farm.com sent and response received. Ready for next step.",
    });
    expect(done.status).toBe(201);
    expect(done.body).toMatchObject({
      ...{ execution_id: id, next_task_id: "task_1_1_b", next_action: "conduct_interview", applied: true },
      status_message: "Task complete. Proceeding to Conduct 90-minute discovery interview",
    });
    for (const task of ["task_1_1_b", "task_1_1_c", "task_2_1_a", "task_2_1_b"]) {
      expect((await work()).next_task.task_id).toBe(task);
      await report(id, { event_type: "task_complete", task_id: task, message: `did ${task}` });
    }
    const blocked = await call("mark", `GET /api/executions/${id}`);
    expect(blocked.body).toMatchObject({ status: "BLOCKED", tasks_completed: 2 });
    const resolved = await call("mark", `POST /api/executions/${id}/resolve`, {
      option: "complete_by_hand",
      output_data: { agreed: "Thursday" },
    });
    expect(resolved.body).toMatchObject({ status: "COMPLETED", tasks_completed: 3, current_task_id: null });
    const { body } = await call("mark", `GET /api/executions/${id}`);
    expect(body.tasks).toMatchObject([
      { id: "task_1_1", status: "COMPLETE", progress_percent: 100, subtasks_total: 3 },
      { id: "task_2_1", status: "COMPLETE" },
      { id: "task_3_1", status: "COMPLETE", result_data: { agreed: "Thursday" } },
    ]);
    const events = await call("mark", `GET /api/executions/${id}/events?limit=2`);
    expect(events.body.items).toMatchObject([
      { event_type: "task_complete", task_id: "task_2_1_b", agent_id: LARRY, timestamp: expect.any(String) },
      { event_type: "task_complete", task_id: "task_2_1_a" },
    ]);
    const next = await call("mark", `GET /api/executions/${id}/events?limit=50&cursor=${events.body.next_cursor}`);
    const [oldest, second] = (next.body.items as { event_type: string; message: string }[]).slice(-2).reverse();
    expect([oldest?.event_type, second?.event_type]).toEqual(["task_started", "task_complete"]);
    expect(second?.message).not.toContain("carol@bittersweet-farm.com");
  });

  test("is blocked by an address that bounced, and goes on as a person chooses", async () => {
    const id = await started();
    await work();
    const error = {
      event_id: `evt_bounced_${id}`,
      event_type: "task_error",
      task_id: "task_1_1_a",
      status: "error",
      error_type: "external_dependency_blocked",
      error_message: "Carol's email address (carol@bittersweet-farm.com) bounced. Invalid or deactivated.",
      message: "Unable to send email. Contact verification needed.",
      human_review_required: true,
      suggestions: ["Try alternative email from website footer (info@bittersweetfarm.com)", "Call Carol directly"],
      blocking: true,
    };
    const answered = await report(id, error);
    expect(answered.body).toMatchObject({
      event_id: error.event_id,
      status: "BLOCKED",
      human_review_required: true,
      escalated_to: "mark",
      next_step_options: ["approve_alternative_email", "approve_phone_call", "skip_task", "cancel_execution"],
    });
    const again = await report(id, error);
    expect(again.body).toMatchObject({ event_id: error.event_id, duplicate: true, status: "BLOCKED" });
    const events = await call("mark", `GET /api/executions/${id}/events`);
    expect(events.body.items).toHaveLength(1);
    const { status, body } = await call("mark", `PATCH /api/executions/${id}`, { status: "RUNNING" });
    expect([status, body.code]).toEqual([409, "invalid_state"]);
    expect(body.detail).toContain("approve_phone_call");
    expect(body.legal_moves).toContain("pause");
    expect(body.legal_moves).not.toContain("resume");
    await call("mark", `PATCH /api/executions/${id}`, { status: "RUNNING", option: "approve_phone_call" });
    expect((await work()).next_task).toMatchObject({
      task_id: "task_1_1_a",
      action: "make_phone_call",
      params: { number: "860-455-9416" },
    });
    await call("mark", `PATCH /api/executions/${id}`, { status: "CANCELLED" });
    const late = await report(id, { event_type: "task_complete", task_id: "task_1_1_a" });
    expect(late.status).toBe(201);
    expect(late.body).toMatchObject({ applied: false, force_cancel: true });
  });

  test("is decided in the inbox by an approver too", async () => {
    const id = await started();
    await work();
    await report(id, { event_type: "task_blocked", task_id: "task_1_1_a", human_review_required: true });
    const { body } = await call("mark", `GET /api/executions/${id}`);
    const gate = (body.tasks as { subtasks: { blocked: { gate_id: string } }[] }[])[0]?.subtasks[0]?.blocked.gate_id;
    const decided = await call("anna", `POST /api/v1/executions/${id}/approval-response`, {
      ...{ approval_request_id: gate, decision: "approved", option: "approve_alternative_email" },
    });
    expect(decided.status).toBe(200);
    expect((await work()).next_task.params).toMatchObject({ to: "info@bittersweetfarm.com" });
    await call("mark", `PATCH /api/executions/${id}`, { status: "CANCELLED" });
  });
});

describe("an agent", () => {
  test("gets nothing of an execution that is another agent's, and sees none that it did not work for", async () => {
    const id = await started();
    expect((await call("agent_moe", "GET /api/agents/agent_moe/work")).status).toBe(204);
    expect((await call("agent_moe", `GET /api/executions/${id}`)).status).toBe(404);
    expect((await call("agent_moe", `GET /api/agents/${LARRY}/work`)).status).toBe(404);
    const foreign = await call("agent_moe", `POST /api/executions/${id}/events`, {
      ...{ agent_id: LARRY, event_type: "heartbeat" },
    });
    expect([foreign.status, foreign.body.code]).toEqual([403, "forbidden_scope"]);
    await work();
    expect((await call(LARRY, `GET /api/executions/${id}`)).status).toBe(200);
    expect((await call("vera", `GET /api/executions/${id}`)).status).toBe(404);
    await call("mark", `PATCH /api/executions/${id}`, { status: "CANCELLED" });
  });

  test("hears once that the execution was paused, and its report counts all the same", async () => {
    const id = await started();
    await work();
    await report(id, { event_type: "task_started", task_id: "task_1_1_a" });
    const paused = await call("mark", `PATCH /api/executions/${id}`, { status: "PAUSED" });
    expect(paused.body).toMatchObject({ status: "PAUSED", pause_requested: true });
    await expect
      .poll(async () => (await call(LARRY, `GET /api/agents/${LARRY}/work`)).body)
      .toMatchObject({ work_available: false, execution_id: id, force_pause: true });
    expect((await call("mark", `GET /api/executions/${id}`)).body.pause_requested).toBe(false);
    const done = await report(id, { event_type: "task_complete", task_id: "task_1_1_a" });
    expect(done.body).toMatchObject({ applied: true, force_pause: true });
    const running = await call("mark", `PATCH /api/executions/${id}`, { status: "RUNNING" });
    expect(running.body.status).toBe("RUNNING");
    expect((await work()).next_task.task_id).toBe("task_1_1_b");
    await call("mark", `PATCH /api/executions/${id}`, { status: "CANCELLED" });
  });

  test("reports many events at once: each is answered in its order, and one that came before is marked", async () => {
    const id = await started();
    await work();
    const event = (event_type: string, event_id: string, more: object = {}) => ({
      ...{ agent_id: LARRY, event_type, event_id, task_id: "task_1_1_a", ...more },
    });
    const { status, body } = await call(LARRY, `POST /api/executions/${id}/events`, {
      events: [
        event("task_started", "e1"),
        event("task_progress", "e2"),
        event("task_progress", "e2"),
        event("task_complete", "e3"),
      ],
    });
    expect(status).toBe(201);
    expect(body.results).toMatchObject([
      { event_id: "e1", duplicate: false, applied: true },
      { event_id: "e2", duplicate: false, applied: true },
      { event_id: "e2", duplicate: true, applied: true },
      { event_id: "e3", duplicate: false, applied: true, next_task_id: "task_1_1_b" },
    ]);
    const wrong = await report(id, { event_type: "task_done", task_id: "task_1_1_b" });
    expect([wrong.status, wrong.body.code]).toEqual([400, "invalid_input"]);
    expect(wrong.body.detail).toContain("task_complete");
    const strange = await report(id, { event_type: "task_started", task_id: "task_9" });
    expect(strange.body.detail).toContain("task_id");
    await call("mark", `PATCH /api/executions/${id}`, { status: "CANCELLED" });
  });
});

test("a restart takes over what is complete, asks about what was begun, and has the rest done", async () => {
  const id = await started();
  await work();
  await report(id, { event_type: "task_complete", task_id: "task_1_1_a", output_data: { email_sent_to: "carol" } });
  expect((await work()).next_task.task_id).toBe("task_1_1_b");
  await report(id, { event_type: "task_started", task_id: "task_1_1_b" });
  await call("mark", `PATCH /api/executions/${id}`, { status: "CANCELLED" });
  const restart = (body: object) => call("mark", `POST /api/v1/executions/${id}/restart`, body);
  const strange = await restart({ scope: "execution", input: { plan_id: "other" } });
  expect([strange.status, strange.body.code]).toEqual([400, "invalid_input"]);
  const { status, body } = await restart({ scope: "execution" });
  expect(status).toBe(202);
  const next = String(body.execution_id);
  const detail = async () => (await call("mark", `GET /api/executions/${next}`)).body;
  await expect.poll(detail).toMatchObject({ plan_id: CAROL_PLAN_ID, status: "BLOCKED", agent_id: LARRY });
  const [interview] = (await detail()).tasks as { subtasks: { id: string; status: string; result_data: unknown }[] }[];
  expect(interview?.subtasks[0]).toMatchObject({ status: "COMPLETE", result_data: { email_sent_to: "carol" } });
  await call("mark", `POST /api/executions/${next}/resolve`, { task_id: "task_1_1_b", option: "complete_by_hand" });
  expect(await work()).toMatchObject({ execution_id: next, next_task: { task_id: "task_1_1_c" } });
  await call("mark", `PATCH /api/executions/${next}`, { status: "CANCELLED" });
});

describe("the table of moves", () => {
  test("is kept: what is not in it is 409 with the moves that are", async () => {
    const id = await started({ start: false });
    const move = async (status: string) => {
      const { status: code, body } = await call("mark", `PATCH /api/executions/${id}`, { status });
      return code === 200 ? body.status : [code, body.code];
    };
    expect((await call("mark", `GET /api/executions/${id}`)).body.status).toBe("CREATED");
    expect(await move("PAUSED")).toEqual([409, "invalid_state"]);
    expect(await move("RUNNING")).toEqual([409, "invalid_state"]);
    expect(await move("QUEUED")).toBe("QUEUED");
    expect(await move("PAUSED")).toEqual([409, "invalid_state"]);
    expect(await move("RUNNING")).toBe("RUNNING");
    expect(await move("PAUSED")).toBe("PAUSED");
    expect(await move("QUEUED")).toEqual([409, "invalid_state"]);
    expect(await move("RUNNING")).toBe("RUNNING");
    expect(await move("CANCELLED")).toBe("CANCELLED");
    expect(await move("CANCELLED")).toBe("CANCELLED");
    expect(await move("RUNNING")).toEqual([409, "invalid_state"]);
  });

  test("a repeated start finds its execution, and a list has it", async () => {
    const id = await started();
    const request = { plan_id: CAROL_PLAN_ID, id, agent_id: LARRY };
    const again = await call("mark", "POST /api/executions", request);
    expect([again.status, again.body.id]).toEqual([200, id]);
    const other = await call("mark", "POST /api/executions", { ...request, agent_id: "agent_moe" });
    expect([other.status, other.body.code]).toEqual([422, "idempotency_mismatch"]);
    await expect
      .poll(async () => (await call("mark", `GET /api/executions?plan_id=${CAROL_PLAN_ID}&status=QUEUED`)).body.items)
      .toMatchObject([{ id, status: "QUEUED", tasks_total: 3, tasks_completed: 0, current_task_id: "task_1_1_a" }]);
    const [listed] = (await call("mark", `GET /api/executions?status=QUEUED`)).body.items as {
      status_message: string;
    }[];
    expect(listed?.status_message).toContain("waits for an agent that polls");
    await call("mark", `PATCH /api/executions/${id}`, { status: "CANCELLED" });
  });
});

test("its stream begins with where it stands, and tells each report with the id that its agent was answered", async () => {
  const id = await started();
  const { webSocket } = await server.fetch("GET", `/api/executions/${id}/stream`, {
    key: String(keys.mark),
    headers: { upgrade: "websocket" },
  });
  const frames: Record<string, unknown>[] = [];
  webSocket?.addEventListener("message", ({ data }) => void frames.push(JSON.parse(String(data))));
  webSocket?.accept();
  const { next_task } = await work();
  const about = { event_type: "task_complete", task_id: next_task.task_id, status: "success", message: "Email sent." };
  const { body } = await report(id, { ...about, output_data: { email_sent_to: "carol" } });
  const told = () => frames.find(({ event_id }) => event_id === body.event_id);
  await expect.poll(told).toMatchObject({ type: "event", execution_id: id, ...{ event_type: "task_complete" } });
  expect(told()).toMatchObject({ task_id: next_task.task_id, message: "Email sent.", timestamp: expect.any(String) });
  expect(frames[0]).toMatchObject({
    ...{ type: "execution_update", execution_id: id, status: "QUEUED" },
    progress: {
      ...{ tasks_completed: 0, tasks_total: 3, percent: 0, current_task_id: "task_1_1_a" },
      current_task_title: "Send initial contact email",
    },
  });
  const running = frames.filter(({ type, status }) => type === "execution_update" && status === "RUNNING");
  expect(running.at(-1)).toMatchObject({ progress: { tasks_total: 3, current_task_id: "task_1_1_a" } });
  webSocket?.close();
  await call("mark", `PATCH /api/executions/${id}`, { status: "CANCELLED" });
});
