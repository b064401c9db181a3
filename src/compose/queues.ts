/** Wires concurrency limits: the limiters, the way to them, and what operators set. */
import type { LimiterSurroundings } from "../actors/limiter-actor.ts";
import { admitTicket, intakeShards } from "../actors/platform/intake-client.ts";
import type { LimiterClient } from "../actors/platform/limiter-client.ts";
import { limiterClient, slotHolders } from "../actors/platform/limiter-client.ts";
import { log } from "../actors/platform/log.ts";
import type { Ticket } from "../domain/intake/ticket.ts";
import { stateOf } from "../domain/intake/ticket.ts";
import { refuse } from "../domain/values/fault.ts";
import { slotMessage } from "../engine/outbox/slot-message.ts";
import type { RemoteAgents } from "../operations/nodes/remote-agents.ts";
import { Queues } from "../operations/operator/queues.ts";
import type { Catalog } from "../operations/ports.ts";
import { queueRules, registeredQueues, registerQueue, removeQueue, setQueueRule } from "../registry/settings/queues.ts";
import { bindingAdvice } from "./environment/bindings.ts";
import type { Env } from "./environment/env.ts";
import { queueRulesOf } from "./queue-rules.ts";

const clients = new WeakMap<object, LimiterClient>();

export function limitersOf(env: Env): LimiterClient {
  const known = clients.get(env) ?? limiterClient(env.LIMITERS);
  clients.set(env, known);
  return known;
}

export function queuesOf(env: Env, catalog: Catalog, remote: RemoteAgents): Queues {
  return new Queues({
    catalog,
    remote,
    missing: env.LIMITERS ? undefined : refuse("misconfigured", bindingAdvice(env, "LIMITERS")[0] ?? ""),
    limiters: limitersOf(env),
    index: {
      rules: (tenant) => queueRules(env.REGISTRY, tenant),
      names: (tenant, page) => registeredQueues(env.REGISTRY, tenant, page),
    },
    forget: (tenant) => queueRulesOf(env).forget(tenant),
  });
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
    remove: (whose) => removeQueue(env.REGISTRY, whose),
    set: (whose, rule) => setQueueRule(env.REGISTRY, whose, rule),
  }),
  log,
};
