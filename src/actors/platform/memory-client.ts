/** Memories become the port that the operations and programs know. An object has its name from all that tells memories apart. */

import { systemPrincipal } from "../../domain/execution/principal.ts";
import type { ActorPlace, ForwardedChanges } from "../../domain/memory/entry.ts";
import { tenantFeed } from "../../domain/memory/entry.ts";
import type { Refusal, Result } from "../../domain/values/fault.ts";
import { FAULTS } from "../../domain/values/fault.ts";
import type { Admit } from "../../operations/admission.ts";
import type { MemoryClient } from "../../operations/memory/ports.ts";
import type { MemoryRpc } from "../rpc/memory-rpc.ts";
import { memorySubscriptionRequest } from "../rpc/memory-subscription.ts";
import { callActor } from "./call-actor.ts";
import { namespaceOf } from "./jurisdiction.ts";

type Actor = MemoryRpc & Pick<DurableObjectStub, "fetch">;

/** Where this Worker binds none, each call is answered with the refusal. */
type Namespace = DurableObjectNamespace | Refusal;

export function memoryClient(namespace: Namespace, admit: Admit): MemoryClient {
  /** Setting the same value twice is setting it, and what must be done once has an id of its own: each may be sent twice. */
  const ask = async <T>(place: ActorPlace, call: (actor: Actor) => Promise<Result<T>>): Promise<Result<T>> =>
    "ok" in namespace
      ? namespace
      : (admit(nameOf(place)) ?? callActor({ actor: actorOf(namespace, place), call, repeatable: true }));
  return {
    set: (caller, place, write) => ask(place, (actor) => actor.set(caller, place, write)),
    get: (caller, place, key) => ask(place, (actor) => actor.get(caller, place, key)),
    remove: (caller, place, write) => ask(place, (actor) => actor.remove(caller, place, write)),
    list: (caller, place, query) => ask(place, (actor) => actor.list(caller, place, query)),
    setVector: (caller, place, write) => ask(place, (actor) => actor.setVector(caller, place, write)),
    getVector: (caller, place, key) => ask(place, (actor) => actor.getVector(caller, place, key)),
    removeVectors: (caller, place, which) => ask(place, (actor) => actor.removeVectors(caller, place, which)),
    search: (caller, place, query) => ask(place, (actor) => actor.search(caller, place, query)),
    changes: (caller, place, query) => ask(place, (actor) => actor.changes(caller, place, query)),
    chat: async (caller, place, { after, asks }) => {
      if ("ok" in namespace) return Response.json(namespace, { status: FAULTS[namespace.code].status });
      const chat = { ...caller, scopes: [...caller.scopes] };
      const asked = { wanted: { patterns: [], chat }, asks, after };
      const call = (actor: Actor) => actor.fetch(memorySubscriptionRequest(caller, place, asked));
      return callActor({ actor: actorOf(namespace, place), call, repeatable: true });
    },
    stream: async (caller, place, { wanted, ...from }) => {
      if ("ok" in namespace) return Response.json(namespace, { status: FAULTS[namespace.code].status });
      const { scope, scopeId, patterns, owner } = wanted;
      const asked = { wanted: { scope, scopeId, patterns: [...patterns], owner }, ...from };
      const call = (actor: Actor) => actor.fetch(memorySubscriptionRequest(caller, place, asked as never));
      return callActor({ actor: actorOf(namespace, place), call, repeatable: true });
    },
  };
}

/** The way from a memory to the feed of its tenant. */
export function forwardTo(namespace: Namespace) {
  return async (tenant: string, forwarded: ForwardedChanges): Promise<Result<number>> => {
    if ("ok" in namespace) return namespace;
    const place = tenantFeed(tenant);
    const call = (actor: Actor) => actor.forward(systemPrincipal(tenant), place, forwarded);
    return callActor({ actor: actorOf(namespace, place), call, repeatable: true });
  };
}

const nameOf = ({ tenant, scope, owner, scopeId }: ActorPlace) => JSON.stringify([tenant, scope, owner, scopeId]);

function actorOf(namespace: DurableObjectNamespace, place: ActorPlace) {
  const id = namespaceOf(namespace, place.tenant).idFromName(nameOf(place));
  return () => namespace.get(id) as unknown as Actor;
}
