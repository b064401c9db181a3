/** Wires memory: the way to its actors, and what is answered where they are not bound. */
import { memoryClient } from "../actors/platform/memory-client.ts";
import { systemPrincipal } from "../domain/execution/principal.ts";
import type { MemoryVerbs } from "../domain/memory/memory-verbs.ts";
import type { EntryPlace } from "../domain/memory/scope.ts";
import { refuse } from "../domain/values/fault.ts";
import { Memory } from "../operations/memory.ts";
import { MemoryFeeds } from "../operations/memory-feeds.ts";
import { MemoryScopes } from "../operations/memory-scopes.ts";
import type { ExecutionClient } from "../operations/ports.ts";
import { Threads } from "../operations/threads.ts";
import { shortDigest } from "../vault/digest.ts";
import { bindingAdvice } from "./bindings.ts";
import type { Env } from "./env.ts";

/** The namespace, or the refusal that names the lines for the wrangler file. */
export function memoriesOf(env: Pick<Env, "MEMORIES">) {
  return env.MEMORIES ?? refuse("misconfigured", bindingAdvice(env, "MEMORIES")[0] ?? "");
}

/** For programs: what is theirs was decided by whom their execution belongs to. */
export function memoryPortOf(env: Pick<Env, "MEMORIES">): MemoryVerbs {
  const client = memoryClient(memoriesOf(env));
  const as = ({ tenant }: EntryPlace) => systemPrincipal(tenant);
  return {
    set: (place, write) => client.set(as(place), place, write),
    get: (place, key) => client.get(as(place), place, key),
    remove: (place, write) => client.remove(as(place), place, write),
    list: (place, query) => client.list(as(place), place, query),
    setVector: (place, write) => client.setVector(as(place), place, write),
    removeVectors: (place, which) => client.removeVectors(as(place), place, which),
    search: (place, query) => client.search(as(place), place, query),
  };
}

export function memoryOf(env: Pick<Env, "MEMORIES">, executions: ExecutionClient) {
  const client = memoryClient(memoriesOf(env));
  const scopes = new MemoryScopes(executions);
  return {
    memory: new Memory({ client, scopes, digest: shortDigest }),
    threads: new Threads(client),
    memoryFeeds: new MemoryFeeds({ client, scopes }),
  };
}
