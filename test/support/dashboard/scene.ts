/** A server with executions of every kind, for pages that are looked at: some run, some wait, some failed, one is in doubt. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Client } from "../../../src/client/index.ts";
import type { Today } from "./scene-of-today.ts";
import { makeToday } from "./scene-of-today.ts";

/** Breaks off each transfer, so that it is not known whether it happened. Anything else it answers. */
export async function startCarelessBank(): Promise<{ readonly url: string; close(): void }> {
  const bank = createServer((request, response) => {
    request.resume();
    if (request.url === "/transfer") return response.destroy();
    return response.writeHead(200, { "content-type": "application/json" }).end('{"reference":"res_1","notified":true}');
  });
  bank.listen({ port: 0, host: "127.0.0.1" });
  await once(bank, "listening");
  const { port } = bank.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, close: () => bank.close() };
}

/** Execution ids by what they show. */
export interface Scene extends Today {
  readonly agentic: string;
  readonly children: string;
  readonly waiting: string;
  /** The approval for which that waits. */
  readonly asked: string;
  readonly sleeping: string;
  readonly doubtful: string;
  readonly failed: string;
  readonly cancelled: string;
  readonly paused: string;
  readonly turns: string;
  /** Does a plan; its second subtask is blocked. */
  readonly planned: string;
  /** Follows `turns`, from its second turn on. */
  readonly restarted: string;
  /** Its webhook is told to a bank that answers, and was told once. */
  readonly hooked: string;
  /** A run with children. */
  readonly run: string;
}

export async function makeScene(client: Client, bankUrl: string): Promise<Scene> {
  const run = async (target: string, input: object) => (await client.execute(target, input)).execution_id;
  const agentic = await run("catalog.enrich", { items: [41, 730] });
  const complaint = { customer_id: "cust_4711", message: "This is the third time!" };
  const budget = { max_cost_usd: 1.5, max_turns: 20, max_children: 5 };
  const { execution_id: children } = await client.execute("support-agent.triage", complaint, { budget });
  const turns = await run("writer.draft", { topic: "How tea is grown", paragraphs: 3 });
  const waiting = await run("approvals.demo", { claim: "claim-12345", amount: 1_250 });
  await run("approvals.demo", { claim: "claim-12346", amount: 80 });
  const doubtful = await run("ledger.transfer", { transfer_id: "t-1", from: "alice", to: "bob", amount: 12_500 });
  const failed = await run("order-desk.order_intake", { order_id: "o-1", customer: "Ada", lines: [] }).catch(() =>
    run("catalog.enrich", { items: [999_999_999] }),
  );
  const begin = async (target: string, input: object) => (await client.executeAsync(target, input)).execution_id;
  const sleeping = await begin("clock.remind", { message: "The tea is ready", seconds: 3_600 });
  const cancelled = await begin("clock.remind", { message: "Never mind", seconds: 3_600 });
  const paused = await begin("clock.remind", { message: "Later", seconds: 3_600 });
  for (const id of [sleeping, cancelled, paused])
    await client.wait(id, { until: ({ status_reason: reason }) => reason === "sleeping" });
  await client.cancel(cancelled, { reason: "it is not needed any more" });
  await client.pause(paused);
  const webhook = { url: `${bankUrl}/told` };
  const { execution_id: hooked } = await client.execute("clock.remind", { message: "Told", seconds: 0 }, { webhook });
  const [, second] = (await client.effects(turns)).filter(({ kind }) => kind === "turn");
  const anew = { scope: "execution", reuse: "all-succeeded", from: second?.key ?? "", fork: true } as const;
  const { execution_id: restarted } = await client.restart(turns, anew);
  await makeKept(client);
  await makePlan(client);
  const planned = await makeBlockedPlan(client, "plan_carol");
  const today = await makeToday(client);
  const { run_id: inRun } = await client.get(children);
  const { approval_request_id: asked = "" } = await client.get(waiting);
  return {
    ...today,
    agentic,
    children,
    hooked,
    run: inRun,
    waiting,
    asked,
    sleeping,
    doubtful,
    failed,
    cancelled,
    paused,
    turns,
    planned,
    restarted,
  };
}

