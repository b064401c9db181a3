/** Instants of an execution that are past. */
import { timerName } from "../../domain/execution/timer.ts";
import type { Journal } from "../journal/journal.ts";
import { settleWork } from "../work/settle-work.ts";

export function fireDueTimers(journal: Journal): void {
  for (const name of journal.dueTimers()) {
    const decided = journal.dispatch({ type: "fire_timer", name }, "system");
    if (decided.ok) journal.markFired(name);
  }
  settleWork(journal);
}

/** Its alarm rang: its timers, its active time, and a slot that it has waited for very long. */
export function lookAtInstants(journal: Journal): void {
  fireDueTimers(journal);
  if (!journal.state) return;
  journal.dispatch({ type: "fire_timer", name: timerName("active") }, "system");
  journal.dispatch({ type: "ask_for_slot", why: "again" }, "system");
}
