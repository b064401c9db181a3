/**
 * Reports events in the order in which they were told, those that are told while a report is under way together. Each is told
 * until the server has it: its id makes a repetition the same event.
 */
import { ProblemError } from "../client/transport/errors.ts";
import type { AgentServer } from "./server.ts";
import type { AgentEvent, Reply } from "./wire.ts";

/** What the server says of a report. `isRefused`: it does not take it, and never will. */
export interface Told extends Reply {
  readonly isRefused?: true;
}

interface Queued {
  readonly event: AgentEvent;
  readonly bytes: number;
  readonly resolve: (reply: Told) => void;
  readonly reject: (error: unknown) => void;
}

interface ReporterParts {
  readonly server: Pick<AgentServer, "report">;
  /** Aborted when nothing more is to be sent. */
  readonly signal: AbortSignal;
  /** Called before each event is sent, once an event. */
  readonly onReport: (executionId: string, event: AgentEvent) => void;
  readonly onReply: (executionId: string, reply: Reply) => void;
}

/** As the server takes them. */
const MOST_EVENTS = 500;
const MOST_BYTES = 1_000_000;

export class Reporter {
  readonly #parts: ReporterParts;
  readonly #queues = new Map<string, Queued[]>();

  constructor(parts: ReporterParts) {
    this.#parts = parts;
  }

  /** Resolves with the server's word on it, also when it refuses the event; rejects when the agent ends before. */
  report(executionId: string, event: AgentEvent): Promise<Told> {
    this.#parts.onReport(executionId, event);
    return new Promise((resolve, reject) => {
      const told = { event, bytes: JSON.stringify(event).length, resolve, reject };
      const queue = this.#queues.get(executionId);
      if (queue) {
        queue.push(told);
        return;
      }
      const fresh = [told];
      this.#queues.set(executionId, fresh);
      void this.#send(executionId, fresh);
    });
  }

  /** Until nothing is left. What is told in one breath goes together. */
  async #send(executionId: string, queue: Queued[]): Promise<void> {
    await Promise.resolve();
    while (queue.length > 0) await this.#sendBatch(executionId, queue.splice(0, fitting(queue)));
    this.#queues.delete(executionId);
  }

  async #sendBatch(executionId: string, batch: readonly Queued[]): Promise<void> {
    const { server, signal, onReply } = this.#parts;
    try {
      const events = batch.map(({ event }) => event);
      const answer = await server.report(executionId, events, signal);
      const replies = "results" in answer ? answer.results : [answer];
      for (const [at, { resolve }] of batch.entries()) {
        const reply = replies[at] ?? refusedBy("the server told nothing of it");
        onReply(executionId, reply);
        resolve(reply);
      }
    } catch (error) {
      if (!(error instanceof ProblemError)) for (const { reject } of batch) reject(error);
      // One event that does not fit has all of them refused: each is told by itself.
      else if (batch.length > 1) for (const told of batch) await this.#sendBatch(executionId, [told]);
      else for (const { resolve } of batch) resolve(refusedBy(error.message));
    }
  }
}

function fitting(queue: readonly Queued[]): number {
  let bytes = 0;
  const full = queue.findIndex((told, at) => {
    bytes += told.bytes;
    return at >= MOST_EVENTS || (at > 0 && bytes > MOST_BYTES);
  });
  return full === -1 ? queue.length : full;
}

function refusedBy(reason: string): Told {
  return { applied: false, reason, force_pause: false, force_cancel: false, isRefused: true };
}
