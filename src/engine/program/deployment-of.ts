/** Which code runs here, for commands that name it. */
import { NEVER_RESTS, PROGRAM_CHANGED } from "../../domain/decide/program.ts";
import type { OutsideCommand } from "../../domain/execution/command.ts";
import type { Refusal } from "../../domain/values/fault.ts";
import { refuse } from "../../domain/values/fault.ts";
import type { Journal } from "../journal/journal.ts";
import type { World } from "../ports.ts";

export function deploymentOf({ deployment }: World): { readonly deployment?: string } {
  return deployment === undefined ? {} : { deployment };
}

/** The program of this deployment is not the one that wrote the log (E3): that is on disk when this resolves. */
export async function blockProgram(journal: Journal, world: World, detail: string): Promise<void> {
  journal.dispatch({ type: "block", reason: PROGRAM_CHANGED, detail, ...deploymentOf(world) }, "system");
  await journal.flush();
}

/** The launcher found that the program of this deployment never rests: it is not begun again by it. */
export async function blockHeldBack(journal: Journal, world: World): Promise<void> {
  const detail = "its program computed without giving anybody else a turn: mend it, or cancel the execution";
  journal.dispatch({ type: "block", reason: NEVER_RESTS, detail, ...deploymentOf(world) }, "system");
  await journal.flush();
}

/** While a deployment takes the place of another one, both answer: a program is tried by the code that was meant. */
export function meantForOther({ deployment }: World, command: OutsideCommand): Refusal | undefined {
  if (command.type !== "retry_program" || deployment === undefined || deployment === command.deployment)
    return undefined;
  return refuse("unavailable", `the deployment "${deployment}" still answers for it, and not "${command.deployment}"`);
}
