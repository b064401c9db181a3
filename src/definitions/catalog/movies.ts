import type { Auditor } from "./audit.ts";
import { createAuditor } from "./audit.ts";

let auditor: Auditor | undefined;

/**
 * An auditor of the movies table of vega-datasets. Imported when it is first needed, because evaluating 1.2 MB of JSON
 * would slow every cold start; by path, because the package exports only its loader, which fetches from a CDN. Only the
 * finished auditor is kept: workerd lets no request await another one's promise.
 */
export async function movies(): Promise<Auditor> {
  auditor ??= createAuditor(
    (await import("../../../node_modules/vega-datasets/data/movies.json", { with: { type: "json" } })).default,
  );
  return auditor;
}
