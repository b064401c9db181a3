/**
 * Exceptions: what code of a program, step or tool threw without declaring it. Their words are their author's and may hold
 * anything, so the owner of the execution reads them; every other reader (another subject, a masked viewer) reads one
 * sentence, wherever the error stands: in a body, an event, a frame or a row. Declared failures are told to all.
 */

import type { EntryError } from "../execution/entry.ts";
import type { Principal } from "../execution/principal.ts";
import type { EffectView, ExecutionView } from "../read-models/view.ts";
import { isRecord } from "./is-record.ts";

export const UNDECLARED =
  "The program failed with an error that it does not declare: the owner of the execution reads its words, the log has where it came from.";

/** Of an execution, of an entry. */
const EXCEPTION_CODES: readonly string[] = ["runtime_error", "error"];

/** The runtime passes errors on as they are: a parent hears of its child. */
export function readsExceptions(caller: Pick<Principal, "subject" | "masked">, owner: string): boolean {
  return (caller.subject === owner && caller.masked !== true) || caller.subject === "system";
}

export function viewForOthers(view: ExecutionView): ExecutionView {
  const { error, state } = view;
  if (!error) return view;
  const shown = errorForOthers(error);
  if (shown === error) return view;
  const known = state.errorMessage === undefined ? state : { ...state, errorMessage: shown.message };
  return { ...view, error: shown, state: known };
}

export function effectForOthers(effect: EffectView): EffectView {
  const { outcome } = effect;
  return outcome && !outcome.ok ? { ...effect, outcome: { ok: false, error: errorForOthers(outcome.error) } } : effect;
}

/** An event, in the domain's form or on the wire. */
export function eventForOthers<E extends { readonly type: string; readonly data: unknown }>(event: E): E {
  const { type, data } = event;
  if (!isRecord(data)) return event;
  if (type === "execution.failed" && isError(data)) return { ...event, data: errorForOthers(data) };
  if (type.endsWith(".failed") && isError(data.error)) {
    return { ...event, data: { ...data, error: errorForOthers(data.error) } };
  }
  const { outcome } = data;
  if (type !== "child.finished" || !isRecord(outcome) || !isError(outcome.error)) return event;
  return { ...event, data: { ...data, outcome: { ...outcome, error: errorForOthers(outcome.error) } } };
}

/** A row has the code and no details. */
export function messageForOthers(code: string | null | undefined, message: string | null): string | null {
  return message !== null && EXCEPTION_CODES.includes(code ?? "") ? UNDECLARED : message;
}

function errorForOthers(error: EntryError): EntryError {
  return isUndeclared(error) ? { code: error.code, message: UNDECLARED } : error;
}

/** The details of an execution's error name the step that ended it, where a step did. */
function isUndeclared({ code, details }: EntryError): boolean {
  if (!EXCEPTION_CODES.includes(code)) return false;
  const inner = isRecord(details) ? details.code : undefined;
  return typeof inner !== "string" || EXCEPTION_CODES.includes(inner);
}

function isError(value: unknown): value is EntryError {
  return isRecord(value) && typeof value.code === "string" && typeof value.message === "string";
}
