/**
 * What a death of the process counts for (E7). Written before the replay begins, so that a program that kills its process
 * is stopped. Not every death is a fault of the program that it interrupts:
 *
 * - A deployment that took the place of another one ended that one's processes: its new code starts afresh.
 * - Where another execution had outgrown all others of the process, the death is laid to that one, which was interrupted
 *   too and counts it. As many deaths in a row are spared as would be allowed: what kills its process beside a large
 *   neighbour is stopped as well.
 */

import { DEFAULT_MAX_RECOVERIES } from "../execution/budget.ts";
import type { EngineCommand } from "../execution/command.ts";
import type { NewEvent } from "../execution/event.ts";
import type { ExecutionState } from "../execution/state.ts";
import type { Decided } from "./decided.ts";
import { accepted, overBudget, toRunning } from "./decided.ts";

type RecoveryCommand = Extract<EngineCommand, { type: "recover" | "begin" | "note_neighbour" }>;

export function decideRecovery(state: ExecutionState, command: RecoveryCommand): Decided {
  if (command.type !== "note_neighbour") return recover(state, command.deployment);
  // Said once, until the next death.
  if (state.outgrown !== undefined) return accepted();
  return accepted({ type: "neighbour.grew", data: {} });
}

function recover(state: ExecutionState, deployment: string | undefined): Decided {
  const { ranBy, recoveries, recoveriesWithoutProgress, limits, spared = 0 } = state;
  const allowed = limits.maxRecoveries ?? DEFAULT_MAX_RECOVERIES;
  const by = deployment === undefined ? {} : { deployment };
  const uncounted = (withoutProgress: number, more = {}): Decided =>
    accepted({ type: "execution.recovered", data: { count: recoveries, withoutProgress, ...by, ...more } });
  if (deployment !== undefined && ranBy !== undefined && ranBy !== deployment) return uncounted(0);
  if (state.outgrown !== undefined && spared <= allowed)
    return uncounted(recoveriesWithoutProgress, { spared: spared + 1 });
  const withoutProgress = recoveriesWithoutProgress + 1;
  const event: NewEvent = { type: "execution.recovered", data: { count: recoveries + 1, withoutProgress, ...by } };
  return withoutProgress > allowed
    ? accepted(event, ...toRunning(state), ...overBudget("max_recoveries"))
    : accepted(event);
}
