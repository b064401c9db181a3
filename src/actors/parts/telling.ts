import type { Caller } from "../../domain/caller.ts";
import type { TellCommand } from "../../domain/command.ts";
import type { Decided } from "../../domain/decided.ts";
import type { Refusal, Result } from "../../domain/fault.ts";
import { accept, refuse, refusedBy } from "../../domain/fault.ts";
import type { Told } from "../../domain/view.ts";
import type { DurableExecution } from "../../engine/durable-execution.ts";
import { aboutGate, tellsTooMuch } from "./decisions.ts";
import { untilDelivered, untilQuiesced } from "./patience.ts";

/** Tells an execution something, and what became of it. A cancel and a restart are waited for a moment. */
export async function toldTo(execution: DurableExecution, caller: Caller, command: TellCommand): Promise<Result<Told>> {
  const before = execution.state?.status ?? "pending";
  const decided = await decidedBy(execution, command, caller.subject);
  if (!decided.ok) return refused(execution, caller, decided);
  if (command.type === "cancel" || command.type === "restart") await untilQuiesced(execution);
  if (command.type === "restart") await untilDelivered(execution);
  const state = execution.journal.committed;
  if (!state) return unknown();
  const pending = execution.pendingAfterCancel();
  return accept({ state, before, changed: decided.events.length > 0, pending, ...aboutGate(execution, decided) });
}

function refused(execution: DurableExecution, caller: Caller, refusal: Refusal): Refusal {
  const { state } = execution;
  return !state || tellsTooMuch(caller, execution, refusal) ? unknown() : refusedBy(state.origin.id, refusal);
}

function decidedBy(execution: DurableExecution, command: TellCommand, by: string): Decided | Promise<Decided> {
  return command.type === "adopt_child" ? execution.lend(command) : execution.tell(command, by);
}

function unknown() {
  return refuse("not_found", "there is no such execution");
}
