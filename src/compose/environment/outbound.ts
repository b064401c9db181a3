/** Wires the one way out to addresses that callers named. */
import type { OutboundFetch } from "../../domain/values/outbound.ts";
import { guardedFetch } from "../../outbound/guarded-fetch.ts";
import type { Reach } from "../../outbound/judge-url.ts";
import { parseAllowedHosts } from "../../outbound/judge-url.ts";
import type { Env } from "./env.ts";
import { modeOf } from "./env.ts";

type Settings = Pick<Env, "AUTH_MODE" | "ERRAND_ALLOWED_HOSTS">;

/** A laptop in open mode reaches itself; a deployment reaches public hosts, and those that its operator allows. */
export function reachOf(env: Settings): Reach {
  return { anywhere: modeOf(env) === "open", allowed: parseAllowedHosts(env.ERRAND_ALLOWED_HOSTS) };
}

export function outboundOf(env: Settings): OutboundFetch {
  return guardedFetch({ reach: reachOf(env), fetch: (url, init) => fetch(url, init) });
}
