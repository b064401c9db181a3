/** The two frames of a plan stream, made of ours: upper-case statuses and its own words for events. */
import type { Frame } from "./frames.ts";

/** Reference 3's word for a status. */
const STATUS: ReadonlyMap<string, string> = new Map([
  ["pending", "CREATED"],
  ["queued", "QUEUED"],
  ["running", "RUNNING"],
  ["waiting", "BLOCKED"],
  ["blocked", "BLOCKED"],
  ["paused", "PAUSED"],
  ["succeeded", "COMPLETED"],
  ["failed", "FAILED"],
  ["timeout", "FAILED"],
  ["cancelled", "CANCELLED"],
]);

/** Reference 3's word for an event; types it has no word for keep ours, with underscores. */
const EVENT: ReadonlyMap<string, string> = new Map([
  ["agent.heartbeat", "heartbeat"],
  ["task.started", "task_started"],
  ["task.progressed", "task_progress"],
  ["task.completed", "task_complete"],
  ["task.failed", "task_error"],
  ["task.blocked", "task_blocked"],
  ["subtask.completed", "subtask_complete"],
]);

/** `undefined` for frames that a plan stream does not have. The snapshot becomes a first update. */
export function planFrame(executionId: string, frame: Frame): Record<string, unknown> | undefined {
  if (frame.type === "execution_update") {
    const { seq: _seq, ...update } = frame;
    return { ...update, status: upper(frame.status) };
  }
  if (frame.type === "snapshot") {
    const { status, created_at } = frame.execution;
    const progress = {
      tasks_completed: 0,
      tasks_total: 0,
      percent: 0,
      current_task_id: null,
      current_task_title: null,
    };
    return {
      type: "execution_update",
      execution_id: executionId,
      status: upper(status),
      progress,
      timestamp: created_at,
    };
  }
  if (frame.type === "delta") return undefined;
  const { seq, type, at, data } = frame.event;
  const text = (value: unknown) => (typeof value === "string" ? value : null);
  return {
    type: "event",
    event_id: `evt_${seq}`,
    execution_id: executionId,
    event_type: EVENT.get(type) ?? type.replaceAll(".", "_"),
    task_id: text(data.task_id),
    message: text(data.message) ?? text(data.reason) ?? text(data.name) ?? "",
    timestamp: at,
  };
}

function upper(status: string): string {
  return STATUS.get(status) ?? status.toUpperCase();
}
