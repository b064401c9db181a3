/** What the order of waiting starts goes by. */
import * as z from "zod";

/** 1 goes first, 5 last. */
export const Priority = z.number().int().min(1).max(5);
export type Priority = z.infer<typeof Priority>;

export const USUAL_PRIORITY: Priority = 3;

/** One that waits moves up a level each time so much time has passed. */
export const AGEING_MS = 60_000;

/** One start that waits: for its object, or for a slot under a limit. */
export interface QueuedStart {
  /** Of the execution. */
  readonly id: string;
  readonly priority: Priority;
  /** Those of one fairness key take turns with those of the others. */
  readonly fairness: string;
  /** Since when it waits. */
  readonly sinceMs: number;
}

/** The fairness key of a start that names none: what one owner sends takes turns with what others send. */
export function usualFairness({ tenant, owner }: { readonly tenant: string; readonly owner: string }): string {
  return JSON.stringify([tenant, owner]);
}

/** The level at which a start stands: its priority, and one better for each minute that it waits. */
export function levelAt({ priority, sinceMs }: Pick<QueuedStart, "priority" | "sinceMs">, now: number): number {
  return Math.max(1, priority - Math.max(0, Math.floor((now - sinceMs) / AGEING_MS)));
}

/** When it moves up from this level. */
export function leavesLevelAtMs(
  { priority, sinceMs }: Pick<QueuedStart, "priority" | "sinceMs">,
  level: number,
): number {
  return sinceMs + (priority - level + 1) * AGEING_MS;
}
