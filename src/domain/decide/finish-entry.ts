/** The events that end an entry. The same for an end by a try of this process and for one that the outside reports. */
import { NOTHING } from "../execution/budget.ts";
import type { FinishEntry } from "../execution/command.ts";
import type { Entry, EntryKind } from "../execution/entry.ts";
import { isTerminal } from "../execution/status.ts";
import { refuse } from "../values/fault.ts";
import type { Decided, LiveView } from "./decided.ts";
import { accepted, wakeUp } from "./decided.ts";

/** Tools and turns have event families of their own; everything else is a step. */
export function family(kind: EntryKind): "step" | "tool" | "turn" {
  return kind === "tool" || kind === "turn" ? kind : "step";
}

/** Called for the ends of tries, and of what is worked at outside. */
export function finishEntry(view: LiveView, command: FinishEntry): Decided {
  const known = view.index().entries.get(command.key);
  if (known?.status === "done" || known?.status === "backing_off") return accepted();
  if (known?.status === "in_doubt") return refuse("invalid_state", `the entry "${command.key}" is in doubt`);
  if (known && known.kind !== command.kind) return refuse("invalid_state", `"${command.key}" is a ${known.kind}`);
  const leavesSomething = command.outcome.ok || command.retryAtMs !== undefined;
  if (!known && leavesSomething && MAY_BE_IN_DOUBT.includes(command.kind))
    return refuse("invalid_state", `the effect "${command.key}" has no intent in the log (P2)`);
  const { key, kind, name, attempt } = command;
  const isNews = known?.withdrawn !== true;
  const late = isTerminal(view.state.status) ? { late: true } : {};
  const settle = settlement(command, known);
  const digest = known || command.digest === undefined ? {} : { digest: command.digest };
  const base = { key, kind, name, attempt, ...digest, ...late, ...(isNews ? {} : { withdrawn: true }), ...settle };
  const wake = isNews ? wakeUp(view.state, "went_on") : [];
  if (!command.outcome.ok) {
    const again =
      command.retryAtMs === undefined || isTerminal(view.state.status) || !isNews
        ? {}
        : { retryAtMs: command.retryAtMs };
    const unseen = command.timedOut ? { timedOut: true } : {};
    const failed = { ...base, error: command.outcome.error, ...again, ...unseen };
    return accepted(...wake, { type: `${family(kind)}.failed`, data: failed });
  }
  const { scratch, signalSeq } = command;
  const { value: output, stored } = command.outcome;
  const kept = stored === undefined ? { output } : { output, stored };
  const value = signalSeq === undefined ? kept : { signalSeq };
  const extra = scratch === undefined ? {} : { scratch };
  return accepted(...wake, { type: `${family(kind)}.completed`, data: { ...base, ...value, ...extra } });
}

function settlement(command: FinishEntry, known: Entry | undefined) {
  if (!command.usage) return {};
  return { usage: command.usage, release: known?.reserve ?? NOTHING };
}

/** Only these touch the outside; the rest may simply be asked again. */
export const MAY_BE_IN_DOUBT: readonly EntryKind[] = ["effect", "tool", "turn"];
