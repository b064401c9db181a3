/** Wires approvals: ids that programs choose, and where links to pages begin. */
import { faultOfWebUrl } from "../domain/values/web-url.ts";
import type { World } from "../engine/ports.ts";
import { claimId } from "../operations/approvals/approval-claims.ts";
import { approvalIndex } from "../registry/lists/approvals.ts";
import type { Env } from "./environment/env.ts";
import { registriesOf } from "./environment/registries.ts";
import { executionClientOf } from "./execution-ids.ts";

type Log = (entry: Readonly<Record<string, unknown>>) => void;

const now = () => Date.now();

/** Returns the configured address of this deployment. One to which no person may be sent is logged and left out. */
export function publicUrlOf({ ERRAND_PUBLIC_URL: url }: Pick<Env, "ERRAND_PUBLIC_URL">, log: Log): string | undefined {
  const fault = url === undefined ? undefined : faultOfWebUrl(url);
  if (fault !== undefined) log({ level: "error", message: `ERRAND_PUBLIC_URL ${fault}` });
  return fault === undefined ? url : undefined;
}

export function approvalClaimsOf(env: Env): World["claimApproval"] {
  const parts = { client: executionClientOf(env), index: approvalIndex(registriesOf(env)), now };
  return async (origin, id) => {
    const claimed = await claimId(parts, id, origin);
    if (!claimed.ok) return claimed;
    const { claim, reasked } = claimed.value;
    return { ok: true, value: { untilMs: claim.untilMs, reasked } };
  };
}
