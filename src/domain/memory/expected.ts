import type { Json } from "../values/json.ts";
import { canonicalJson } from "../values/json.ts";

/** Whether the stored JSON is the value that a write expects, as canonical JSON; `null`: none. Texts of one value may name its fields in another order. */
export function isValue(stored: string | undefined, expected: string | null): boolean {
  if (stored === undefined || expected === null) return stored === undefined && expected === null;
  return stored === expected || canonicalJson(JSON.parse(stored) as Json) === expected;
}
