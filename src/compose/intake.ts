/** Wires the queue: its shards, the way to them, and what they need to begin executions. */

import { StartGate } from "../actors/intake/start-gate.ts";
import type { IntakeSurroundings } from "../actors/intake-actor.ts";
import type { ExecutionIds } from "../actors/platform/execution-ids.ts";
import { intakeShards, ticketStarter, withIntake } from "../actors/platform/intake-client.ts";
import { log } from "../actors/platform/log.ts";
import { projectorClient } from "../actors/platform/projector-client.ts";
import { systemPrincipal } from "../domain/execution/principal.ts";
import { unknownFunction } from "../domain/intake/ticket.ts";
import { LruCache } from "../domain/values/lru-cache.ts";
import type { ExecutionClient } from "../operations/ports.ts";
import { executionRow } from "../registry/projection/projection.ts";
import { listedIntakes, listIntake } from "../registry/settings/intakes.ts";
import { vaultOf } from "../vault/configured.ts";
import type { Offering } from "./catalog.ts";
import type { Env } from "./environment/env.ts";
import { admissionOf, limitsOf } from "./environment/limits.ts";
import { limitersOf, slotOf } from "./queues.ts";

interface IntakeBindings {
  readonly INTAKES?: DurableObjectNamespace;
  readonly ERRAND_INTAKE?: string;
  readonly ERRAND_INTAKE_SHARDS?: string;
}

/** The id of an execution has a byte for it. */
const MOST_SHARDS = 255;
const REMEMBERED = 20_000;
const begun = new WeakMap<DurableObjectNamespace, LruCache<string, true>>();

/** How many shards take a tenant's starts; 0 where none do. */
function intakeShardsOf({ INTAKES, ERRAND_INTAKE, ERRAND_INTAKE_SHARDS }: IntakeBindings): number {
  if (!INTAKES || ERRAND_INTAKE === "off") return 0;
  const shards = Number(ERRAND_INTAKE_SHARDS || 1);
  return Number.isInteger(shards) && shards >= 1 && shards <= MOST_SHARDS ? shards : 1;
}

/** The same client where the Worker binds no shards: then each start makes its object at once. */
export function queueing(env: IntakeBindings, client: ExecutionClient, ids: ExecutionIds): ExecutionClient {
  const { INTAKES } = env;
  if (!INTAKES) return client;
  const known = begun.get(INTAKES) ?? new LruCache<string, true>(REMEMBERED);
  begun.set(INTAKES, known);
  const shards = intakeShardsOf(env);
  return withIntake(client, { ask: intakeShards(INTAKES), ids, shards, random: Math.random, begun: known });
}

const gates = new WeakMap<object, StartGate>();

/** One gate an isolate. */
function gateOf(env: Env): StartGate {
  const known = gates.get(env);
  if (known) return known;
  const admission = admissionOf(env);
  const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
  const made = new StartGate({ enters: (id) => admission.refusal(id) === undefined, pause });
  gates.set(env, made);
  return made;
}

export function intakeSurroundings(offeringIn: (env: Env) => Offering): IntakeSurroundings<Env> {
  return {
    vault: vaultOf,
    limits: limitsOf,
    begin: (env) => ticketStarter(env.EXECUTIONS),
    unknown: (env) => (ticket) => unknownFunction(ticket, offeringIn(env).agents),
    slot: (env) => (ticket) => slotOf(env, ticket),
    queueReport: (env, ...whose) => limitersOf(env).report(...whose),
    room:
      (env) =>
      ({ origin: { tenant, id } }) =>
        gateOf(env).room(tenant, id),
    index: (env) => {
      const record = projectorClient(env.PROJECTORS);
      return {
        record: (state) => record({ kind: "execution", row: executionRow(state, undefined) }),
        list: (name, hasWork) => listIntake(env.REGISTRY, name, hasWork),
      };
    },
    log,
  };
}

/** Most shards that are woken in a minute: the others wait for the next one. */
const MOST_WOKEN = 200;

/** Called by the cron handler each minute: wakes the shards that are listed as having something to do. */
export async function wakeIntakes(env: Env): Promise<void> {
  const { INTAKES } = env;
  if (!INTAKES) return;
  const ask = intakeShards(INTAKES);
  for (const name of await listedIntakes(env.REGISTRY, MOST_WOKEN)) {
    try {
      await ask(name, (shard) => shard.wake(systemPrincipal(name.tenant)));
    } catch (error) {
      log({ level: "warn", message: "a queue could not be woken", ...name, error: String(error) });
    }
  }
}
