/**
 * Whether a node is there, as a pure function of what was heard of it. Signs of life are heartbeats, registrations and
 * answers to `GET /status`; they are kept in memory, and only what they change is written, at the next look.
 *
 * - A node that was heard of within its time to live is there. Before that is over, a node that is silent is asked.
 * - Three unanswered looks in a row, or its own word `offline`, make it inactive; the next sign of life makes it active.
 * - A serverless node has no process: it is there unless an operator stopped it, and it is never asked.
 */
import * as z from "zod";
import type { Deployment, Health } from "./node.ts";
import { Lifecycle } from "./node.ts";

export const Presence = z.object({
  lifecycle: Lifecycle,
  stopped: z.boolean(),
  /** False after an operator ended the looks: until the next registration. */
  watched: z.boolean(),
  /** The last sign of life. */
  seenAtMs: z.number(),
  /** Looks without an answer since then; three make it inactive. */
  misses: z.number(),
  /** The last look. */
  lookedAtMs: z.number(),
  healthScore: z.number().nullable(),
  instanceId: z.string().nullable(),
});
export type Presence = z.infer<typeof Presence>;

/** How long one sign of life holds. A lease of a node is as long. */
export const PRESENCE_TTL_MS = 300_000;
/** SDKs send a heartbeat every 2 or 30 seconds: a node that is silent for longer is asked. */
const SILENT_MS = 45_000;
const AFTER_MISS_MS = 10_000;
const MOST_MISSES = 3;
/** A node that is down is asked less often, and after an hour no more: its next heartbeat or registration is heard. */
const DOWN_MS = 60_000;
const GIVE_UP_MS = 3_600_000;

export interface Beat {
  readonly lifecycle: Lifecycle | undefined;
  readonly healthScore: number | undefined;
  readonly instanceId: string | undefined;
}

/** A registration: of a new version, or once more of a known one, whose operator's word holds. */
export function registeredPresence(known: Presence | undefined, beat: Beat, nowMs: number): Presence {
  const stopped = known?.stopped ?? false;
  const lifecycle = beat.lifecycle ?? "starting";
  const first = { lifecycle, stopped, watched: true, misses: 0, lookedAtMs: 0, healthScore: null };
  return heardPresence({ ...first, seenAtMs: nowMs, instanceId: known?.instanceId ?? null }, beat, nowMs);
}

/** A heartbeat or a renewed lease. One that says nothing of how it is, of a node that said `offline`, says it is back. */
export function heardPresence(known: Presence, beat: Beat, nowMs: number): Presence {
  const before = known.lifecycle === "offline" ? "ready" : known.lifecycle;
  return {
    ...known,
    lifecycle: beat.lifecycle ?? before,
    healthScore: beat.healthScore ?? known.healthScore,
    instanceId: beat.instanceId ?? known.instanceId,
    seenAtMs: Math.max(nowMs, known.seenAtMs),
    misses: 0,
  };
}

/** After a look. */
export function lookedPresence(known: Presence, answered: boolean, nowMs: number): Presence {
  if (answered) return { ...known, seenAtMs: Math.max(nowMs, known.seenAtMs), lookedAtMs: nowMs, misses: 0 };
  return { ...known, lookedAtMs: nowMs, misses: Math.min(known.misses + 1, MOST_MISSES) };
}

export function healthOf(presence: Presence, deployment: Deployment, nowMs: number): Health {
  const { lifecycle, stopped, seenAtMs, misses } = presence;
  if (stopped || lifecycle === "offline") return "inactive";
  const isLost = misses >= MOST_MISSES || nowMs - seenAtMs > PRESENCE_TTL_MS;
  if (isLost && deployment === "long_running") return "inactive";
  return lifecycle === "degraded" ? "degraded" : "active";
}

/** When the node is to be asked whether it is there; `undefined`: not before it is heard of again. */
export function lookDueMs(presence: Presence, deployment: Deployment): number | undefined {
  const { lifecycle, stopped, watched, seenAtMs, misses, lookedAtMs } = presence;
  if (deployment === "serverless" || stopped || !watched || lifecycle === "offline") return undefined;
  if (misses === 0) return seenAtMs + SILENT_MS;
  if (misses < MOST_MISSES) return lookedAtMs + AFTER_MISS_MS;
  return lookedAtMs - seenAtMs > GIVE_UP_MS ? undefined : lookedAtMs + DOWN_MS;
}

/** Between its first miss and the one that makes it inactive. */
export function isMissing({ misses }: Presence): boolean {
  return misses > 0 && misses < MOST_MISSES;
}

/** Whether what is stored says the same but for instants: those are not worth a write. */
export function isSameButForTime(a: Presence | undefined, b: Presence): boolean {
  if (a === undefined) return false;
  const fields = ["lifecycle", "stopped", "watched", "misses", "healthScore", "instanceId"] as const;
  return fields.every((field) => a[field] === b[field]);
}
