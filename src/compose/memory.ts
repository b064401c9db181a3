/** Wires memory: the way to its actors, and what is answered where they are not bound. */
import { memoryClient } from "../actors/platform/memory-client.ts";
import { refuse } from "../domain/values/fault.ts";
import { Memory } from "../operations/memory.ts";
import { MemoryFeeds } from "../operations/memory-feeds.ts";
import type { MemoryClient } from "../operations/memory-ports.ts";
import { MemoryScopes } from "../operations/memory-scopes.ts";
import type { ExecutionClient } from "../operations/ports.ts";
import { shortDigest } from "../vault/digest.ts";
import { bindingAdvice } from "./bindings.ts";
import type { Env } from "./env.ts";

/** The namespace, or the refusal that names the lines for the wrangler file. */
export function memoriesOf(env: Pick<Env, "MEMORIES">) {
  return env.MEMORIES ?? refuse("misconfigured", bindingAdvice(env, "MEMORIES")[0] ?? "");
}

export function memoryClientOf(env: Pick<Env, "MEMORIES">): MemoryClient {
  return memoryClient(memoriesOf(env));
}

export function memoryOf(env: Pick<Env, "MEMORIES">, executions: ExecutionClient) {
  const client = memoryClientOf(env);
  const scopes = new MemoryScopes(executions);
  return {
    memory: new Memory({ client, scopes, digest: shortDigest }),
    memoryFeeds: new MemoryFeeds({ client, scopes }),
  };
}
