import { nearest } from "../../domain/values/nearest.ts";
import type { FaultList } from "./definition-error.ts";

/** Adds a fault for each key that is none of `known`, with the one that was likely meant. */
export function refuseUnknown(
  given: Readonly<Record<string, unknown>>,
  known: readonly string[],
  { faults, at = "" }: { readonly faults: FaultList; readonly at?: string },
): void {
  for (const key of Object.keys(given)) {
    if (known.includes(key)) continue;
    const meant = nearest(key, known);
    const hint = meant === undefined ? `the parameters are ${known.join(", ")}` : `did you mean "${meant}"?`;
    const place = at === "" ? "" : ` in ${at}`;
    faults.add("parameter_unknown", at === "" ? key : `${at}.${key}`, `no parameter "${key}"${place}: ${hint}`);
  }
}
