/**
 * The names of queues: what a concurrency limit counts together. `*` is the tenant, `AGENT` an agent, `AGENT/FUNCTION` a
 * function, `AGENT/FUNCTION/KEY` those starts of a function whose input gives this key. A slash stands in no other part.
 */
import type { QueueRef } from "../execution/slot.ts";
import type { QueueRule } from "./slot-book.ts";

export const TENANT_QUEUE = "*";
/** Of a declared key; what is longer is named by its first characters and a digest. */
export const MOST_KEY_CHARACTERS = 100;

/** What operators set at run time for queues of one tenant, by name. */
export type QueueRules = ReadonlyMap<string, QueueRule>;

export const NO_RULES: QueueRules = new Map();

interface Limited {
  readonly agent: string;
  readonly fn: string;
  /** What the agent says of all its functions together. */
  readonly agentLimit?: number | undefined;
  /** What the function says; with a key, of all starts with the same key. */
  readonly limit?: number | undefined;
  readonly key?: string | undefined;
}

/**
 * The queues that a start is under, in the order in which it asks for their slots: the narrowest first, so that one that
 * waits holds up only those that would wait behind it anyway.
 */
export function queuesOf({ agent, fn, agentLimit, limit, key }: Limited, rules: QueueRules): QueueRef[] {
  const own = `${agent}/${fn}`;
  const keyed: QueueRef[] = key === undefined ? [] : [{ name: `${own}/${key}`, ...limited(limit) }];
  const rest: QueueRef[] = [
    { name: own, ...limited(key === undefined ? limit : undefined) },
    { name: agent, ...limited(agentLimit) },
    { name: TENANT_QUEUE },
  ];
  return [...keyed, ...rest.filter((queue) => queue.limit !== undefined || isRuled(rules.get(queue.name)))];
}

const limited = (limit: number | undefined) => (limit === undefined ? {} : { limit });

function isRuled(rule: QueueRule | undefined): boolean {
  return rule !== undefined && (rule.limit !== undefined || rule.paused === true);
}

/** As people read it, with its tenant: `acme/reports`. */
export function queueTitle(tenant: string, queue: string): string {
  return queue === TENANT_QUEUE ? tenant : `${tenant}/${queue}`;
}
