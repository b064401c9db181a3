/**
 * Where a definition that is wrong goes. A test or a script wants the error where the definition stands, so it is thrown. In
 * a Worker a module that throws keeps the whole Worker from being there, and one fault hides the next: there the faults are
 * kept, a stand-in takes the definition's place, and `createErrand` answers each request with all of them.
 */
import { fieldOf, isA, messageOf } from "../domain/values/thrown.ts";

let keeps = false;
const kept: string[] = [];

/** From now on faults are kept. Called by the package's entry for Workers, before any definition of a user is evaluated. Returns the undo. */
export function keepFaults(): () => void {
  keeps = true;
  return () => {
    keeps = false;
    kept.length = 0;
  };
}

/** The faults of all definitions that were declared so far, in their order. */
export function keptFaults(): readonly string[] {
  return kept;
}

/** The definition that `make` returns; where faults are kept and it throws, the stand-in, which never runs. */
export function declared<T>(make: () => T, standIn: () => T): T {
  if (!keeps) return make();
  try {
    return make();
  } catch (error) {
    kept.push(sentenceOfFault(error));
    return standIn();
  }
}

/** What `define/` throws is a sentence that names the definition; of anything else the kind is said too. */
export function sentenceOfFault(error: unknown): string {
  const kind = isA(error, Error) ? error.name : "Error";
  // Those of role agents list what is wrong.
  return kind === "Error" || Array.isArray(fieldOf(error, "faults"))
    ? messageOf(error)
    : `a definition cannot be declared: ${kind}: ${messageOf(error)}`;
}
