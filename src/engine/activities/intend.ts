/** What becomes of a verb whose event the log cannot take: it ends with an error that says which field and which limit. */

import { stepError } from "../../define/errors.ts";
import type { Decided } from "../../domain/decide/decided.ts";
import type { OpenApprovalCommand } from "../../domain/execution/approval-command.ts";
import type { StartChild } from "../../domain/execution/child-command.ts";
import type { OneWayCommand, StartEntry } from "../../domain/execution/command.ts";
import type { EntryError, EntryKind } from "../../domain/execution/entry.ts";
import { entryError } from "../../domain/execution/entry.ts";
import type { Unwritable } from "../../domain/execution/event-text.ts";
import { isUnwritable } from "../../domain/execution/event-text.ts";
import { jsonText } from "../../domain/values/json-text.ts";
import type { Journal } from "../journal/journal.ts";
import type { Activity } from "./activity.ts";

/** Stages the beginning of an entry. One that does not fit is finished instead, with the error. */
export function intend(
  journal: Journal,
  kind: EntryKind,
  command: StartEntry | OpenApprovalCommand | StartChild,
): Decided {
  const decided = journal.dispatch(command, "program");
  if (!isUnwritable(decided)) return decided;
  const { key, name } = command;
  const outcome = { ok: false, error: entryError(decided.code, decided.detail) } as const;
  journal.dispatch({ type: "finish_entry", key, kind, name, attempt: 1, outcome }, "program");
  return decided;
}

/** Stages what is said once. False when it cannot be said now; throws when the log cannot take it. */
export function recordOnce(journal: Journal, command: OneWayCommand): boolean {
  const decided = journal.dispatch(command, "program");
  if (isUnwritable(decided)) throw stepError(decided.code, decided.detail);
  return decided.ok;
}

/** Why what came of a try could not be written down, in the words of its verb. */
export function unwritten(
  { name }: Pick<Activity, "name">,
  { value, error }: { readonly value?: unknown; readonly error?: EntryError | undefined },
  refusal: Unwritable,
): EntryError {
  const made = error ? jsonText(error, `the error of "${name}"`) : jsonText(value, `the result of "${name}"`);
  return made.ok ? entryError(refusal.code, refusal.detail) : entryError(made.code, made.detail);
}
