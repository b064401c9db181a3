import type { WaitCounts } from "../fold/open-entries.ts";

/** What a program at rest waits for. `busy` means that something still runs, or that an answer lies ready for it. */
export type Rest =
  | { readonly kind: "busy" }
  | { readonly kind: "person"; readonly reason: "waiting_for_approval" | "awaiting_child" | "effect_in_doubt" }
  | {
      readonly kind: "world";
      readonly reason: "sleeping" | "awaiting_signal" | "awaiting_child" | "awaiting_node" | "backing_off";
    };

/** Reads it off the open entries. People come last: while anything else may go on, the execution is running. */
export function restOf({ open: { counts } }: { readonly open: { readonly counts: WaitCounts } }): Rest {
  if (counts.work > 0) return { kind: "busy" };
  if (counts.child > 0) return { kind: "world", reason: "awaiting_child" };
  // What the outside works at waits for a person where all that it started itself does.
  const waitsBelow = counts.waiting_adopted > 0 && counts.adopted_child === 0;
  if (counts.external > 0 && !waitsBelow) return { kind: "world", reason: "awaiting_node" };
  if (counts.backing_off > 0) return { kind: "world", reason: "backing_off" };
  if (counts.signal > 0) return { kind: "world", reason: "awaiting_signal" };
  if (counts.sleep > 0) return { kind: "world", reason: "sleeping" };
  if (counts.doubt > 0) return { kind: "person", reason: "effect_in_doubt" };
  if (counts.gate > 0) return { kind: "person", reason: "waiting_for_approval" };
  if (counts.waiting_child + counts.waiting_external + counts.external > 0)
    return { kind: "person", reason: "awaiting_child" };
  return { kind: "busy" };
}
