/**
 * The plan that an execution does: phases, tasks and subtasks as they stand, who holds them until when, and what is blocked with
 * its options. Read again when the log has grown.
 */
import { useCallback, useRef } from "react";
import { Link } from "wouter";
import type { PlanExecutionDetails } from "../../client/plan-executions.ts";
import type { Plan } from "../../client/plans.ts";
import { useNow } from "../live/now.ts";
import { ReadView } from "../parts/read-view.tsx";
import { useRead, useReloadAfter } from "../parts/use-read.ts";
import { useClient } from "../session/session.tsx";
import { ganttOf } from "./gantt.ts";
import { Gantt } from "./gantt.tsx";
import { phasesOf } from "./phases.ts";
import { WorkTask } from "./work-task.tsx";
import "../styles/tables.css";
import "../styles/plans.css";

/** Agents report several events together. */
const AGAIN_MS = 300;

export function WorkView({ id, seq }: { readonly id: string; readonly seq: number }) {
  const client = useClient();
  const plans = useRef(new Map<string, Promise<Plan>>());
  const read = useRead(
    useCallback(
      async (signal: AbortSignal) => {
        const work = await client.plans.executions.get(id, { signal });
        const { plan_id: planId, plan_version: version } = work;
        // A version never changes.
        const known = plans.current.get(`${planId} ${version}`) ?? client.plans.get(planId, { version });
        plans.current.set(`${planId} ${version}`, known);
        return { work, plan: await known.catch(() => undefined) };
      },
      [client, id],
    ),
  );
  useReloadAfter(seq, read.reload, AGAIN_MS);
  return (
    <section className="panel work" aria-label="Plan">
      <ReadView read={read} what="The plan" rows={5}>
        {({ work, plan }) => (
          <>
            <Head work={work} />
            <Tasks work={work} plan={plan} onChanged={read.reload} />
            {plan && work.tasks.length > 0 && <Times work={work} plan={plan} />}
          </>
        )}
      </ReadView>
    </section>
  );
}

function Head({ work }: { readonly work: PlanExecutionDetails }) {
  const { plan_id: planId, plan_version: version, subtasks_completed: done, subtasks_total: total } = work;
  const href = `/plans/${encodeURIComponent(planId)}?version=${version}`;
  return (
    <header className="work-head">
      <h2>
        Plan <Link href={href}>{planId}</Link> <span className="quiet">version {version}</span>
      </h2>
      <span className="num">
        {done} of {total} subtasks, {work.tasks_completed} of {work.tasks_total} tasks
      </span>
      <progress className="work-progress" max={Math.max(1, total)} value={done} aria-label="Subtasks that are done" />
      {(work.pause_requested || work.cancel_requested) && (
        <p className="quiet">
          {work.cancel_requested ? "It is cancelled" : "It is paused"}; agents that hold work have not all heard it yet.
        </p>
      )}
    </header>
  );
}

interface TasksProps {
  readonly work: PlanExecutionDetails;
  readonly plan: Plan | undefined;
  readonly onChanged: () => void;
}

function Tasks({ work, plan, onChanged }: TasksProps) {
  const now = useNow(1_000);
  const phaseOf = new Map(plan?.tasks.map((task) => [task.id, task.phase_id]));
  const tasks = work.tasks.map((task) => ({ ...task, phase_id: phaseOf.get(task.plan_task_id) ?? null }));
  return (
    <div className="plan-tree">
      {phasesOf({ phases: plan?.phases ?? [], tasks }).map((phase) => (
        <section key={phase.id} className="plan-phase" aria-label={phase.title ?? "Tasks"}>
          <h3>{phase.title ?? "Tasks"}</h3>
          <ol>
            {phase.tasks.map((task) => (
              <WorkTask key={task.id} task={task} executionId={work.id} now={now} onChanged={onChanged} />
            ))}
          </ol>
        </section>
      ))}
    </div>
  );
}

function Times({ work, plan }: { readonly work: PlanExecutionDetails; readonly plan: Plan }) {
  const now = useNow(5_000, work.completed_at === null);
  const startMs = Date.parse(work.started_at ?? work.created_at);
  const nowMs = work.completed_at === null ? now : Date.parse(work.completed_at);
  const tasks = work.tasks.map((task) => ({ ...task, id: task.plan_task_id }));
  const rows = ganttOf({ plan, tasks, startMs, nowMs });
  return (
    <details className="work-times" open>
      <summary>Actual against estimated</summary>
      <Gantt rows={rows} startMs={startMs} statuses={new Map(tasks.map(({ id, status }) => [id, status]))} />
    </details>
  );
}
