/**
 * Enriches films of the movies table, unattended: the model mends titles, fills in categories and attributes, and stores
 * each film through a tool. What the audit finds wrong, this repairs.
 *
 * A correction begins the batch anew, because only what the present attempt did counts; storing a film again changes
 * nothing.
 */
import * as z from "zod";
import {
  allSucceeded,
  defineExecution,
  defineTool,
  everyItemAttempted,
  service,
  stopExecution,
  validJson,
} from "../define/index.ts";
import type { Row } from "./catalog/audit.ts";
import type { SourceFilm } from "./catalog/enrichment-script.ts";
import { script } from "./catalog/enrichment-script.ts";
import type { CatalogItems } from "./catalog/item.ts";
import { CatalogItem } from "./catalog/item.ts";
import { film } from "./catalog/movies.ts";
import { catalog } from "./catalog.ts";

const MAX_ITEMS = 25;

const upsertItem = defineTool({
  name: "upsert_item",
  description:
    "Stores one enriched film in the catalog; sending it again replaces what was stored. Says what is wrong.",
  input: CatalogItem,
  idempotent: true,
  services: { catalogItems: service<CatalogItems>() },
  async run(item, { services, scratchpad }) {
    const error = defectOf(await film(item.item));
    if (error === undefined) await services.catalogItems.upsert(item);
    const outcome = error === undefined ? { ok: true } : { ok: false, error };
    scratchpad.record("upsert_item", { [item.item]: outcome });
    return outcome;
  },
});

/** Returns why no reader can know which film a row means: a guess of the model must not become an entry of the catalog. */
function defectOf(source: Row | undefined): string | undefined {
  if (!source) return "the source has no such row";
  return source.Title === null || source.Title === undefined ? "its row in the source has no title" : undefined;
}

export const catalogEnrichment = defineExecution({
  key: "enrich",
  agent: catalog,
  name: "Catalog enrichment",
  description: "Mends titles, fills in categories and attributes of up to 25 films, and stores them for `items`.",
  input: z.strictObject({
    /** Rows of the movies table, counted from 1, as the audit names them. */
    items: z.array(z.int().min(1)).min(1).max(MAX_ITEMS),
  }),
  output: z.strictObject({ enriched: z.array(z.int()).describe("The rows that are stored.") }),
  validators: [stopExecution, validJson, everyItemAttempted("items", "upsert_item"), allSucceeded("upsert_item")],
  maxRetries: 2,
  onRetry: "execute",
  budget: { maxTurns: 40 },
  tools: [upsertItem],
  script,
  async execute({ input, feedback, conversation, step }) {
    if (feedback !== undefined) {
      const again = "Begin anew: call upsert_item for every film of the list again, then answer.";
      return conversation.ask(`${feedback}\n\n${again}`);
    }
    const films = await step("films", () => Promise.all([...new Set(input.items)].map(sourceOf)));
    return conversation.ask(`Enrich these films:\n${JSON.stringify(films)}`);
  },
});

async function sourceOf(item: number): Promise<SourceFilm> {
  const columns = Object.entries((await film(item)) ?? {}).filter(([, value]) => value !== null);
  return { item, source: columns.length === 0 ? null : Object.fromEntries(columns) };
}
