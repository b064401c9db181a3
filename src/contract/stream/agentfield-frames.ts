/**
 * Server-sent events in the words of AgentField: `id: N`, `event: execution`, and one JSON object. Of one execution they are made of its
 * events, and N is their seq; of a run, or of a tenant, of the rows that change, and N is their version.
 */
import * as z from "zod";
import { isTerminal, Status } from "../../domain/execution/status.ts";
import type { ExecutionBody } from "../executions/body.ts";
import type { EventBody } from "../executions/event-body.ts";
import type { FeedFrame } from "./feed.ts";
import type { Frame } from "./frames.ts";

const WORDS = [
  ...([
    "execution_created",
    "execution_started",
    "execution_updated",
    "execution_completed",
    "execution_failed",
  ] as const),
  ...(["execution_waiting", "execution_paused", "execution_resumed", "execution_cancelled"] as const),
  ...(["execution_approval_resolved", "execution_log", "execution_retried"] as const),
] as const;
type Word = (typeof WORDS)[number];

export const AgentFieldFrame = z.object({
  type: z.enum(WORDS),
  execution_id: z.string(),
  workflow_id: z.string(),
  agent_node_id: z.string(),
  status: Status,
  timestamp: z.iso.datetime(),
  data: z.unknown(),
});
export type AgentFieldFrame = z.infer<typeof AgentFieldFrame>;

export interface NumberedFrame {
  /** Absent: the reader is not behind all of this event yet. */
  readonly id?: number;
  readonly frame: AgentFieldFrame;
}

/** What an event of the log is called, and the status after it where it has one. */
const LIFECYCLE: ReadonlyMap<string, readonly [Word, Status]> = new Map([
  ["execution.created", ["execution_created", "pending"]],
  ["execution.queued", ["execution_updated", "queued"]],
  ["execution.started", ["execution_started", "running"]],
  ["execution.waiting", ["execution_waiting", "waiting"]],
  ["execution.suspended", ["execution_updated", "running"]],
  ["execution.blocked", ["execution_updated", "blocked"]],
  ["execution.paused", ["execution_paused", "paused"]],
  ["execution.resumed", ["execution_resumed", "running"]],
  ["execution.succeeded", ["execution_completed", "succeeded"]],
  ["execution.failed", ["execution_failed", "failed"]],
  ["execution.cancelled", ["execution_cancelled", "cancelled"]],
  ["execution.timed_out", ["execution_failed", "timeout"]],
] as const);
const OTHERS: ReadonlyMap<string, Word> = new Map([
  ["execution.recovered", "execution_retried"],
  ["gate.decided", "execution_approval_resolved"],
  ["gate.expired", "execution_approval_resolved"],
  ["progress.reported", "execution_updated"],
  ["note.added", "execution_updated"],
  ["log.reported", "execution_log"],
] as const);

/** One execution: what it is now, then each event that a reader of AgentField has a word for. */
export class ExecutionFrames {
  readonly #from: number;
  #about: Pick<ExecutionBody, "execution_id" | "workflow_id" | "target"> | undefined;
  #status: Status = "pending";

  constructor(from: number) {
    this.#from = from;
  }

  read(frame: Frame): readonly NumberedFrame[] {
    switch (frame.type) {
      case "snapshot":
        return this.#snapshot(frame.execution);
      case "event":
        return this.#event(frame.event);
      case "execution_update":
      case "delta":
        return [];
    }
  }

  /** The snapshot, said once; a reader that was cut off by us hears it again, and has it. */
  #snapshot(execution: ExecutionBody): readonly NumberedFrame[] {
    if (this.#about) return [];
    this.#about = execution;
    // The events that follow are older than what it is now.
    this.#status = this.#from > 0 ? execution.status : "pending";
    const { status, seq, created_at: timestamp } = execution;
    const data = { ...execution, seq };
    return [{ id: this.#from, frame: this.#frame({ type: "execution_updated", status, timestamp, data }) }];
  }

  #event({ seq: id, type, at: timestamp, data }: EventBody): readonly NumberedFrame[] {
    const [word, status = this.#status] = LIFECYCLE.get(type) ?? [OTHERS.get(type)];
    if (word === undefined) return [];
    this.#status = status;
    const entries = word === "execution_log" && Array.isArray(data.entries) ? data.entries : [data];
    return entries.map((entry: unknown, at) => ({
      ...(at === entries.length - 1 ? { id } : {}),
      frame: this.#frame({ type: word, status, timestamp, data: entry }),
    }));
  }

  #frame(said: Pick<AgentFieldFrame, "type" | "status" | "timestamp" | "data">): AgentFieldFrame {
    const { execution_id = "", workflow_id = "", target = "" } = this.#about ?? {};
    return { ...said, execution_id, workflow_id, agent_node_id: target.slice(0, Math.max(0, target.lastIndexOf("."))) };
  }
}

const OF_STATUS: Readonly<Record<Status, Word>> = {
  pending: "execution_created",
  queued: "execution_updated",
  running: "execution_started",
  waiting: "execution_waiting",
  blocked: "execution_updated",
  paused: "execution_paused",
  succeeded: "execution_completed",
  failed: "execution_failed",
  cancelled: "execution_cancelled",
  timeout: "execution_failed",
};
const HELD: readonly Status[] = ["waiting", "blocked", "paused"];

/** Many executions: each change of the row of one. */
export class RowFrames {
  readonly #known = new Map<string, { readonly status: Status; readonly version: number }>();
  /** Rows that are remembered to tell what changed; of the others each change is told by its status alone. */
  readonly #most: number;

  constructor(most = 10_000) {
    this.#most = most;
  }

  /** Nothing, where it says what is known. */
  read({ version, execution }: Pick<FeedFrame, "version" | "execution">): NumberedFrame | undefined {
    const { execution_id, workflow_id, agent_id, status, updated_at } = execution;
    const before = this.#known.get(execution_id);
    if (before && (before.version > version || (before.version === version && before.status === status)))
      return undefined;
    if (before || this.#known.size < this.#most) this.#known.set(execution_id, { status, version });
    const type = wordOf(before?.status, status);
    const about = { execution_id, workflow_id, agent_node_id: agent_id, status, timestamp: updated_at };
    return { id: version, frame: { type, ...about, data: execution } };
  }

  /** Nothing of what was read goes on. */
  get isOver(): boolean {
    return this.#known.size > 0 && [...this.#known.values()].every(({ status }) => isTerminal(status));
  }
}

function wordOf(before: Status | undefined, now: Status): Word {
  if (before === now) return "execution_updated";
  if (now === "running" && before !== undefined && HELD.includes(before)) return "execution_resumed";
  return OF_STATUS[now];
}
