/** What follows from where the work of a plan stands is decided in the breath of each command: both are one commit. */
import type { Decided } from "../../domain/decide/decided.ts";
import type { Command } from "../../domain/execution/command.ts";
import { isTerminal } from "../../domain/execution/status.ts";
import type { Journal } from "../journal/journal.ts";

/** A block that a look opens may itself leave nothing that can run: the next look sees it. */
const LOOKS = 3;

export function settleWork(journal: Journal): void {
  for (let looks = 0; looks < LOOKS; looks += 1) {
    const { state } = journal;
    if (!state?.work || isTerminal(state.status)) return;
    const decided = journal.dispatch({ type: "settle_work" }, "system");
    if (!decided.ok || decided.events.length === 0) return;
  }
}

export function dispatchSettled(journal: Journal, command: Command, actor: string): Decided {
  const decided = journal.dispatch(command, actor);
  if (decided.ok) settleWork(journal);
  return decided;
}
