/**
 * What a key may make of itself. Called for each new key; answers what is kept of it, or names the field that is too much.
 *
 * - A key makes no key that is more than it is: not of another tenant, with no other scope, with no higher limit, not
 *   unmasked where it is masked itself, and for no subject by which the runtime signs what it did on its own.
 * - The keys of a limited key share its limit: many of them together are no more than it is.
 */
import type { z } from "zod";
import type { KeyRequest } from "../../contract/access/keys.ts";
import type { KeyRecord } from "../../domain/execution/key.ts";
import { SYSTEM_SUBJECTS } from "../../domain/execution/key.ts";
import { hasScope } from "../../domain/execution/principal.ts";
import { AGENT_LIMITS, agentOf, agentSubject } from "../../domain/node/polling-agent.ts";
import type { Refusal, Result } from "../../domain/values/fault.ts";
import { accept, refuse } from "../../domain/values/fault.ts";
import type { KeyHolder } from "./api-key-authenticator.ts";

export type Made = Pick<KeyRecord, "tenant" | "subject" | "scopes" | "rateLimitPerMin" | "drawsOn" | "masked">;

export function madeBy(holder: KeyHolder, request: z.infer<typeof KeyRequest>): Result<Made> {
  const { caller, keyHash: hash, rateLimitPerMin: perMin, drawsOn = [] } = holder;
  const tenant = tenantMeant(holder, request.tenant);
  if (!tenant.ok) return tenant;
  const { subject = caller.subject, masked = caller.masked ?? false } = request;
  const missing = request.scopes.find((scope) => !hasScope(caller, scope));
  if (missing !== undefined) return tooMuch("scopes", `this key has not the scope "${missing}", and cannot give it`);
  if (SYSTEM_SUBJECTS.has(subject) && subject !== caller.subject)
    return tooMuch("subject", `"${subject}" is how the runtime signs what it does itself; name another subject`);
  if (agentOf(subject) !== undefined && subject !== caller.subject)
    return tooMuch("subject", `"${subject}" is a polling agent's: its key is made by POST /api/agents/register`);
  if (caller.masked && !masked)
    return tooMuch("masked", "this key is masked, and makes masked keys only: leave it out");
  const limit = request.rate_limit_per_min ?? perMin;
  if (perMin !== undefined && limit !== undefined && limit > perMin) return tooMany(perMin);
  return accept({
    tenant: tenant.value,
    subject,
    scopes: [...new Set(request.scopes)],
    rateLimitPerMin: limit ?? null,
    drawsOn: hash === undefined || perMin === undefined ? drawsOn : [...drawsOn, { hash, perMin }],
    masked,
  });
}

/**
 * The key of a polling agent: of the scope `agent` alone, which its owner gives without having it. An agent that asks for its
 * next key makes one like its own. `before`: its key until now.
 */
export function agentKeyBy(
  { caller, keyHash: hash, rateLimitPerMin: perMin, drawsOn = [] }: KeyHolder,
  asked: { readonly id: string; readonly ratePerMin: number | undefined; readonly before: KeyRecord | undefined },
): Result<Made> {
  const subject = agentSubject(asked.id);
  const most = perMin ?? Number.POSITIVE_INFINITY;
  if (asked.ratePerMin !== undefined && asked.ratePerMin > most) return tooMany(most);
  const usual = asked.before ? asked.before.rateLimitPerMin : AGENT_LIMITS.ratePerMin;
  const limit = asked.ratePerMin ?? Math.min(usual ?? most, most);
  const isOwn = caller.subject === subject;
  return accept({
    tenant: caller.tenant,
    subject,
    scopes: ["agent"],
    rateLimitPerMin: Number.isFinite(limit) ? limit : null,
    drawsOn: isOwn || hash === undefined || perMin === undefined ? drawsOn : [...drawsOn, { hash, perMin }],
    masked: caller.masked ?? false,
  });
}

function tooMany(perMin: number): Refusal {
  return tooMuch("rate_limit_per_min", `this key may send ${perMin} requests a minute, and gives at most as many`);
}

export function tenantMeant({ operator, caller }: KeyHolder, named: string | undefined): Result<string> {
  if (named === undefined || named === caller.tenant) return accept(caller.tenant);
  if (operator) return accept(named);
  return tooMuch("tenant", `this key belongs to ${caller.tenant}; only the root key names other tenants`);
}

function tooMuch(path: string, message: string): Refusal {
  return refuse("invalid_input", `${path}: ${message}`, [{ path, message }]);
}
