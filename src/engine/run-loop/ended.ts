/** What the end of a program means for its execution. */

import { ApprovalExpired, ApprovalRejected, ExecutionFailure, StepError } from "../../define/errors.ts";
import type { EngineCommand } from "../../domain/execution/command.ts";
import type { LoggedCode } from "../../domain/execution/error-code.ts";
import { isUnwritable } from "../../domain/execution/event-text.ts";
import type { Json } from "../../domain/values/json.ts";
import { toJson } from "../../domain/values/json.ts";
import { isA } from "../../domain/values/thrown.ts";
import { toEntryError } from "../activities/retry.ts";
import type { Journal } from "../journal/journal.ts";
import type { World } from "../ports.ts";
import { thrownText } from "../trace.ts";
import type { Finished } from "./large-output.ts";

export type Ended = { readonly ok: true; readonly value: Finished } | { readonly ok: false; readonly error: unknown };

/** Writes down how a program ended. What the log cannot take of it is replaced by the reason why. */
export function recordEnd(journal: Journal, world: Pick<World, "log">, ended: Ended): void {
  if (!ended.ok) {
    const { id } = journal.state?.origin ?? {};
    const { level, fields } = thrownText(ended.error);
    world.log(level, level === "info" ? "a program failed" : "a program threw", { execution_id: id, ...fields });
  }
  const command = ended.ok ? ({ type: "succeed", ...ended.value } as const) : endOf(journal, ended.error);
  const written = journal.dispatch(command, "program");
  if (isUnwritable(written)) journal.dispatch({ type: "fail", code: written.code, message: written.detail }, "program");
}

/** A node may report another end than a failure. */
function endOf({ state }: Journal, error: unknown): EngineCommand {
  const failure = failureOf(error);
  const status = state?.origin.remote && REPORTED.get(failure.code);
  return status ? { type: "end_as", status, detail: failure.message } : { type: "fail", ...failure };
}

const REPORTED: ReadonlyMap<string, "cancelled" | "timeout"> = new Map([
  ["agent_cancelled", "cancelled"],
  ["agent_timeout", "timeout"],
]);

/** The words a failed execution keeps. No stack trace: people read this. Total. */
export function failureOf(error: unknown): { code: LoggedCode; message: string; details?: Json } {
  const { code, message, details } = toEntryError(error);
  const kept = details === undefined ? {} : { details };
  if (isA(error, ExecutionFailure)) return { code, message, ...kept };
  if (isA(error, ApprovalExpired)) return { code: error.code, message };
  if (isA(error, ApprovalRejected)) {
    const { decision, feedback, option, decidedBy } = error;
    return { code: error.code, message, details: toJson({ decision, feedback, option, decidedBy }) };
  }
  if (isA(error, StepError)) return { code: "runtime_error", message, details: { code, details: details ?? null } };
  return { code: "runtime_error", message, ...kept };
}
