/**
 * What lies in the mailbox of an agent that polls: pieces of work that it may take, that it has, and that wait for a person. Made
 * of the executions of plans that are open, and of the plans that they do. Pure.
 */
import type { PlanExecutionDetails } from "../../client/plan-executions.ts";
import type { Plan } from "../../client/plans.ts";
import type { PollingAgent } from "../../client/polling-agents.ts";

type Subtask = PlanExecutionDetails["tasks"][number]["subtasks"][number];

/** An open execution, with its version of the plan; undefined where that cannot be read. */
export interface OpenWork {
  readonly work: PlanExecutionDetails;
  readonly plan: Plan | undefined;
}

/** `held`: the agent has its lease. `offered`: it gets it when it asks. `blocked`: a person decides. */
type Place = "held" | "blocked" | "offered";

export interface MailItem {
  readonly place: Place;
  readonly executionId: string;
  readonly planId: string;
  readonly subtask: Subtask;
  readonly taskTitle: string;
}

const ORDER: readonly Place[] = ["held", "blocked", "offered"];

export function mailboxOf(agent: PollingAgent, open: readonly OpenWork[]): readonly MailItem[] {
  const items = open.flatMap(({ work, plan }) => {
    const getsWork = agent.is_active && agent.drained_until === null;
    const ready = getsWork && isOfferedTo(agent, work) ? readyIn(work, plan) : new Set<string>();
    return work.tasks.flatMap((task) =>
      task.subtasks.flatMap((subtask): MailItem[] => {
        const place = placeOf(subtask, { agent, work, ready });
        if (place === undefined) return [];
        return [{ place, executionId: work.id, planId: work.plan_id, subtask, taskTitle: task.title }];
      }),
    );
  });
  return items.sort((a, b) => ORDER.indexOf(a.place) - ORDER.indexOf(b.place));
}

/** True for an execution that runs, and is for this agent or for each that can. */
function isOfferedTo(
  { id }: PollingAgent,
  { status, agent_id: only, pause_requested, cancel_requested }: OpenWork["work"],
) {
  return status === "RUNNING" && !pause_requested && !cancel_requested && (only === null || only === id);
}

interface Around {
  readonly agent: PollingAgent;
  readonly work: PlanExecutionDetails;
  readonly ready: ReadonlySet<string>;
}

function placeOf(subtask: Subtask, { agent, work, ready }: Around): Place | undefined {
  if (subtask.agent_id === agent.id) return subtask.blocked === null ? "held" : "blocked";
  // Its lease has ended with the block: of a plan of this agent alone it is this agent's.
  if (subtask.blocked !== null) return work.agent_id === agent.id ? "blocked" : undefined;
  const can = agent.capabilities.some(({ action }) => action === subtask.action);
  return ready.has(subtask.plan_subtask_id) && can ? "offered" : undefined;
}

/** Ids of subtasks at which an agent may begin: all that they wait for is complete or skipped. */
function readyIn({ tasks }: PlanExecutionDetails, plan: Plan | undefined): ReadonlySet<string> {
  const isOver = ({ status }: Subtask) => status === "COMPLETE" || status === "SKIPPED";
  const subtasks = tasks.flatMap((task) => task.subtasks);
  const done = new Set(subtasks.filter(isOver).map((subtask) => subtask.plan_subtask_id));
  const tasksDone = new Set(tasks.filter((task) => task.subtasks.every(isOver)).map((task) => task.plan_task_id));
  const planned = new Map(plan?.tasks.map((task) => [task.id, task]));
  return new Set(
    tasks.flatMap((task) => {
      const wanted = planned.get(task.plan_task_id);
      if (!wanted?.prerequisite_task_ids.every((id) => tasksDone.has(id))) return [];
      const needs = new Map(wanted.subtasks.map((subtask) => [subtask.id, subtask.prerequisite_subtask_ids]));
      const isReady = ({ plan_subtask_id: id, state }: Subtask) =>
        state === "queued" && (needs.get(id) ?? []).every((one) => done.has(one));
      return task.subtasks.filter(isReady).map((subtask) => subtask.plan_subtask_id);
    }),
  );
}

/** `1 held, 2 offered`; empty for nothing. */
export function mailInWords(items: readonly MailItem[]): string {
  return ORDER.flatMap((place) => {
    const found = items.filter((item) => item.place === place).length;
    return found === 0 ? [] : [`${found} ${place}`];
  }).join(", ");
}
