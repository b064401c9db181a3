/** One task of a plan that is being done: its subtasks as they stand, who holds them, and what is blocked with its form. */
import type { PlanExecutionDetails } from "../../client/plan-executions.ts";
import { BlockedForm } from "../approvals/blocked-form.tsx";
import { JsonView } from "../parts/json-view.tsx";
import { Mark } from "../parts/mark.tsx";
import { When } from "../parts/when.tsx";

type Task = PlanExecutionDetails["tasks"][number];
type Subtask = Task["subtasks"][number];

const TASK_MARKS = {
  QUEUED: { kind: "rest", words: "Queued" },
  RUNNING: { kind: "ok", words: "Running" },
  BLOCKED: { kind: "warn", words: "Blocked" },
  COMPLETE: { kind: "ok", words: "Complete" },
  ERROR: { kind: "bad", words: "Error" },
} as const satisfies { readonly [S in Task["status"]]: object };

const SUBTASK_MARKS = {
  QUEUED: { kind: "rest", words: "Queued" },
  RUNNING: { kind: "ok", words: "Running" },
  COMPLETE: { kind: "ok", words: "Complete" },
  ERROR: { kind: "bad", words: "Error" },
  SKIPPED: { kind: "rest", words: "Skipped" },
} as const satisfies { readonly [S in Subtask["status"]]: object };

/** Where the state says more than the status. */
const FINER: Readonly<Partial<Record<Subtask["state"], { readonly kind: "ok" | "rest"; readonly words: string }>>> = {
  leased: { kind: "rest", words: "Given, not begun" },
  awaiting: { kind: "ok", words: "Waits for the outside" },
  delayed: { kind: "rest", words: "Will be tried again" },
  decomposing: { kind: "rest", words: "Is taken apart" },
};

interface Props {
  readonly task: Task;
  readonly executionId: string;
  readonly now: number;
  readonly onChanged: () => void;
}

/** Opened unless all of it is done, or nothing is. */
export function WorkTask({ task, executionId, now, onChanged }: Props) {
  const { title, status, subtasks_completed: done, subtasks_total: total } = task;
  return (
    <li className="plan-task" data-status={status}>
      <details open={status !== "COMPLETE" && status !== "QUEUED"}>
        <summary>
          <b className="long">{title}</b> <span className="mono quiet">{task.plan_task_id}</span>
          <span className="plan-about">
            <span className="quiet num">
              {done} of {total}
            </span>
            <Mark {...TASK_MARKS[status]} />
          </span>
        </summary>
        <Said error={task.error_message} isOpen={status === "BLOCKED" || status === "ERROR"} />
        <ol>
          {task.subtasks.map((subtask) => (
            <WorkSubtask key={subtask.id} subtask={subtask} {...{ executionId, now, onChanged }} />
          ))}
        </ol>
      </details>
    </li>
  );
}

/** What went wrong. Once the work goes on it is told of, and warns no more. */
function Said({ error, isOpen }: { readonly error: string | null; readonly isOpen: boolean }) {
  if (error === null) return null;
  return isOpen ? (
    <p className="fault keep-lines">{error}</p>
  ) : (
    <p className="quiet small keep-lines">The last time: {error}</p>
  );
}

function WorkSubtask({ subtask, executionId, now, onChanged }: Omit<Props, "task"> & { readonly subtask: Subtask }) {
  const { title, action, status, blocked, attempt, max_attempts: most } = subtask;
  const mark = blocked
    ? ({ kind: "warn", words: "Blocked" } as const)
    : (FINER[subtask.state] ?? SUBTASK_MARKS[status]);
  return (
    <li className="plan-subtask" data-blocked={blocked !== null}>
      <div className="work-subtask">
        <span className="long">{title}</span>
        {action !== null && <code className="quiet">{action}</code>}
        <span className="plan-about">
          {attempt > 1 && (
            <span className="quiet num">
              attempt {attempt} of {most}
            </span>
          )}
          <Mark {...mark} />
        </span>
      </div>
      <Lease subtask={subtask} now={now} />
      {!blocked && <Said error={subtask.error} isOpen={status === "ERROR"} />}
      {blocked && (
        <BlockedForm
          executionId={executionId}
          blocked={{ ...blocked, task_id: subtask.plan_subtask_id, options: blocked.next_step_options }}
          since={blocked.since}
          onDone={onChanged}
        />
      )}
      {subtask.result_data !== null && (
        <details>
          <summary className="quiet small">Result</summary>
          <JsonView value={subtask.result_data} name={`result of ${subtask.id}`} />
        </details>
      )}
    </li>
  );
}

/** Who holds it, and until when. */
function Lease({
  subtask: { agent_id: agent, lease_expires_at: expires },
  now,
}: {
  readonly subtask: Subtask;
  readonly now: number;
}) {
  if (agent === null) return null;
  return (
    <p className="quiet small">
      <span className="mono">{agent}</span> holds it
      {expires !== null && (
        <>
          ; its lease ends <When at={expires} now={now} />
        </>
      )}
    </p>
  );
}
