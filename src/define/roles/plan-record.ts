/**
 * A plan as it is kept: each version with what it changes, and where the plan stands. A plan has the id of the execution that
 * wrote it. Pure: `plan-store.ts` reads and writes it.
 */
import * as z from "zod";
import { canonicalJson, Json } from "../../domain/values/json.ts";

export const PlannedAction = z.object({
  /** `a1`, `a2`, … in the order of the plan. */
  id: z.string(),
  action: z.string(),
  input: Json,
});
export type PlannedAction = z.infer<typeof PlannedAction>;

const Said = z.object({ action: z.string(), input: Json });
type Said = z.infer<typeof Said>;

/** What a version has that the one before had not, and the other way round; in the order of the plans. */
const PlanDiff = z.object({ added: z.array(Said), removed: z.array(Said), kept: z.number().int() });
export type PlanDiff = z.infer<typeof PlanDiff>;

export const PlanVersion = z.object({
  version: z.number().int(),
  /** Of the plan's definition, the summary and the actions: an approval is for this digest and no other. */
  digest: z.string(),
  summary: z.string(),
  actions: z.array(PlannedAction),
  /** Absent for the first version. */
  diff: PlanDiff.exactOptional(),
});
export type PlanVersion = z.infer<typeof PlanVersion>;

const PLAN_STATES = ["stored", "changes_requested", "approved", "rejected", "executing", "executed", "failed"] as const;

export const PlanStanding = z.object({
  state: z.enum(PLAN_STATES),
  /** The newest version, and its digest. */
  version: z.number().int(),
  digest: z.string(),
  /** The agent that wrote it, and the definition that it was written for. */
  planner: z.string(),
  plan: z.object({ name: z.string(), version: z.string(), digest: z.string() }),
  /** What a person said of it. */
  feedback: z.string().exactOptional(),
  decidedBy: z.string().exactOptional(),
  /** The execution that carries it out, or did. */
  executor: z.string().exactOptional(),
});
export type PlanStanding = z.infer<typeof PlanStanding>;

const said = ({ action, input }: Said): Said => ({ action, input });

/** Actions are the same when they do the same, wherever they stand. */
export function planDiff(before: readonly PlannedAction[], after: readonly PlannedAction[]): PlanDiff {
  const left = new Map<string, number>();
  const textOf = (action: Said) => canonicalJson(said(action));
  for (const action of before) left.set(textOf(action), (left.get(textOf(action)) ?? 0) + 1);
  const added: Said[] = [];
  for (const action of after) {
    const count = left.get(textOf(action)) ?? 0;
    if (count === 0) added.push(said(action));
    else left.set(textOf(action), count - 1);
  }
  // Of equal ones the last go.
  const removed: Said[] = [];
  for (const action of [...before].reverse()) {
    const count = left.get(textOf(action)) ?? 0;
    if (count === 0) continue;
    removed.unshift(said(action));
    left.set(textOf(action), count - 1);
  }
  return { added, removed, kept: after.length - added.length };
}
