/** The few calls that rows make besides the load: start one, look at it, tell it something. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Subject } from "./subject.ts";

export interface Execution {
  readonly execution_id: string;
  readonly status: string;
  readonly status_reason?: string;
  readonly seq: number;
}

export async function call(
  { url, caller }: Subject,
  path: `GET ${string}` | `POST ${string}`,
  body?: unknown,
): Promise<Execution> {
  const [method = "", where = ""] = path.split(" ");
  const text = body === undefined ? {} : { body: JSON.stringify(body) };
  const response = await fetch(`${url}${where}`, { method, headers: caller.headers, ...text });
  const answer = await response.text();
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${answer.slice(0, 400)}`);
  return JSON.parse(answer) as Execution;
}

export async function start(
  { url, caller }: Subject,
  { fn, input, runId = "bench" }: { readonly fn: string; readonly input: unknown; readonly runId?: string },
): Promise<Execution> {
  const response = await fetch(`${url}/api/v1/execute/async/bench.${fn}`, {
    method: "POST",
    headers: { ...caller.headers, "x-run-id": runId },
    body: JSON.stringify({ input }),
  });
  if (response.status !== 202) throw new Error(`bench.${fn} was not accepted: ${await response.text()}`);
  return (await response.json()) as Execution;
}

export const executionPath = (id: string): string => `/api/v1/executions/${id}`;

/** Looks again and again until the execution is as wanted, for a minute at most. */
export async function until(
  subject: Subject,
  id: string,
  wanted: (execution: Execution) => boolean,
): Promise<Execution> {
  const end = Date.now() + 60_000;
  for (;;) {
    const execution = await call(subject, `GET ${executionPath(id)}`);
    if (wanted(execution)) return execution;
    if (Date.now() > end) throw new Error(`${id} did not come to where it should: ${JSON.stringify(execution)}`);
    await sleep(20);
  }
}
