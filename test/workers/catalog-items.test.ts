/** Catalog enrichment in real workerd: what lies in D1 afterwards, whose it is, and what nobody else reads. */
import { applyD1Migrations } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, beforeEach, describe, expect, inject, test } from "vitest";
import { catalogItemsOf } from "../../src/examples/catalog/catalog-items.ts";
import { CatalogItem } from "../../src/examples/catalog/item.ts";
import { film } from "../../src/examples/catalog/movies.ts";
import { Deployment } from "../support/workers/deployment.ts";
import { call, hasEnded, MODES, until, violations } from "../support/workers/modes.ts";

beforeAll(async () => {
  await applyD1Migrations(env.REGISTRY, inject("migrations"));
  await applyD1Migrations(env.EXAMPLES, inject("examplesMigrations"));
  // The test runner loads modules for one object at a time: an object that is aborted meanwhile would hold up all others.
  await film(1);
});
beforeEach(() => env.EXAMPLES.prepare("DELETE FROM catalog_items").run());

const LEON = { item: 730, title: "Léon", category: "Thriller/Suspense" };
const LAND_GIRLS = { item: 1, title: "The Land Girls", category: "Drama", attributes: { year: "1998" } };
const ASTERIX = { item: 41, title: "Astérix aux Jeux Olympiques", category: "Adventure" };

interface Row {
  readonly tenant: string;
  readonly item: number;
  readonly content: string;
}
const rows = async () =>
  (await env.EXAMPLES.prepare("SELECT tenant, item, content FROM catalog_items ORDER BY tenant, item").all<Row>())
    .results;
const keys = async () => (await rows()).map(({ tenant, item }) => [tenant, item]);

describe.each(MODES)("%s", (mode) => {
  test("films are enriched after one correction, and a second run leaves the same rows", async () => {
    for (const run of [1, 2]) {
      const started = await call("POST", "/api/v1/execute/async/catalog.enrich", { input: { items: [730, 1] } });
      const { body } = await until(mode, started.body.execution_id, hasEnded);
      expect({ run, ...body }).toMatchObject({
        ...{ status: "succeeded", type: "execution", simulated: true, result: { enriched: [730, 1] } },
        attempts: [
          { n: 1, feedback: expect.stringContaining("these items: 1.") },
          { n: 2, feedback: null },
        ],
      });
      expect(await violations(body.execution_id)).toEqual([]);
      const { body: listed } = await call("POST", "/api/v1/execute/catalog.items", { input: {} });
      expect(listed.result).toMatchObject({ items: [LAND_GIRLS, LEON] });
      expect(await keys()).toEqual([
        ["local", 1],
        ["local", 730],
      ]);
    }
  });
});

describe("two tenants", () => {
  const server = new Deployment();
  const keyOf = async (tenant: string) =>
    (await server.newKey({ subject: "olga", tenant, scopes: ["execute", "read"] })).key;
  const execute = async (key: string, target: string, input: unknown) =>
    (await server.call("POST", `/api/v1/execute/${target}`, { key, body: { input } })).body;

  test("enrich the same film and read their own rows only, sealed for each of them", async () => {
    const [acme, rival] = [await keyOf("acme"), await keyOf("rival")];
    const both = [
      execute(acme, "catalog.enrich", { items: [730, 1] }),
      execute(rival, "catalog.enrich", { items: [41, 1] }),
    ];
    for (const body of await Promise.all(both)) expect(body).toMatchObject({ status: "succeeded" });
    expect(await keys()).toEqual([
      ["acme", 1],
      ["acme", 730],
      ["rival", 1],
      ["rival", 41],
    ]);
    expect((await execute(acme, "catalog.items", {})).result).toMatchObject({ items: [LAND_GIRLS, LEON] });
    expect((await execute(rival, "catalog.items", {})).result).toMatchObject({ items: [LAND_GIRLS, ASTERIX] });
    expect((await execute(await keyOf("third"), "catalog.items", {})).result).toEqual({ items: [] });
    expect(JSON.stringify(await rows())).not.toMatch(/Land Girls|Léon|1998/);
  });

  test("a row that is carried over to another tenant does not open there", async () => {
    const [acme, rival] = [await keyOf("acme"), await keyOf("rival")];
    await execute(rival, "catalog.enrich", { items: [41] });
    await env.EXAMPLES.prepare("UPDATE catalog_items SET tenant = 'acme'").run();
    const body = await execute(acme, "catalog.items", {});
    expect(body).toMatchObject({ status: "failed" });
    expect(JSON.stringify(body)).not.toContain("Astérix");
    expect((await execute(rival, "catalog.items", {})).result).toEqual({ items: [] });
  });
});

test("upserts replace, by key; pages go on where the last one ended; a neighbour's rows stay as they are", async () => {
  const texts = { seal: (text: string) => text, open: (text: string) => text };
  const [own, other] = ["own", "other"].map((tenant) => catalogItemsOf(tenant, { database: env.EXAMPLES, texts }));
  if (!own || !other) throw new Error("two shelves were made");
  const named = (item: number, title: string) => ({
    item,
    title,
    category: "Drama" as const,
    attributes: { year: "1999" },
  });
  await other.upsert(named(2, "theirs"));
  for (const title of ["first", "second"]) for (const item of [3, 1, 2]) await own.upsert(named(item, title));
  const titles = async (page: { after: number; limit: number }) =>
    CatalogItem.array()
      .parse(await own.list(page))
      .map(({ item, title }) => `${item} ${title}`);
  expect(await titles({ after: 0, limit: 2 })).toEqual(["1 second", "2 second"]);
  expect(await titles({ after: 2, limit: 2 })).toEqual(["3 second"]);
  expect(await other.list({ after: 0, limit: 9 })).toEqual([named(2, "theirs")]);
});
