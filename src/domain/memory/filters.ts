import type { Json } from "../values/json.ts";
import { canonicalJson } from "../values/json.ts";

export type Metadata = { readonly [name: string]: Json };

/** True when the metadata has each of these fields, with the same value. Names of prototypes are names like others. */
export function fitsFilters(metadata: Metadata, filters: Metadata): boolean {
  return Object.entries(filters).every(
    ([name, value]) => Object.hasOwn(metadata, name) && canonicalJson(metadata[name]) === canonicalJson(value),
  );
}
