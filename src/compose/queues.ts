/** Wires concurrency limits: the limiters, the way to them, and what operators set. */
import type { LimiterSurroundings } from "../actors/limiter-actor.ts";
import { admitTicket, intakeShards } from "../actors/platform/intake-client.ts";
import type { LimiterClient } from "../actors/platform/limiter-client.ts";
import { limiterClient, slotHolders } from "../actors/platform/limiter-client.ts";
import { log } from "../actors/platform/log.ts";
import type { Ticket } from "../domain/intake/ticket.ts";
import { stateOf } from "../domain/intake/ticket.ts";
import { slotMessage } from "../engine/slot-message.ts";
import type { Catalog } from "../operations/ports.ts";
import { QueueRuleCache } from "../operations/queue-rules.ts";
import { Queues } from "../operations/queues.ts";
import { queueRules, registeredQueues, registerQueue, setQueueRule } from "../registry/queues.ts";
import type { Env } from "./env.ts";

const clients = new WeakMap<object, LimiterClient>();

export function limitersOf(env: Env): LimiterClient {
  const known = clients.get(env) ?? limiterClient(env.LIMITERS);
  clients.set(env, known);
  return known;
}

export function queuesOf(env: Env, catalog: Catalog): Queues {
  return new Queues({
    catalog,
    limiters: limitersOf(env),
    index: {
      rules: (tenant) => queueRules(env.REGISTRY, tenant),
      names: (tenant, page) => registeredQueues(env.REGISTRY, tenant, page),
    },
    forget: (tenant) => queueRulesOf(env).forget(tenant),
  });
}

const caches = new WeakMap<object, QueueRuleCache>();

/** One memory an isolate. */
export function queueRulesOf(env: Env): QueueRuleCache {
  const known = caches.get(env);
  if (known) return known;
  const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
  const made = new QueueRuleCache({ read: (tenant) => queueRules(env.REGISTRY, tenant), now: () => Date.now(), pause });
  caches.set(env, made);
  return made;
}

function holdersOf({ EXECUTIONS, INTAKES }: Env) {
  if (!INTAKES) return slotHolders(EXECUTIONS);
  const ask = intakeShards(INTAKES);
  return slotHolders(EXECUTIONS, (tenant, id) => admitTicket(ask, tenant, id));
}

/** For an intake shard: asks the first limiter of a start, as its object would. */
export async function slotOf(env: Env, ticket: Ticket): Promise<boolean> {
  const state = stateOf(ticket);
  const asked = state && slotMessage(state, 0);
  return !asked || (await limitersOf(env).hear(asked)) !== undefined;
}

export const limiterSurroundings: LimiterSurroundings<Env> = {
  tell: (env, ...said) => holdersOf(env).tell(...said),
  check: (env, ...said) => holdersOf(env).check(...said),
  index: (env) => ({
    register: (whose) => registerQueue(env.REGISTRY, whose),
    set: (whose, rule) => setQueueRule(env.REGISTRY, whose, rule),
  }),
  log,
};
