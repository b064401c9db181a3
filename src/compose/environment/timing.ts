/** Times and widths of the engine as a deployment sets them. What is none of these is left at its default, and logged. */
import { parseRetention } from "../../domain/execution/retention.ts";
import type { NumberRule } from "../../domain/values/numbers.ts";
import { faultOfNumber } from "../../domain/values/numbers.ts";
import type { Timing } from "../../engine/ports.ts";
import { DEFAULT_TIMING } from "../../engine/ports.ts";
import type { Env } from "./env.ts";

/** A day: an execution with something in flight is looked at at least this often. */
const heartbeat: NumberRule = { min: 100, max: 86_400_000, whole: true };
const tries: NumberRule = { min: 1, max: 1_000, whole: true };

export type Settings = Pick<Env, "ERRAND_HEARTBEAT_MS" | "ERRAND_MAX_TRIES" | "ERRAND_RETENTION_DAYS">;

export function timingOf(env: Settings, warn: (message: string) => void): Timing {
  const number = (name: "ERRAND_HEARTBEAT_MS" | "ERRAND_MAX_TRIES", rule: NumberRule, otherwise: number): number => {
    const text = env[name];
    if (text === undefined || text === "") return otherwise;
    const value = Number(text);
    const fault = faultOfNumber(value, rule);
    if (fault === undefined) return value;
    warn(`${name} ${fault}; it stays ${otherwise}`);
    return otherwise;
  };
  return {
    ...DEFAULT_TIMING,
    heartbeatMs: number("ERRAND_HEARTBEAT_MS", heartbeat, DEFAULT_TIMING.heartbeatMs),
    mostTries: number("ERRAND_MAX_TRIES", tries, DEFAULT_TIMING.mostTries),
    retentionMs: parseRetention(env.ERRAND_RETENTION_DAYS).ms,
  };
}
