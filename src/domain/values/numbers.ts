/**
 * Numbers and names as definitions and callers may give them. What they mean is the same before and after a restart: what
 * JSON cannot store is refused where it is given, by name, or means "no limit" and is left out.
 */
import * as z from "zod";

/** The last instant that ISO 8601 writes with four digits of a year: 9999-12-31T23:59:59.999Z. */
export const LAST_INSTANT_MS = 253_402_300_799_999;

export interface NumberRule {
  readonly min: number;
  /** Above `min`, not equal to it. */
  readonly above?: boolean;
  readonly max?: number;
  readonly whole?: boolean;
  /** `Infinity` means that there is no limit. */
  readonly unlimited?: boolean;
}

/** Why a value is no number of this kind: the rest of the sentence "NAME …". `undefined` when it is one. */
export function faultOfNumber(value: unknown, rule: NumberRule): string | undefined {
  const { min, above = false, max = Number.MAX_VALUE, whole = false, unlimited = false } = rule;
  if (unlimited && value === Number.POSITIVE_INFINITY) return undefined;
  const fits =
    typeof value === "number" &&
    Number.isFinite(value) &&
    (!whole || Number.isInteger(value)) &&
    (above ? value > min : value >= min) &&
    value <= max;
  if (fits) return undefined;
  const range = `${above ? `above ${min}` : `from ${min}`}${max === Number.MAX_VALUE ? "" : ` to ${max}`}`;
  const endless = unlimited ? ", or Infinity for no limit" : "";
  return `is ${shown(value)}: give a ${whole ? "whole" : "finite"} number ${range}${endless}`;
}

function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.slice(0, 50));
  if (value === null || typeof value === "number" || typeof value === "boolean") return String(value);
  return `a value of the type ${typeof value}`;
}

/** A number of this kind; -0 becomes 0. */
export function numberOf(rule: NumberRule): z.ZodType<number> {
  return z.unknown().transform((value, ctx) => {
    const fault = faultOfNumber(value, rule);
    if (fault === undefined) return value === 0 ? 0 : (value as number);
    ctx.addIssue(fault);
    return z.NEVER;
  }) as unknown as z.ZodType<number>;
}

/** A limit that is none: it is left out. So is one that no instant up to the year 9999 could reach. */
export function limited(ms: number | undefined): number | undefined {
  return ms !== undefined && ms <= LAST_INSTANT_MS ? ms : undefined;
}

/** Whole milliseconds, at the latest the last instant. */
export function instantOf(ms: number): number {
  return Math.min(Math.ceil(ms), LAST_INSTANT_MS);
}
