/** The two frames of a plan's stream, made of ours: upper-case statuses and the words of those who read plans. */
import { isTerminal } from "../../domain/execution/status.ts";
import type { PlanExecutionView } from "../../domain/read-models/plan-view.ts";
import { isRecord } from "../../domain/values/is-record.ts";
import type { ExecutionBody } from "../executions/body.ts";
import type { EventBody } from "../executions/event-body.ts";
import { API_STATUS } from "../plan-executions/bodies.ts";
import { iso } from "../wire.ts";
import type { Frame } from "./frames.ts";

/** Its fields, where an event has such a text. */
type Data = Readonly<Record<string, unknown>>;
type PlanFrame = Readonly<Record<string, unknown>>;

interface Progress {
  readonly tasks_completed: number;
  readonly tasks_total: number;
  readonly percent: number;
}

const NONE: Progress = { tasks_completed: 0, tasks_total: 0, percent: 0 };

/** One reader's stream. `plan`: the execution as it was before the first frame; absent for one that has no plan. */
export class PlanFrames {
  readonly #executionId: string;
  readonly #plan: PlanExecutionView | undefined;
  readonly #titles: Map<string, string>;
  /** The task or subtask that was taken last. */
  #current: string | null;

  constructor(executionId: string, plan: PlanExecutionView | undefined) {
    this.#executionId = executionId;
    this.#plan = plan;
    const pieces = (plan?.tasks ?? []).flatMap((task) => [...task.subtasks, task]);
    this.#titles = new Map(pieces.map(({ id, title }) => [id, title]));
    this.#current = plan?.current?.id ?? null;
  }

  /** `undefined` for frames that a plan's stream does not have. The snapshot becomes a first update. */
  of(frame: Frame): PlanFrame | undefined {
    switch (frame.type) {
      case "delta":
        return undefined;
      case "event":
        return this.#event(frame.event);
      case "snapshot":
        return this.#first(frame.execution);
      case "execution_update": {
        const { tasks_completed, tasks_total, percent, current_task_title } = frame.progress;
        const progress = { tasks_completed, tasks_total, percent };
        return this.#update({ status: frame.status, progress, timestamp: frame.timestamp, title: current_task_title });
      }
    }
  }

  /** The task has subtasks from now on that the plan did not have. */
  #learn(subtasks: unknown): void {
    for (const subtask of Array.isArray(subtasks) ? subtasks : []) {
      const { id, title } = isRecord(subtask) ? subtask : {};
      if (typeof id === "string" && typeof title === "string") this.#titles.set(id, title);
    }
  }

  #first({ status, created_at }: ExecutionBody): PlanFrame {
    const plan = this.#plan;
    if (!plan) return this.#update({ status, progress: NONE, timestamp: created_at });
    const { tasksCompleted: done, state } = plan;
    const total = state.work?.tasks ?? 0;
    const progress = { tasks_completed: done, tasks_total: total, percent: percentOf(done, total) };
    // Its counts and its status are of one moment, which may be later than that of the snapshot.
    return this.#update({ status: state.status, progress, timestamp: iso(state.updatedAtMs) });
  }

  #update(said: {
    readonly status: ExecutionBody["status"];
    readonly progress: Progress;
    readonly timestamp: string;
    readonly title?: string | null;
  }): PlanFrame {
    // In an execution that has ended nothing is worked at.
    const current = isTerminal(said.status) ? null : this.#current;
    const title = current === null ? (said.title ?? null) : (this.#titles.get(current) ?? null);
    return {
      ...{ type: "execution_update", execution_id: this.#executionId, status: API_STATUS[said.status] },
      progress: { ...said.progress, current_task_id: current, current_task_title: title },
      timestamp: said.timestamp,
    };
  }

  /** What an agent reported has the id and the words of its report, any other event its own. */
  #event({ seq, type, at, data }: EventBody): PlanFrame {
    const { [type === "agent.reported" ? "event_id" : ""]: reported, ...fields } = data as Data;
    const isTaken = type === "subtask.leased";
    if (isTaken) this.#current = textOf(fields.subtask);
    if (type === "task.decomposed") this.#learn(fields.subtasks);
    return {
      ...{ type: "event", event_id: textOf(reported) ?? `evt_${seq}`, execution_id: this.#executionId },
      event_type: reported === undefined ? type.replaceAll(".", "_") : fields.event_type,
      task_id: textOf(fields.task_id) ?? textOf(fields.subtask),
      ...(reported === undefined ? {} : { subtask_id: textOf(fields.subtask_id), applied: fields.applied }),
      message: textOf(fields.message) ?? textOf(fields.reason) ?? textOf(fields.name) ?? textOf(fields.why) ?? "",
      timestamp: at,
    };
  }
}

function percentOf(done: number, total: number): number {
  return total > 0 ? Math.floor((100 * done) / total) : 0;
}

function textOf(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}
