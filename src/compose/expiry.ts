/** Wires the end of retention: the databases of the index, and the way to the executions. */
import { log } from "../actors/platform/log.ts";
import { Expiry } from "../operations/sweep/expiry.ts";
import { indexTrouble } from "../registry/index-writes.ts";
import { expiredExecutions, tenantsWithExecutions } from "../registry/projection/expired.ts";
import { retentionPolicies } from "../registry/settings/retention-policies.ts";
import type { Env } from "./environment/env.ts";
import { registriesOf } from "./environment/registries.ts";
import { timingOf } from "./environment/timing.ts";
import { executionClientOf } from "./execution-ids.ts";

const made = new WeakMap<Env, Expiry>();

/** One an isolate: it remembers how far it looked. */
export function expiryOf(env: Env): Expiry {
  const known = made.get(env);
  if (known) return known;
  const registries = registriesOf(env);
  const expiry = new Expiry({
    tenants: async () => {
      const found = await Promise.allSettled(registries.all.map(([, database]) => tenantsWithExecutions(database)));
      // A database that is away keeps no tenant of another one waiting.
      for (const one of found)
        if (one.status === "rejected")
          log({ level: "error", message: "ended executions could not be looked for", error: String(one.reason) });
      return [...new Set(found.flatMap((one) => (one.status === "fulfilled" ? one.value : [])))];
    },
    endedBefore: async (tenant, page) => expiredExecutions(await registries.of(tenant), tenant, page),
    takesWrites: async (tenant) => (await indexTrouble(await registries.of(tenant))) === undefined,
    expire: (...asked) => executionClientOf(env).expire(...asked),
    policies: () => retentionPolicies(env.REGISTRY),
    retentionMs: timingOf(env, (message) => log({ level: "warn", message })).retentionMs,
    log,
  });
  made.set(env, expiry);
  return expiry;
}
