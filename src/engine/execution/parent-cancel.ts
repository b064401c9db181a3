/** A parent's cancel, as a child's own object takes it. */
import type { Decided } from "../../domain/decide/decided.ts";
import type { CancelCommand, CreateCommand } from "../../domain/execution/command.ts";
import { PARENT_ENDED } from "../../domain/execution/command.ts";
import { startedBy } from "../../domain/execution/origin.ts";
import { isTerminal } from "../../domain/execution/status.ts";
import { refuse } from "../../domain/values/fault.ts";
import type { Journal } from "../journal/journal.ts";

interface ParentCancel {
  /** What its start would be. */
  readonly command: CreateCommand;
  readonly reason: string;
  readonly cancel: (command: CancelCommand) => Promise<Decided>;
}

/**
 * It may overtake the child's own start: then the execution is created and cancelled in one commit, and the start that comes
 * later finds it so (P3). One that has ended stays as it is, and passes the cancel on; another's is not touched.
 */
export async function cancelByParent(journal: Journal, { command, reason, cancel }: ParentCancel): Promise<Decided> {
  const { state } = journal;
  const { owned, parentId } = state?.origin ?? command.origin;
  const isIts = owned === command.origin.owned && parentId === command.origin.parentId;
  if (!isIts) return refuse("not_found", "there is no such execution");
  if (state && isTerminal(state.status)) {
    const decided = journal.dispatch({ type: "pass_cancel_on" }, "parent");
    await journal.flushTogether();
    return decided;
  }
  const created = state ? undefined : journal.dispatch(command, startedBy(command.origin));
  if (created && !created.ok) return created;
  return cancel({ type: "cancel", word: PARENT_ENDED, reason, by: "parent" });
}
