import type { EntryIndex } from "./entry-index.ts";

/** What a program at rest waits for. `busy` means that something still runs, or that an answer lies ready for it. */
export type Rest =
  | { readonly kind: "busy" }
  | { readonly kind: "person"; readonly reason: "waiting_for_approval" | "awaiting_child" | "effect_in_doubt" }
  | { readonly kind: "world"; readonly reason: "sleeping" | "awaiting_signal" | "awaiting_child" | "backing_off" };

/** Reads it off the open entries. People come last: while anything else may go on, the execution is running. */
export function restOf(index: EntryIndex): Rest {
  const seen = {
    sleep: false,
    signal: false,
    child: false,
    backingOff: false,
    gate: false,
    doubt: false,
    childWaiting: false,
  };
  for (const key of index.open) {
    const entry = index.entries.get(key);
    if (!entry || entry.withdrawn) continue;
    if (entry.status === "in_doubt") seen.doubt = true;
    else if (entry.status === "backing_off") seen.backingOff = true;
    else if (entry.kind === "sleep") seen.sleep = true;
    else if (entry.kind === "signal") seen.signal = true;
    else if (entry.kind === "gate") seen.gate = true;
    else if (entry.kind === "child") {
      if (entry.adopted) continue;
      if (entry.childWaiting) seen.childWaiting = true;
      else seen.child = true;
    } else return { kind: "busy" };
  }
  if (seen.child) return { kind: "world", reason: "awaiting_child" };
  if (seen.backingOff) return { kind: "world", reason: "backing_off" };
  if (seen.signal) return { kind: "world", reason: "awaiting_signal" };
  if (seen.sleep) return { kind: "world", reason: "sleeping" };
  if (seen.doubt) return { kind: "person", reason: "effect_in_doubt" };
  if (seen.gate) return { kind: "person", reason: "waiting_for_approval" };
  if (seen.childWaiting) return { kind: "person", reason: "awaiting_child" };
  return { kind: "busy" };
}
