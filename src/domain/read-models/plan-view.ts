/** An execution of a plan as its readers and its agents see it. Plain data: it travels between actors. */
import type { ExecutionState } from "../execution/state.ts";
import type { Json } from "../values/json.ts";
import type { Reported } from "../work/report.ts";
import type { SubtaskState } from "../work/subtask-state.ts";
import type { Why } from "./why.ts";

export interface SubtaskView {
  readonly id: string;
  readonly title: string;
  readonly action: string | null;
  readonly maxAttempts: number;
  readonly state: SubtaskState;
  readonly result: Json | undefined;
}

export interface TaskView {
  readonly id: string;
  readonly title: string;
  readonly status: "QUEUED" | "RUNNING" | "BLOCKED" | "COMPLETE" | "ERROR";
  readonly completed: number;
  /** It is done as one piece, and has no subtasks. */
  readonly isWhole: boolean;
  readonly startedAtMs: number | undefined;
  readonly completedAtMs: number | undefined;
  readonly error: string | undefined;
  readonly subtasks: readonly SubtaskView[];
}

export interface PlanExecutionView {
  readonly state: ExecutionState;
  readonly current: { readonly id: string; readonly title: string } | undefined;
  readonly tasksCompleted: number;
  readonly subtasksCompleted: number;
  readonly why: Why | undefined;
  /** Absent in a list. */
  readonly tasks?: readonly TaskView[];
  /** Results were left out, because all of them together are too large for one answer. */
  readonly isCut?: boolean;
}

export interface LeaseView {
  readonly id: string;
  readonly epoch: number;
  readonly untilMs: number;
  readonly lastsMs: number;
}

/** A subtask as its agent gets it. */
export interface GivenTask {
  readonly id: string;
  readonly taskId: string;
  readonly title: string;
  readonly action: string;
  readonly params: Record<string, Json>;
  readonly timeoutHours: number;
  readonly maxAttempts: number;
  readonly backoff: "exponential" | "fixed";
  /** The wait before the next try, without jitter. */
  readonly backoffMs: number;
  readonly attempt: number;
  readonly idempotent: boolean;
  readonly successCriteria: readonly string[];
  readonly failureHandling: string | null;
  /** The data of the last progress that had some, else what was said of it. */
  readonly lastProgress: Json | undefined;
  readonly goal: string;
  readonly previous: readonly string[];
  readonly upcoming: readonly string[];
  readonly lease: LeaseView;
}

/** What an agent that asks for work is answered by one execution. */
export interface WorkAnswer {
  readonly executionId: string;
  readonly planId: string;
  readonly task: GivenTask | undefined;
  /** It hears for the first time that the execution was paused or cancelled. */
  readonly isNews: boolean;
  readonly forcePause: boolean;
  readonly forceCancel: boolean;
}

/** What became of one report. */
export interface ReportAnswer {
  readonly eventId: string;
  readonly executionId: string;
  readonly recordedAtMs: number;
  readonly applied: boolean;
  readonly why: string | undefined;
  readonly isDuplicate: boolean;
  readonly next: { readonly id: string; readonly action: string } | undefined;
  readonly message: string;
  readonly forcePause: boolean;
  readonly forceCancel: boolean;
  readonly lease: LeaseView | undefined;
  /** It blocked its subtask. */
  readonly blocked:
    | { readonly assignee: string; readonly options: readonly string[]; readonly review: boolean }
    | undefined;
  readonly status: ExecutionState["status"];
}

/** A report as it is listed. */
export interface ReportView extends Reported {
  readonly recordedAtMs: number;
  readonly seq: number;
  readonly applied: boolean;
}

export interface ReportQuery {
  readonly limit: number;
  /** Only reports before this number of the log. */
  readonly before?: number | undefined;
  /** Only those that name this task or subtask. */
  readonly subtask?: string | undefined;
}

export interface ReportPage {
  readonly reports: readonly ReportView[];
  /** Before which number the next page begins; `null` at the end. */
  readonly before: number | null;
}
