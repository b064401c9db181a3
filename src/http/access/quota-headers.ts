import type { Quota } from "../../operations/access/rate-limit.ts";
import { WINDOW_MS } from "../../operations/access/rate-limit.ts";

/** The fields of draft-ietf-httpapi-ratelimit-headers: the policy, and what is left of it. */
export function quotaHeaders({ limit, remaining, resetS }: Quota): Record<string, string> {
  return {
    "ratelimit-policy": `"key";q=${limit};w=${WINDOW_MS / 1_000}`,
    ratelimit: `"key";r=${Math.max(0, remaining)};t=${resetS}`,
    ...(remaining < 0 ? { "retry-after": String(resetS) } : {}),
  };
}
