/** What readers and agents of a plan's execution ask its object. */
import type { Held } from "../../domain/execution/access.ts";
import type { Principal } from "../../domain/execution/principal.ts";
import { agentOf } from "../../domain/node/polling-agent.ts";
import type { PlanExecutionView, ReportPage, ReportQuery } from "../../domain/read-models/plan-view.ts";
import type { Result } from "../../domain/values/fault.ts";
import { accept, refuse } from "../../domain/values/fault.ts";
import type { DurableExecution } from "../../engine/execution/durable-execution.ts";
import { planViewOf } from "../../engine/work/plan-view.ts";
import { reportPage } from "../../engine/work/report-page.ts";

/** As a caller stands to it: an agent that polls sees it once it has held a lease there. */
export function heldBy({ state, journal }: DurableExecution, { subject }: Principal): Held | undefined {
  if (!state) return undefined;
  const agent = state.origin.plan ? agentOf(subject) : undefined;
  return agent !== undefined && journal.work.knows(agent) ? { ...state.origin, lease: { subject } } : state.origin;
}

export function planOf(execution: DurableExecution, how: { readonly brief: boolean }): Result<PlanExecutionView> {
  const view = planViewOf(execution.journal, how);
  return view ? accept(view) : noPlan();
}

export function reportsOf({ journal, state }: DurableExecution, query: ReportQuery): Result<ReportPage> {
  return state?.origin.plan ? accept(reportPage(journal, query)) : noPlan();
}

function noPlan() {
  return refuse("not_found", "there is no such execution");
}