/** Two versions of one plan. */
async function makePlan(client: Client): Promise<void> {
  const phases = [
    { phase_id: "phase_1", title: "Prospecting" },
    { phase_id: "phase_2", title: "Proposal" },
  ];
  const interview = {
    ...{ id: "task_1", phase_id: "phase_1", title: "Interview Carol", estimated_hours: 6, is_blocking: true },
    subtasks: [
      {
        ...{ id: "task_1_a", title: "Send the request", action: "send_email", params: { to: "carol@example.com" } },
        alternatives: [{ option: "approve_phone_call", action: "make_phone_call", params: { number: "860-555-0100" } }],
      },
      { id: "task_1_b", title: "Write it down", action: "document_findings", prerequisite_subtask_ids: ["task_1_a"] },
    ],
  };
  const proposal = { id: "task_2", phase_id: "phase_2", title: "Write a proposal", prerequisite_task_ids: ["task_1"] };
  const plan = { plan_id: "plan_carol", goal: "Win Carol as a customer", phases, tasks: [interview] };
  await client.plans.create(plan);
  await client.plans.create({ ...plan, tasks: [interview, proposal] });
}

/** An agent has done the first subtask of the plan and is blocked at the second. Returns the execution. */
export async function makeBlockedPlan(client: Client, planId: string): Promise<string> {
  const agent = "agent_larry";
  const capabilities = ["send_email", "make_phone_call", "document_findings"].map((action) => ({ action, params: {} }));
  await client.pollingAgents.register({ id: agent, name: "Larry", role: "Business Analyst", capabilities });
  const { executions } = client.plans;
  const { id } = await executions.start({ plan_id: planId, agent_id: agent });
  const next = async () => {
    for (;;) {
      const work = await executions.poll(agent, { wait: 10 });
      if (work && "next_task" in work) return work.next_task.task_id;
    }
  };
  const report = { agent_id: agent, agent_timestamp: new Date().toISOString() };
  const first = await next();
  await executions.report(id, { ...report, event_type: "task_started", task_id: first });
  await executions.report(id, { ...report, event_type: "task_complete", task_id: first, output_data: { sent: true } });
  const second = await next();
  await executions.report(id, {
    ...{ ...report, event_type: "task_error", task_id: second, human_review_required: true },
    ...{ error_type: "external_dependency_blocked", error_message: "Carol does not answer", suggestions: ["Call her"] },
  });
  return id;
}

/** What does not belong to one execution: schedules that never fire by themselves today, a session, values in memory, a key. */
async function makeKept(client: Client): Promise<void> {
  const reminder = { target: "clock.remind", input: { message: "Tea", seconds: 1 } };
  await client.schedules.create({
    ...reminder,
    schedule_id: "tea-at-five",
    cron: "0 17 1 1 *",
    timezone: "Europe/Berlin",
  });
  await client.schedules.create({
    ...reminder,
    schedule_id: "each-evening",
    cron: "0 20 * * *",
    timezone: "Europe/Berlin",
  });
  await client.schedules.create({ ...reminder, schedule_id: "each-day-of-work", cron: "30 8 * * 1-5" });
  await client.schedules.create({ ...reminder, schedule_id: "each-six-hours", every: "6h" });
  await client.schedules.create({ ...reminder, schedule_id: "each-quarter-of-an-hour", every: "15m" });
  await client.schedules.create({ ...reminder, schedule_id: "every-three-hundred-days", every: "300d", paused: true });
  await client.schedules.trigger("tea-at-five");
  await client.execute("clock.remind", { message: "Hello", seconds: 0 }, { sessionId: "chat-7" });
  await client.memory.set("greeting", { text: "Good morning", languages: ["en", "de"] }, { scope: "global" });
  await client.memory.set("last_seen", "2026-11-27", { scope: "global", ttlSeconds: 86_400 });
  await makeUnbroken(client);
  await client.keys.create({ name: "the shop", scopes: ["execute", "read"], subject: "shop@example.com" });
}

/** Names of others, as long as they may be and without a place to break: they widen no page. */
async function makeUnbroken(client: Client): Promise<void> {
  const text = `<img src=x onerror=alert(1)>\u202e${"unbroken".repeat(60)}`;
  const reasoners = [{ id: `f_${"function_".repeat(13)}`, description: text, tags: [], input_schema: {} }];
  const version = `9.9.9-${"beta".repeat(12)}`;
  await client.nodes.register({ id: "n".repeat(60), version, base_url: "http://127.0.0.1:9/path", reasoners });
  await client.agents.put("reports.unbroken", {
    ...{ name: "reports.unbroken", version: `0.1.0-${"beta".repeat(20)}`, description: text, capabilities: [text] },
    ...{ skills_available: ["text.count"], reasoning_mode: "oneshot" },
  });
}
