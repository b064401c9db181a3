/** What people say became of an effect in doubt. Called only by `decide`. */

import type { OpenApproval } from "../execution/approval.ts";
import type { DecideApproval, ResolveEffect } from "../execution/approval-command.ts";
import type { Amount } from "../execution/budget.ts";
import { isNothing } from "../execution/budget.ts";
import { entryError } from "../execution/entry.ts";
import type { NewEvent } from "../execution/event.ts";
import { isTerminal } from "../execution/status.ts";
import { refuse } from "../values/fault.ts";
import type { Meant } from "./approval-meant.ts";
import { already, decidedBefore, MOST_NAMED, nameOne } from "./approval-meant.ts";
import type { Decided, LiveView } from "./decided.ts";
import { illegal, wakeUp } from "./decided.ts";
import { family } from "./finish-entry.ts";

type Resolution = Pick<ResolveEffect, "resolution" | "output" | "message" | "by"> & { readonly unnamed?: string };

/** An answer applies once, to the doubt it was made for: an effect may come into doubt again (P2, P6). */
export function resolveEffect(view: LiveView, command: ResolveEffect): Decided {
  const meant = doubtMeant(view, command);
  if ("answer" in meant) return meant.answer;
  const { gateId, request } = command;
  const unnamed = gateId !== undefined || request === undefined ? {} : { unnamed: request };
  return resolve(view, meant.approval, { ...command, ...unnamed });
}

function doubtMeant(view: LiveView, { gateId, key, request }: ResolveEffect): Meant {
  const { state } = view;
  if (gateId !== undefined) {
    const approval = view.approvals.get(gateId);
    if (!approval) return { answer: decidedBefore(view, gateId) };
    if (approval.kind !== "review")
      return { answer: refuse("no_open_gate", `"${gateId}" is an approval: answer it with approval-response`) };
    if (key === undefined || key === approval.key) return { approval };
    return { answer: refuse("invalid_input", `effect: the doubt "${gateId}" is about "${approval.key}"`) };
  }
  const doubts = key === undefined ? state.gates.doubts : doubtsOf(view, key);
  const isMeant = (approval: OpenApproval) => approval.kind === "review" && (key === undefined || approval.key === key);
  const open = doubts === 0 ? [] : view.approvals.first(state.gates.open).filter(isMeant);
  const [approval] = open;
  if (doubts === 1) return approval ? { approval } : { answer: decidedBefore(view, onlyDoubt(view, key)) };
  const { unnamed } = state.gates;
  if (unnamed && unnamed.digest === request) return { answer: already(unnamed.gateId) };
  if (approval) return { answer: nameOne(open.slice(0, MOST_NAMED), { open: open.length, field: "gate_id" }) };
  if (isTerminal(state.status)) return { answer: illegal(state, "be resolved") };
  const what = key === undefined ? "no effect of this execution" : `no effect "${key}"`;
  return { answer: refuse("no_open_gate", `${what} is in doubt`) };
}

/** How often one effect was in doubt. */
function doubtsOf(view: LiveView, key: string): number {
  return [...view.index().approvals.values()].filter((approval) => approval.key === key).length;
}

function onlyDoubt(view: LiveView, key: string | undefined): string {
  const { entries, approvals } = view.index();
  const isDoubt = (of: string) => (key === undefined ? entries.get(of)?.kind !== "gate" : of === key);
  return [...approvals].find(([, mark]) => isDoubt(mark.key))?.[0] ?? "";
}

/** A review approval that was answered like an approval: by an option, or by the decision alone. */
export function resolveByOption(
  view: LiveView,
  approval: OpenApproval,
  command: DecideApproval & { readonly unnamed?: string },
): Decided {
  const resolution =
    command.option ?? { approved: "retry", rejected: "failed", request_changes: undefined }[command.decision];
  if (resolution !== "retry" && resolution !== "succeeded" && resolution !== "failed") {
    return refuse("invalid_input", "option: must be one of retry, succeeded, failed");
  }
  return resolve(view, approval, {
    resolution,
    by: command.by,
    ...(command.unnamed === undefined ? {} : { unnamed: command.unnamed }),
    ...(command.response === undefined ? {} : { output: command.response }),
    ...(command.feedback === undefined ? {} : { message: command.feedback }),
  });
}

function resolve(view: LiveView, { key, gateId, openedSeq }: OpenApproval, answer: Resolution): Decided {
  const entry = view.index().entries.get(key);
  if (entry?.status !== "in_doubt") return refuse("no_open_gate", `no effect "${key}" is in doubt here`);
  const { kind, name, attempt, reserve } = entry;
  const settled = { resolved: true, ...spentAll(reserve) };
  const decision = answer.resolution === "failed" ? "rejected" : "approved";
  const feedback = answer.message === undefined ? {} : { feedback: answer.message };
  const unnamed = answer.unnamed === undefined ? {} : { unnamed: answer.unnamed };
  const verdict = { decision, option: answer.resolution, decidedBy: answer.by, ...feedback } as const;
  const events: NewEvent[] = [
    { type: "gate.decided", data: { key, gateId, kind: "review", verdict, openedSeq, ...unnamed } },
    { type: "effect.resolved", data: { key, resolution: answer.resolution, by: answer.by } },
  ];
  if (answer.resolution === "succeeded") {
    const output = answer.output ?? null;
    events.push({ type: `${family(kind)}.completed`, data: { key, kind, name, attempt, output, ...settled } });
  }
  if (answer.resolution === "failed") {
    const error = entryError("resolved_as_failed", answer.message ?? "a person decided that it failed");
    events.push({ type: `${family(kind)}.failed`, data: { key, kind, name, attempt, error, ...settled } });
  }
  return { ok: true, events: [...events, ...wakeUp(view.state, "effect_resolved")], gateId };
}

/**
 * Called when the approval expires: no person said in time what became of the effect. Returns the events by which it
 * counts as failed, and the program hears it.
 */
export function resolveAsFailed(view: LiveView, approval: OpenApproval): NewEvent[] {
  const entry = view.index().entries.get(approval.key);
  if (entry?.status !== "in_doubt") return [];
  const { key, kind, name, attempt, reserve } = entry;
  const error = entryError("in_doubt", `no person said in time what became of "${name}"`);
  return [
    { type: "effect.resolved", data: { key, resolution: "failed", by: "system" } },
    { type: `${family(kind)}.failed`, data: { key, kind, name, attempt, error, resolved: true, ...spentAll(reserve) } },
  ];
}

/** What a turn in doubt had reserved counts as spent, no matter what a person says became of it. */
function spentAll(reserve: Amount): { usage?: Amount; release?: Amount } {
  return isNothing(reserve) ? {} : { usage: reserve, release: reserve };
}
