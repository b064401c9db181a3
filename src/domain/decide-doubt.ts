/** What people say became of an effect in doubt. Called only by `decide`. */
import type { Amount } from "./budget.ts";
import { isNothing } from "./budget.ts";
import type { DecideGate, ResolveEffect } from "./command.ts";
import { family } from "./decide-engine.ts";
import type { Decided, LiveView } from "./decided.ts";
import { illegal, wakeUp } from "./decided.ts";
import type { NewEvent } from "./event.ts";
import { refuse } from "./fault.ts";
import type { OpenGate } from "./gate.ts";
import type { Meant } from "./gate-meant.ts";
import { already, decidedBefore, MOST_NAMED, nameOne } from "./gate-meant.ts";
import { isTerminal } from "./status.ts";

type Resolution = Pick<ResolveEffect, "resolution" | "output" | "message" | "by"> & { readonly unnamed?: string };

/** An answer applies once, to the doubt it was made for: an effect may come into doubt again (P2, P6). */
export function resolveEffect(view: LiveView, command: ResolveEffect): Decided {
  const meant = doubtMeant(view, command);
  if ("answer" in meant) return meant.answer;
  const { gateId, request } = command;
  const unnamed = gateId !== undefined || request === undefined ? {} : { unnamed: request };
  return resolve(view, meant.gate, { ...command, ...unnamed });
}

function doubtMeant(view: LiveView, { gateId, key, request }: ResolveEffect): Meant {
  const { state } = view;
  if (gateId !== undefined) {
    const gate = view.gates.get(gateId);
    if (!gate) return { answer: decidedBefore(view, gateId) };
    if (gate.kind !== "review")
      return { answer: refuse("no_open_gate", `"${gateId}" is an approval: answer it with approval-response`) };
    if (key === undefined || key === gate.key) return { gate };
    return { answer: refuse("invalid_input", `effect: the doubt "${gateId}" is about "${gate.key}"`) };
  }
  const doubts = key === undefined ? state.gates.doubts : doubtsOf(view, key);
  const isMeant = (gate: OpenGate) => gate.kind === "review" && (key === undefined || gate.key === key);
  const open = doubts === 0 ? [] : view.gates.first(state.gates.open).filter(isMeant);
  const [gate] = open;
  if (doubts === 1) return gate ? { gate } : { answer: decidedBefore(view, onlyDoubt(view, key)) };
  const { unnamed } = state.gates;
  if (unnamed && unnamed.digest === request) return { answer: already(unnamed.gateId) };
  if (gate) return { answer: nameOne(open.slice(0, MOST_NAMED), { open: open.length, field: "gate_id" }) };
  if (isTerminal(state.status)) return { answer: illegal(state, "be resolved") };
  const what = key === undefined ? "no effect of this execution" : `no effect "${key}"`;
  return { answer: refuse("no_open_gate", `${what} is in doubt`) };
}

/** How often one effect was in doubt. */
function doubtsOf(view: LiveView, key: string): number {
  return [...view.index().gates.values()].filter((gate) => gate.key === key).length;
}

function onlyDoubt(view: LiveView, key: string | undefined): string {
  const { entries, gates } = view.index();
  const isDoubt = (of: string) => (key === undefined ? entries.get(of)?.kind !== "gate" : of === key);
  return [...gates].find(([, mark]) => isDoubt(mark.key))?.[0] ?? "";
}

/** A review gate that was answered like an approval: by an option, or by the decision alone. */
export function resolveByOption(
  view: LiveView,
  gate: OpenGate,
  command: DecideGate & { readonly unnamed?: string },
): Decided {
  const resolution =
    command.option ?? { approved: "retry", rejected: "failed", request_changes: undefined }[command.decision];
  if (resolution !== "retry" && resolution !== "succeeded" && resolution !== "failed") {
    return refuse("invalid_input", "option: must be one of retry, succeeded, failed");
  }
  return resolve(view, gate, {
    resolution,
    by: command.by,
    ...(command.unnamed === undefined ? {} : { unnamed: command.unnamed }),
    ...(command.response === undefined ? {} : { output: command.response }),
    ...(command.feedback === undefined ? {} : { message: command.feedback }),
  });
}

function resolve(view: LiveView, { key, gateId, openedSeq }: OpenGate, answer: Resolution): Decided {
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
    const error = { code: "resolved_as_failed", message: answer.message ?? "a person decided that it failed" };
    events.push({ type: `${family(kind)}.failed`, data: { key, kind, name, attempt, error, ...settled } });
  }
  return { ok: true, events: [...events, ...wakeUp(view.state, "effect_resolved")], gateId };
}

/** Nobody said in time what became of the effect: then it counts as failed, and the program hears it. */
export function resolveAsFailed(view: LiveView, gate: OpenGate): NewEvent[] {
  const entry = view.index().entries.get(gate.key);
  if (entry?.status !== "in_doubt") return [];
  const { key, kind, name, attempt, reserve } = entry;
  const error = { code: "in_doubt", message: `nobody said in time what became of "${name}"` };
  return [
    { type: "effect.resolved", data: { key, resolution: "failed", by: "system" } },
    { type: `${family(kind)}.failed`, data: { key, kind, name, attempt, error, resolved: true, ...spentAll(reserve) } },
  ];
}

/** What a turn in doubt had reserved counts as spent, whatever a person says became of it. */
function spentAll(reserve: Amount): { usage?: Amount; release?: Amount } {
  return isNothing(reserve) ? {} : { usage: reserve, release: reserve };
}
