/** What the probe of an effect or a tool found out about a try whose end no process saw. */
import { fieldOf } from "../../domain/values/thrown.ts";

export type CheckReply =
  | { readonly happened: true; readonly result: unknown }
  | { readonly happened: false }
  /** The probe cannot tell either. */
  | undefined;

/** Reads what a probe gave; what is no answer tells nothing. */
export function outcomeIn(found: unknown): CheckReply {
  const happened = fieldOf(found, "happened");
  if (happened === true) return { happened, result: fieldOf(found, "result") };
  return happened === false ? { happened } : undefined;
}
