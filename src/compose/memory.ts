/** Wires memory: the way to its actors, and what is answered where they are not bound. */
import type { ChatPort } from "../actors/memory/chat-desk.ts";
import { memoryClient } from "../actors/platform/memory-client.ts";
import { systemPrincipal } from "../domain/execution/principal.ts";
import type { MemoryVerbs } from "../domain/memory/memory-verbs.ts";
import type { EntryPlace } from "../domain/memory/scope.ts";
import { refuse } from "../domain/values/fault.ts";
import type { ApiKeyAuthenticator } from "../operations/access/api-key-authenticator.ts";
import { refusalOfQuota } from "../operations/access/rate-limit.ts";
import type { Executions } from "../operations/executions/executions.ts";
import { Chats, startAnswer } from "../operations/memory/chats.ts";
import { Memory } from "../operations/memory/memory.ts";
import { MemoryFeeds } from "../operations/memory/memory-feeds.ts";
import { MemoryScopes } from "../operations/memory/memory-scopes.ts";
import { Threads } from "../operations/memory/threads.ts";
import type { AgentQuota } from "../operations/polling-agents/agent-quota.ts";
import type { Catalog, ExecutionClient } from "../operations/ports.ts";
import { shortDigest } from "../vault/digest.ts";
import { bindingAdvice } from "./environment/bindings.ts";
import type { Env } from "./environment/env.ts";
import { admissionOf } from "./environment/limits.ts";
import { executionClientOf, idSecretOf } from "./execution-ids.ts";

/** The namespace, or the refusal that names the lines for the wrangler file. */
export function memoriesOf(env: Pick<Env, "MEMORIES">) {
  return env.MEMORIES ?? refuse("misconfigured", bindingAdvice(env, "MEMORIES")[0] ?? "");
}

/** For programs: what is theirs was decided by whom their execution belongs to. */
export function memoryPortOf(env: Pick<Env, "MEMORIES">): MemoryVerbs {
  // Its execution was admitted.
  const client = memoryClient(memoriesOf(env), () => undefined);
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

/** Of this environment, as calls of its router use it. */
interface ChatServices {
  readonly executions: Pick<Executions, "start">;
  readonly access: {
    readonly authenticator: Pick<ApiKeyAuthenticator, "holderOfHash">;
    readonly rateLimit: Pick<AgentQuota, "count">;
  };
}

/** For conversations. A message of a socket counts as a request of its key. */
export function chatPortOf(env: Env, services: () => ChatServices): ChatPort {
  return {
    client: async () => {
      await idSecretOf(env).load();
      return executionClientOf(env);
    },
    start: async (caller, message) => {
      await idSecretOf(env).load();
      const { executions, access } = services();
      const holder = caller.key && (await access.authenticator.holderOfHash(caller.key.hash));
      if (holder && !holder.ok) return holder;
      const spent = holder && refusalOfQuota(await access.rateLimit.count(holder.value));
      return spent ?? startAnswer({ executions, digest: shortDigest }, caller, message);
    },
  };
}

export function memoryOf(
  env: Pick<Env, "MEMORIES" | "ERRAND_MAX_LIVE">,
  executions: ExecutionClient,
  catalog: Catalog,
) {
  const admission = admissionOf(env);
  const client = memoryClient(memoriesOf(env), (name) => admission.refusal(`memory ${name}`));
  const scopes = new MemoryScopes(executions);
  return {
    memory: new Memory({ client, scopes, digest: shortDigest }),
    threads: new Threads(client),
    chats: new Chats({ client, catalog }),
    memoryFeeds: new MemoryFeeds({ client, scopes }),
  };
}
