/** Waits for a run as a reader of its execution: shows what it does meanwhile, and stops where only a person can go on. */
import type { Client } from "../../client/client.ts";
import type { Execution } from "../../client/options.ts";
import type { EventBody } from "../../contract/executions/event-body.ts";

interface Following {
  readonly executionId: string;
  readonly signal: AbortSignal;
  readonly say: (text: string) => void;
}

const RESTS = ["execution.waiting", "execution.blocked", "execution.paused"];

/** How it stands when it has ended, or waits for a person. */
export async function followRun(client: Client, { executionId, signal, say }: Following): Promise<Execution<unknown>> {
  for await (const frame of client.stream(executionId, { signal })) {
    if (frame.type !== "event") continue;
    const line = progressOf(frame.event);
    if (line !== undefined) say(line);
    if (!RESTS.includes(frame.event.type)) continue;
    const execution = await client.get(executionId, { signal });
    if (waitsForPerson(execution)) return execution;
  }
  return client.get(executionId, { signal });
}

/** A run that waits for a child or a timer goes on by itself. */
function waitsForPerson({ status, waiting_for: waits }: Execution<unknown>): boolean {
  return status === "blocked" || status === "paused" || (status === "waiting" && waits !== undefined);
}

const WORDS = new Map([
  ["turn.started", "the model plans"],
  ["turn.failed", "the model did not answer"],
  ["tool.started", "begins"],
  ["tool.completed", "is done"],
  ["tool.failed", "failed"],
  ["child.started", "begins"],
]);

function progressOf({ type, at, data }: EventBody): string | undefined {
  const word = WORDS.get(type);
  if (word === undefined) return undefined;
  const what = data.target ?? data.name;
  const named = type.startsWith("turn.") || typeof what !== "string" ? "" : `${what} `;
  return `${at.slice(11, 19)}  ${named}${word}`;
}
