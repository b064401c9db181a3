/**
 * Settings that cannot be meant as they are written: a number out of its range, a word that is none of those that count. Nothing is
 * served until they are mended, because a limit or a guard that is not the one that was written would go unnoticed.
 * Settings that are left at their default with a line in the log (`timing.ts`, `nodes.ts`) are not among them.
 */
import { limitFaults } from "../../domain/values/limits.ts";
import type { NumberRule } from "../../domain/values/numbers.ts";
import { faultOfNumber } from "../../domain/values/numbers.ts";
import type { Env } from "./env.ts";

const NUMBERS = {
  ERRAND_LEASE_SECONDS: { min: 1, max: 31_536_000 },
  ERRAND_MAX_LIVE: { min: 1, whole: true },
  ERRAND_SCRIPTED_PACE_MS: { min: 0, max: 60_000 },
  ERRAND_REGISTRY_MAX_BYTES: { min: 1, whole: true },
  ERRAND_INTAKE_SHARDS: { min: 1, max: 255, whole: true },
} as const satisfies { readonly [Name in keyof Env]?: NumberRule };

const WORDS = {
  ERRAND_WEBHOOK_STAMPED: ["required"],
  ERRAND_READ_REPLICAS: ["on", "off"],
  ERRAND_ARCHIVE: ["on", "off"],
  ERRAND_INTAKE: ["on", "off"],
} as const satisfies { readonly [Name in keyof Env]?: readonly string[] };

type NumberName = keyof typeof NUMBERS;
const NUMBER_NAMES = Object.keys(NUMBERS) as NumberName[];

/** A sentence for each. */
export function settingFaults(env: Env): string[] {
  const numbers = NUMBER_NAMES.flatMap((name) => {
    const text = env[name];
    if (text === undefined || text === "") return [];
    const value = Number(text);
    const fault = faultOfNumber(Number.isNaN(value) ? text : value, NUMBERS[name]);
    return fault === undefined ? [] : [`${name} ${fault}, or leave it out`];
  });
  const words = Object.entries(WORDS).flatMap(([name, known]) => {
    const text = env[name as keyof typeof WORDS];
    if (text === undefined || text === "" || known.some((word) => word === text)) return [];
    return [`${name} is ${JSON.stringify(text.slice(0, 50))}: write ${known.join(" or ")}, or leave it out`];
  });
  return [...numbers, ...words, ...limitFaults({ ...env })];
}
