/** Commands to the execution of a plan, and its timers. Called only by `decide`. */
import { isTerminal } from "../execution/status.ts";
import type { SettleWork, WorkCommand } from "../execution/work-command.ts";
import { refuse } from "../values/fault.ts";
import { unreachable } from "../values/json.ts";
import type { Decided, LiveView } from "./decided.ts";
import { accepted, illegal } from "./decided.ts";
import { endLease, escalate, redeliver, takeWork } from "./work-lease.ts";
import { reportWork } from "./work-report.ts";
import { escalateWork, resolveWork } from "./work-resolve.ts";
import { settleWork } from "./work-settle.ts";

const COMMANDS: Readonly<Record<(WorkCommand | SettleWork)["type"], true>> = {
  take_work: true,
  report_work: true,
  resolve_work: true,
  escalate_work: true,
  queue_plan: true,
  begin_plan: true,
  dismiss_failure: true,
  settle_work: true,
};

export function isOfWork<T extends { readonly type: string }>(
  command: T,
): command is Extract<T, { type: (WorkCommand | SettleWork)["type"] }> {
  return Object.hasOwn(COMMANDS, command.type);
}

export function decideOnWork(view: LiveView, command: WorkCommand | SettleWork, now: number): Decided {
  const work = view.work?.();
  if (!work) return refuse("not_found", "there is no such execution");
  const { state } = view;
  switch (command.type) {
    case "take_work":
      return takeWork(view, work, { command, now });
    case "report_work":
      return reportWork(view, work, { command, now });
    case "resolve_work":
      return resolveWork(view, work, command);
    case "escalate_work":
      return escalateWork(view, work, command);
    case "settle_work":
      return settleWork(view, work);
    case "queue_plan":
      if (state.status === "queued") return accepted();
      if (state.status !== "pending") return illegal(state, "be queued");
      return accepted({ type: "execution.queued", data: {} });
    case "begin_plan":
      if (state.status === "running") return accepted();
      if (state.status !== "queued") return illegal(state, "begin");
      return accepted({ type: "execution.started", data: {} });
    case "dismiss_failure":
      if (state.status !== "failed" && state.status !== "timeout") return illegal(state, "be dismissed");
      return state.work?.dismissed ? accepted() : accepted({ type: "failure.dismissed", data: { by: command.by } });
  }
  return unreachable(command);
}

type WorkTimer = "lease" | "redelivery" | "escalation";

export function isWorkTimer(kind: string): kind is WorkTimer {
  return kind === "lease" || kind === "redelivery" || kind === "escalation";
}

export function fireWorkTimer(
  view: LiveView,
  { kind, subject }: { readonly kind: WorkTimer; readonly subject: string },
  now: number,
): Decided {
  const work = view.work?.();
  if (!work || isTerminal(view.state.status)) return accepted();
  switch (kind) {
    case "lease":
      return endLease(view, work, { id: subject, now });
    case "redelivery":
      return redeliver(work, subject);
    case "escalation":
      return escalate(work, subject);
  }
  return unreachable(kind);
}
