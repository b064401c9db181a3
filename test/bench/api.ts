/** The few calls that rows make besides the load: start one, look at it, tell it something. */
import { setTimeout as sleep } from "node:timers/promises";

export interface Execution {
  readonly execution_id: string;
  readonly status: string;
  readonly status_reason?: string;
  readonly seq: number;
}

export async function call(method: "GET" | "POST", url: string, body?: unknown): Promise<Execution> {
  const response = await fetch(url, body === undefined ? { method } : { method, body: JSON.stringify(body) });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${url} answered ${response.status}: ${text.slice(0, 400)}`);
  return JSON.parse(text) as Execution;
}

export function start(
  server: string,
  { fn, input, runId = "bench" }: { readonly fn: string; readonly input: unknown; readonly runId?: string },
): Promise<Execution> {
  return fetch(`${server}/api/v1/execute/async/bench.${fn}`, {
    method: "POST",
    headers: { "x-run-id": runId },
    body: JSON.stringify({ input }),
  }).then((response) => response.json() as Promise<Execution>);
}

export const executionUrl = (server: string, id: string): string => `${server}/api/v1/executions/${id}`;

/** Looks again and again until the execution is as wanted, for a minute at most. */
export async function until(server: string, id: string, wanted: (execution: Execution) => boolean): Promise<Execution> {
  const end = Date.now() + 60_000;
  for (;;) {
    const execution = await call("GET", executionUrl(server, id));
    if (wanted(execution)) return execution;
    if (Date.now() > end) throw new Error(`${id} did not come to where it should: ${JSON.stringify(execution)}`);
    await sleep(20);
  }
}
