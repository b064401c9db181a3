/** Phases, their tasks, and the subtasks of each, as a tree that opens and closes. */
import type { Plan } from "../../client/plans.ts";
import { JsonView } from "../parts/json-view.tsx";
import { phasesOf } from "./phases.ts";

type Task = Plan["tasks"][number];
type Subtask = Task["subtasks"][number];

export function PlanTree({ plan }: { readonly plan: Plan }) {
  return (
    <div className="plan-tree">
      {phasesOf(plan).map(({ id, title, tasks }) => (
        <section key={id} className="plan-phase" aria-label={title ?? "Without a phase"}>
          <h3>{title ?? "Without a phase"}</h3>
          <ol>
            {tasks.map((task) => (
              <TaskItem key={task.id} task={task} />
            ))}
          </ol>
        </section>
      ))}
    </div>
  );
}

function TaskItem({ task }: { readonly task: Task }) {
  const { title, estimated_hours: hours, assignee_role: role, is_blocking: blocks, subtasks, description } = task;
  return (
    <li className="plan-task">
      <details open={subtasks.length > 0}>
        <summary>
          <b className="long">{title}</b> <span className="mono quiet">{task.id}</span>
          <span className="plan-about quiet">
            {role !== null && <span>{role}</span>}
            {hours !== null && <span className="num">{hours} h</span>}
            {blocks && <span className="tag">blocks what follows</span>}
          </span>
        </summary>
        {description !== "" && <p className="quiet long">{description}</p>}
        <After ids={task.prerequisite_task_ids} />
        <ol>
          {subtasks.map((subtask) => (
            <SubtaskItem key={subtask.id} subtask={subtask} />
          ))}
        </ol>
      </details>
    </li>
  );
}

function SubtaskItem({ subtask }: { readonly subtask: Subtask }) {
  const { title, action, params, alternatives, retry_policy: retry } = subtask;
  return (
    <li className="plan-subtask">
      <details>
        <summary>
          <span className="long">{title}</span> <span className="mono quiet">{subtask.id}</span>
          <span className="plan-about quiet">{action === null ? "no action yet" : <code>{action}</code>}</span>
        </summary>
        <After ids={subtask.prerequisite_subtask_ids} />
        {Object.keys(params).length > 0 && <JsonView value={params} name={`params of ${subtask.id}`} />}
        <p className="quiet small">
          At most {retry.max_attempts} attempts, {retry.backoff} backoff, {subtask.timeout_hours} h each.
          {alternatives.length > 0 &&
            ` Instead, when it is blocked: ${alternatives.map(({ option }) => option).join(", ")}.`}
        </p>
      </details>
    </li>
  );
}

function After({ ids }: { readonly ids: readonly string[] }) {
  if (ids.length === 0) return null;
  return (
    <p className="quiet small">
      After <span className="mono">{ids.join(", ")}</span>
    </p>
  );
}
