/** Fields that inputs of several commands share. */
import * as z from "zod";

export function id(what: string) {
  return z
    .string()
    .min(1)
    .max(300)
    .meta({ value: "ID", description: `${what}: an id, its first letters, or latest` });
}

export function word(value: string, description: string) {
  return z.string().min(1).max(300).meta({ value, description });
}

export const limit = z.number().int().min(1).max(200).default(25).meta({ description: "at most so many (25)" });
export const cursor = z.string().optional().meta({ description: "where the page before ended" });
export const reason = z.string().max(2_000).optional().meta({ description: "kept with the change" });

const SECOND_MS = 1_000;
const UNITS = new Map([
  ["s", SECOND_MS],
  ["m", 60 * SECOND_MS],
  ["h", 3_600 * SECOND_MS],
]);

/** `30`, `90s`, `5m`, `1h`: in milliseconds. */
export const timeout = z
  .string()
  .transform((text, ctx) => {
    const [, number = "", unit = "s"] = /^(\d{1,6}(?:\.\d{1,3})?)([smh])?$/.exec(text) ?? [];
    const ms = number === "" ? Number.NaN : Number(number) * (UNITS.get(unit) ?? SECOND_MS);
    if (ms > 0) return ms;
    ctx.addIssue({ code: "custom", message: "must be a time above 0 such as 30, 90s, 5m or 1h" });
    return z.NEVER;
  })
  .optional()
  .meta({ value: "TIME", description: "stop waiting after 30, 90s, 5m or 1h, with exit code 124; it goes on" });

/** A text of JSON; `what` is its name in the message. */
export function json(value: string, description: string) {
  return z
    .string()
    .transform((text, ctx): unknown => {
      try {
        return JSON.parse(text);
      } catch {
        ctx.addIssue({ code: "custom", message: `must be JSON, such as '{"a": 1}'` });
        return z.NEVER;
      }
    })
    .meta({ value, description });
}

/** A JSON object. */
export function jsonObject(value: string, description: string) {
  return json(value, description).pipe(z.record(z.string(), z.json()));
}

export const NextSteps = z
  .array(z.object({ command: z.string(), description: z.string() }))
  .optional()
  .describe("Commands to run next, with real ids.");
