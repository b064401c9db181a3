/** Executions of plans as the rows need them: each with one subtask that an agent holds and has begun, or with many that nobody has. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Subject } from "./subject.ts";

const ACTION = "bench";
const SUBTASK = "s0";

interface Answer {
  readonly id: string;
  readonly work_available?: boolean;
  readonly execution_id: string;
  readonly next_cursor?: string | null;
}

/** `undefined` for an answer without a body. */
export async function ask({ url, caller }: Subject, asked: string, body?: unknown): Promise<Answer | undefined> {
  const [method = "", path = ""] = asked.split(" ");
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  const headers = { ...caller.headers, "content-type": "application/json" };
  const response = await fetch(`${url}${path}`, { method, headers, ...sent });
  const text = await response.text();
  if (!response.ok) throw new Error(`${asked} answered ${response.status}: ${text.slice(0, 400)}`);
  return text === "" ? undefined : (JSON.parse(text) as Answer);
}

export async function register(subject: Subject, id: string): Promise<void> {
  await ask(subject, "POST /api/agents/register", { id, capabilities: [ACTION] });
}

/** Starts so many executions of one plan, for this agent alone. Returns their ids. */
export async function startPlans(
  subject: Subject,
  { agent, executions, subtasks }: { readonly agent?: string; readonly executions: number; readonly subtasks: number },
): Promise<string[]> {
  const plan_id = `bench_${subtasks}`;
  const own = Array.from({ length: subtasks }, (_none, n) => ({ id: `s${n}`, title: `Subtask ${n}`, action: ACTION }));
  await ask(subject, "POST /api/plans", {
    plan_id,
    goal: "Be measured",
    tasks: [{ id: "t", title: "T", subtasks: own }],
  });
  const ids: string[] = [];
  for (let n = 0; n < executions; n += 1) {
    const request = { plan_id, ...(agent === undefined ? {} : { agent_id: agent }) };
    ids.push((await ask(subject, "POST /api/executions", request))?.id ?? "");
  }
  return ids;
}

const HELD_LIMIT_MS = 60_000;

/** As `startPlans`, each with a subtask that the agent holds and has begun. */
export async function heldPlans(subject: Subject, agent: string, executions: number): Promise<string[]> {
  await register(subject, agent);
  const ids = await startPlans(subject, { agent, executions, subtasks: 1 });
  const held = new Set<string>();
  for (const end = Date.now() + HELD_LIMIT_MS; held.size < ids.length; ) {
    if (Date.now() > end) throw new Error(`of ${ids.length} executions ${agent} holds ${held.size}`);
    const given = await ask(subject, `GET /api/agents/${agent}/work?wait=5`);
    if (given?.work_available !== true) {
      await sleep(20);
      continue;
    }
    held.add(given.execution_id);
    const started = { agent_id: agent, event_type: "task_started", task_id: SUBTASK };
    await ask(subject, `POST /api/executions/${given.execution_id}/events`, started);
  }
  return ids;
}

export async function cancelPlans(subject: Subject, ids: readonly string[], agent: string): Promise<void> {
  for (const id of ids) await ask(subject, `PATCH /api/executions/${id}`, { status: "CANCELLED" });
  await ask(subject, `DELETE /api/agents/${agent}`);
}

/** One event of an agent that is at work, of a usual size; or so many of them. */
export function progressOf(agent: string, batch: number): object {
  const event = {
    agent_id: agent,
    agent_timestamp: "2026-02-11T16:09:45Z",
    event_type: "task_progress",
    task_id: SUBTASK,
    status: "running",
    message: "Email sent and response received. Ready for next step.",
    output_data: { email_sent_to: "carol@bittersweet-farm.com", recipient_response_received: true },
  };
  return batch === 1 ? event : { events: Array.from({ length: batch }, () => event) };
}
