/** What is asked of the execution of a plan: by agents that poll, by people who decide, by its own engine. */
import type { Json } from "../values/json.ts";
import type { Reported } from "../work/report.ts";

/** An agent asks for work. `actions`: those it does, and whether each may be done twice. */
export interface TakeWork {
  readonly type: "take_work";
  readonly agentId: string;
  readonly role: string | null;
  readonly actions: Readonly<Record<string, boolean>>;
  readonly leaseId: string;
  /** Left to agents of other roles, which would take it now. */
  readonly reserved?: readonly Reserved[];
}

/** These actions, where a subtask asks for this role. */
export interface Reserved {
  readonly role: string;
  readonly actions: readonly string[];
}

export interface ReportWork {
  readonly type: "report_work";
  readonly report: Reported;
  /** The lease under which it was done; absent: the one that the agent holds. */
  readonly leaseId?: string | undefined;
  /** Names the approval that the report may open. */
  readonly gateId: string;
  /** For the jitter of its next try: uniform in [0, 1). */
  readonly draw: number;
}

/** A person says how a blocked subtask goes on. */
export interface ResolveWork {
  readonly type: "resolve_work";
  /** Absent: the only one that is blocked. */
  readonly subtask?: string | undefined;
  readonly option: string;
  readonly action?: string | undefined;
  readonly params?: Record<string, Json> | undefined;
  readonly output?: Json | undefined;
  readonly comment?: string | undefined;
  readonly by: string;
}

/** A person has another one asked about a blocked subtask. */
export interface EscalateWork {
  readonly type: "escalate_work";
  /** Absent: the only one that is blocked. */
  readonly subtask?: string | undefined;
  readonly to: string;
  readonly by: string;
}

export type WorkCommand =
  | TakeWork
  | ReportWork
  | ResolveWork
  | EscalateWork
  /** One that was made without being queued. */
  | { readonly type: "queue_plan" }
  /** Its first work is done by a person, or is about to be. */
  | { readonly type: "begin_plan" }
  | { readonly type: "dismiss_failure"; readonly by: string };

/** The engine looks at what follows from where the work stands. */
export interface SettleWork {
  readonly type: "settle_work";
}
