/**
 * Tasks of a plan that say not what to do are taken apart by executions beneath this one, when they are ready. Called only by
 * `decide`.
 *
 * - The id of such an execution is made of this one's and the task's, and each task is taken apart once: what is tried again, and
 *   how often, is the business of that execution.
 * - Its result is judged together with its end: one commit has both.
 */
import type { ChildFinished } from "../execution/child-command.ts";
import { sliceOf } from "../execution/child-origin.ts";
import type { Entry } from "../execution/entry.ts";
import type { NewEvent } from "../execution/event.ts";
import { isTerminal } from "../execution/status.ts";
import { Decomposition } from "../plan/decomposition.ts";
import { canonicalJson } from "../values/json.ts";
import { faultOfDecomposed, isWhole } from "../work/decomposed.ts";
import type { Piece } from "../work/order.ts";
import type { Work } from "../work/work.ts";
import type { LiveView } from "./decided.ts";

/** No name of a program holds a "#". */
const KEY = "#decompose:";
const TARGET = "errand.decompose";
/** So many tasks of one execution are taken apart at once. */
const MOST_AT_ONCE = 10;

/** Whether a task is taken apart by an execution beneath this one before a person is asked what to do. */
export function isToDecompose(work: Work, piece: Piece): boolean {
  if (work.plan.decompose === "never" || !isWhole(piece.task)) return false;
  return work.actionAt(piece.at) === null && work.state(piece).undecomposed === undefined;
}

/** Starts of those that are ready, in their order. */
export function decomposeReady(view: LiveView, work: Work): NewEvent[] {
  const room = MOST_AT_ONCE - work.count("decomposing");
  if (room <= 0) return [];
  const ready = work.ready.filter((piece) => isToDecompose(work, piece)).sort((a, b) => a.rank - b.rank);
  return ready.slice(0, room).flatMap((piece) => started(view, work, piece));
}

function started({ state, digest }: LiveView, work: Work, { id, task }: Piece): NewEvent[] {
  // Where nothing can make a digest nothing is started.
  if (!digest) return [{ type: "task.undecomposed", data: { task: id, why: "nothing can take it apart here" } }];
  const { goal, businessType, industry, targetCustomer } = work.plan;
  const { origin } = state;
  const input = {
    task: { task_id: id, title: task.title, description: task.description, assignee_role: task.assigneeRole },
    plan_context: { goal, business_type: businessType, industry, target_customer: targetCustomer },
    capabilities: null,
    agent_id: origin.plan?.agentId ?? null,
    execution_id: origin.id,
  };
  const childId = `decompose_${digest(canonicalJson([origin.id, id]))}`;
  const data = {
    ...{ key: `${KEY}${id}`, name: task.title.slice(0, 200), childId, target: TARGET, input },
    digest: digest(canonicalJson({ target: TARGET, input })),
    ...sliceOf({}, state),
    ...{ adopted: false, builtIn: "decomposition" as const },
  };
  return [
    { type: "child.started", data },
    { type: "task.decomposing", data: { task: id, childId } },
  ];
}

/** What follows from the end of an execution that took a task apart; nothing from the end of any other. */
export function afterDecomposition(view: LiveView, { key }: Pick<Entry, "key">, end: ChildFinished): NewEvent[] {
  if (!key.startsWith(KEY) || isTerminal(view.state.status)) return [];
  const work = view.work?.();
  const piece = work?.piece(key.slice(KEY.length));
  if (!work || !piece || work.state(piece).childId !== end.childId) return [];
  const { id: task } = piece;
  const failed = (why: string): NewEvent[] => [
    { type: "task.undecomposed", data: { task, why: `it could not be taken apart (${end.childId}): ${why}` } },
  ];
  if (!end.outcome.ok) return failed(end.outcome.error.message);
  const found = Decomposition.safeParse(end.outcome.value);
  if (!found.success || found.data.taskId !== task) return failed("its result is none of this task");
  const fault = faultOfDecomposed(work.plan, found.data);
  return fault === undefined ? [{ type: "task.decomposed", data: found.data }] : failed(fault);
}
