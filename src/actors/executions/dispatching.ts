import type { Decided } from "../../domain/decide/decided.ts";
import { mayAct } from "../../domain/execution/access.ts";
import type { DispatchCommand } from "../../domain/execution/command.ts";
import type { Principal } from "../../domain/execution/principal.ts";
import type { ExecutionState } from "../../domain/execution/state.ts";
import type { CommandResult } from "../../domain/read-models/view.ts";
import type { Refusal, Result } from "../../domain/values/fault.ts";
import { accept, refuse, refusedBy } from "../../domain/values/fault.ts";
import type { DurableExecution } from "../../engine/execution/durable-execution.ts";
import { untilDelivered, untilQuiesced } from "../sockets/long-poll.ts";
import { aboutApproval, revealsTooMuch } from "./decisions.ts";

/** Dispatches a command to an execution; returns what became of it. A cancel and a restart are waited for a moment. */
export async function dispatchTo(
  execution: DurableExecution,
  caller: Principal,
  command: DispatchCommand,
): Promise<Result<CommandResult>> {
  const before = execution.state?.status ?? "pending";
  const decided = await decidedBy(execution, command, caller.subject);
  if (!decided.ok) return refused(execution, caller, decided);
  if (command.type === "cancel" || command.type === "restart") await untilQuiesced(execution);
  if (command.type === "restart") await untilDelivered(execution);
  const state = execution.journal.committed;
  if (!state) return unknown();
  const pending = execution.pendingAfterCancel();
  const about = { ...aboutApproval(execution, decided), ...aboutRetry(state, decided) };
  return accept({ state, before, changed: decided.events.length > 0, pending, ...about });
}

function aboutRetry({ webhook }: ExecutionState, { events }: Extract<Decided, { ok: true }>) {
  const [event] = events;
  if (event?.type !== "webhook.retried") return {};
  const retried = webhook?.deliveries.find(({ seq }) => seq === event.data.of);
  return retried ? { retried } : {};
}

function refused(execution: DurableExecution, caller: Principal, refusal: Refusal): Refusal {
  const { state } = execution;
  if (!state || revealsTooMuch(caller, execution, refusal)) return unknown();
  // Where an execution stands is told to those who see all of it.
  const { moves: _moves, ...rest } = refusal;
  return refusedBy(state.origin.id, mayAct(caller, "read", state.origin) ? refusal : rest);
}

function decidedBy(execution: DurableExecution, command: DispatchCommand, by: string): Decided | Promise<Decided> {
  return command.type === "adopt_child" ? execution.lend(command) : execution.dispatch(command, by);
}

function unknown() {
  return refuse("not_found", "there is no such execution");
}
