import type { z } from "zod";
import { Json } from "../domain/values/json.ts";

/** Of a value that travels in a body and is kept in a log; more belongs into a file or a store of the caller's. */
export const MAX_INLINE_BYTES = 1_048_576;

export function inlineBytes(value: unknown): number {
  const text = JSON.stringify(value) ?? "";
  // A UTF-16 unit is three bytes at most: most values need no second look.
  return text.length * 3 <= MAX_INLINE_BYTES ? text.length : new TextEncoder().encode(text).length;
}

export function refuseLarge(value: unknown, ctx: z.core.$RefinementCtx): void {
  const bytes = inlineBytes(value);
  if (bytes <= MAX_INLINE_BYTES) return;
  const message = `has ${bytes} bytes, and at most ${MAX_INLINE_BYTES} (1 MiB) are taken inline`;
  ctx.addIssue({ code: "custom", message, params: { fault: "payload_too_large" } });
}

/** Any JSON that may be kept inline. */
export const InlineJson = Json.superRefine(refuseLarge);
