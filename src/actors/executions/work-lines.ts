/** What the log of the deployment is told of an execution of a plan: each change of its status, and each failure of a task. */

import { apiStatusOf } from "../../contract/plan-executions/bodies.ts";
import { maskPersonalData } from "../../contract/privacy/mask.ts";
import type { Event } from "../../domain/execution/event.ts";
import type { ExecutionState } from "../../domain/execution/state.ts";
import type { Status } from "../../domain/execution/status.ts";

interface Line {
  readonly level: "info" | "error";
  readonly message: string;
}

/** Where an event leads; `undefined` of one that changes no status. */
const LEADS_TO = new Map<Event["type"], Status>([
  ["execution.created", "pending"],
  ["execution.queued", "queued"],
  ["execution.started", "running"],
  ["execution.resumed", "running"],
  ["execution.blocked", "blocked"],
  ["execution.waiting", "waiting"],
  ["execution.paused", "paused"],
  ["execution.succeeded", "succeeded"],
  ["execution.failed", "failed"],
  ["execution.cancelled", "cancelled"],
  ["execution.timed_out", "timeout"],
]);

/** Of the events of one commit. The status before them is not in them: a commit's first change is told with where it came from. */
export class WorkLines {
  #status: Status | undefined;

  /** `status`: as the store had it when the object was opened. */
  constructor(status: Status | undefined) {
    this.#status = status;
  }

  of(events: readonly Event[], { origin }: ExecutionState): Line[] {
    if (!origin.plan) return [];
    return events.flatMap((event) => [...this.#moved(event, origin.id), ...failed(event)]);
  }

  #moved({ type }: Event, id: string): Line[] {
    const before = this.#status;
    const after = LEADS_TO.get(type);
    if (after === undefined) return [];
    this.#status = after;
    if (before === undefined || before === after) return [];
    return [{ level: "info", message: `Execution ${id} transitioned: ${apiStatusOf(before)} → ${apiStatusOf(after)}` }];
  }
}

const NO_REASON = "its agent gave no reason";

/** The message of a report was masked before it was stored; a person's own words are masked here. */
function failed({ type, data }: Event): Line[] {
  if (type === "subtask.failed") return [line(data.subtask, data.why)];
  if (type !== "agent.reported" || data.eventType !== "task_error" || !data.applied) return [];
  return [
    line(
      data.move?.subtask ?? data.subtaskId ?? data.taskId ?? "",
      data.errorMessage ?? data.message ?? data.errorType ?? NO_REASON,
    ),
  ];
}

function line(task: string, message: string): Line {
  return { level: "error", message: `Task ${task} failed: ${maskPersonalData(message)}` };
}
