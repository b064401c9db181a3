/** What a schedule is asked: when, what, and what becomes of instants that overlap or were missed. */
import * as z from "zod";
import { SearchAttributes } from "../execution/search-attributes.ts";
import { Json } from "../values/json.ts";
import { cronAfter, cronUpTo } from "./cron.ts";

export const Overlap = z.enum(["skip", "queue", "allow"]);
export const CatchUp = z.enum(["none", "last", "all"]);

/** One of `cron`, `everyMs` and `atMs` is set. */
export const When = z.object({
  cron: z.string().optional(),
  everyMs: z.number().optional(),
  atMs: z.number().optional(),
  timezone: z.string(),
});
export type When = z.infer<typeof When>;

export const ScheduleSpec = z.object({
  target: z.string(),
  input: z.record(z.string(), Json),
  when: When,
  overlap: Overlap,
  jitterMs: z.number(),
  catchUp: CatchUp,
  catchUpLimit: z.number(),
  startsAtMs: z.number().optional(),
  endsAtMs: z.number().optional(),
  maxRuns: z.number().optional(),
  sessionId: z.string().optional(),
  /** As callers send it. */
  budget: z.record(z.string(), z.union([z.number(), z.string()])).optional(),
  metadata: Json.optional(),
  attributes: SearchAttributes.optional(),
});
export type ScheduleSpec = z.infer<typeof ScheduleSpec>;

/** What instants are computed from. */
export interface Plan {
  readonly when: When;
  readonly startsAtMs?: number | undefined;
  readonly endsAtMs?: number | undefined;
}

/** The first instant after `afterMs`. An interval is counted from `anchorMs`; its first instant is the start date, if it has one. */
export function instantAfter(
  { when, startsAtMs, endsAtMs }: Plan,
  anchorMs: number,
  afterMs: number,
): number | undefined {
  const from = startsAtMs === undefined ? afterMs : Math.max(afterMs, startsAtMs - 1);
  const next = whenAfter(when, { anchorMs, startsAtMs, from });
  return next === undefined || (endsAtMs !== undefined && next > endsAtMs) ? undefined : next;
}

interface From {
  readonly anchorMs: number;
  readonly startsAtMs: number | undefined;
  readonly from: number;
}

function whenAfter({ cron, everyMs, atMs, timezone: zone }: When, { anchorMs, startsAtMs, from }: From) {
  if (atMs !== undefined) return atMs > from ? atMs : undefined;
  if (everyMs !== undefined) {
    const first = startsAtMs ?? anchorMs + everyMs;
    return from < first ? first : first + (Math.floor((from - first) / everyMs) + 1) * everyMs;
  }
  return cron === undefined ? undefined : cronAfter({ cron, zone }, from);
}

interface Newest {
  readonly anchorMs: number;
  readonly afterMs: number;
  readonly upToMs: number;
  readonly count: number;
}

/** The newest instants in (afterMs, upToMs], ascending, at most `count`. Takes as long as `count` says, however far back it goes. */
export function newestInstants(plan: Plan, { anchorMs, afterMs, upToMs, count }: Newest): number[] {
  const { when, endsAtMs } = plan;
  const end = Math.min(upToMs, endsAtMs ?? upToMs);
  const within = (instant: number | undefined): instant is number => instant !== undefined && instant <= end;
  if (when.cron !== undefined) {
    const since = Math.max(afterMs, (plan.startsAtMs ?? 0) - 1);
    const range = { upToMs: end, count };
    return cronUpTo({ cron: when.cron, zone: when.timezone }, range).filter((instant) => instant > since);
  }
  const from = when.everyMs === undefined ? afterMs : Math.max(afterMs, end - count * when.everyMs);
  const found: number[] = [];
  for (let at = instantAfter(plan, anchorMs, from); within(at); at = instantAfter(plan, anchorMs, at)) found.push(at);
  return found;
}

/** The next instants, at most `count`. */
export function nextInstants(
  plan: Plan,
  anchorMs: number,
  { afterMs, count }: { readonly afterMs: number; readonly count: number },
) {
  const found: number[] = [];
  let after: number | undefined = afterMs;
  while (found.length < count) {
    after = instantAfter(plan, anchorMs, after);
    if (after === undefined) break;
    found.push(after);
  }
  return found;
}

/** How long after its instant a firing begins: drawn of the schedule and the instant, so that it is the same after a crash. */
export function jitterOf(name: string, instantMs: number, jitterMs: number): number {
  if (jitterMs <= 0) return 0;
  let hash = 0x811c9dc5;
  for (const char of `${name} ${instantMs}`) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193);
  // The last round: without it instants that differ in one digit lie near each other.
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return ((hash ^ (hash >>> 12)) >>> 0) % (jitterMs + 1);
}
