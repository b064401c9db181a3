/** Catalog enrichment on the real engine, with the model that answers by its script, and with others. */
import { beforeAll, describe, expect, it } from "vitest";
import type { Script } from "../../../src/domain/model/script.ts";
import type { CatalogItem } from "../../../src/examples/catalog/item.ts";
import { film } from "../../../src/examples/catalog/movies.ts";
import { catalog } from "../../../src/examples/catalog.ts";
import { catalogEnrichment } from "../../../src/examples/catalog-enrichment.ts";
import { goOn, lookAt, runDefinition } from "../../support/executions.ts";
import { ROOT } from "../../support/simulator/sim-world.ts";
import { MemoryCatalogItems } from "./memory-catalog-items.ts";
import { memoryContext, run as runFunction } from "./memory-context.ts";

const LEON: CatalogItem = {
  ...{ item: 730, title: "Léon", category: "Thriller/Suspense" },
  attributes: { year: "1994", director: "Luc Besson" },
};
// Reading the table takes real time once, which the simulator's clock knows nothing of.
beforeAll(() => film(1));

/** The source gives it neither genre nor director. */
const LAND_GIRLS: CatalogItem = { item: 1, title: "The Land Girls", category: "Drama", attributes: { year: "1998" } };
const NAMELESS = 3054;
const BEYOND = 3202;

async function run(items: readonly number[], given: { shelf?: MemoryCatalogItems; script?: Script } = {}) {
  const { shelf = new MemoryCatalogItems(), script } = given;
  const services = { catalogItems: shelf };
  const ran = await runDefinition(
    catalogEnrichment,
    { items: [...items] },
    { services, ...(script ? { script } : {}) },
  );
  const results = ran.conversation.messages.flatMap(({ toolResults }) => toolResults.map(({ text }) => text));
  return { ...ran, shelf, results };
}
const send = (...items: readonly CatalogItem[]) => ({
  reply: { tools: items.map((item) => ({ name: "upsert_item", input: { ...item } })) },
});
const say = (text: string) => ({ reply: { text } });

describe("catalog enrichment", () => {
  it("corrects a model that forgets a film, begins anew, and stores all of them", async () => {
    const ran = await run([730, 1]);
    expect(ran).toMatchObject({ status: "succeeded", turns: 4, output: { enriched: [730, 1] } });
    expect([...ran.shelf.rows.values()].toSorted((a, b) => a.item - b.item)).toEqual([LAND_GIRLS, LEON]);
    expect(ran.attempts).toMatchObject([
      {
        verdicts: [
          { validator: "stop_execution", passed: true },
          { validator: "valid_json", passed: true },
          { validator: "every_item_attempted:upsert_item", passed: false },
        ],
        feedback: '"upsert_item" was not used for these items: 1. Please process them too.',
      },
      { verdicts: [{ passed: true }, { passed: true }, { passed: true }, { passed: true }, { passed: true }] },
    ]);
    expect(ran.conversation.messages.map(({ kind }) => kind)).toEqual([
      ...["prompt", "answer", "tool_results", "answer"],
      ...["prompt", "answer", "tool_results", "answer"],
    ]);
    const correction = ran.conversation.messages[4]?.text;
    expect(correction).toContain(ran.attempts[0]?.feedback);
    expect(correction).toContain("Begin anew");
  });

  it("corrects a model that did nothing at all: a single film is the last one too", async () => {
    const ran = await run([730]);
    expect(ran).toMatchObject({ status: "succeeded", turns: 3, output: { enriched: [730] } });
    expect(ran.attempts[0]?.feedback).toMatch(/^The tool "upsert_item" was not called/);
  });

  it("stores a film once, however often it is enriched", async () => {
    const { shelf } = await run([730, 1]);
    await run([730, 1], { shelf });
    expect(shelf.upserts).toBe(6);
    expect(shelf.rows.size).toBe(2);
  });

  it("repeats an upsert that a crash interrupted, and asks nobody", async () => {
    const shelf = new MemoryCatalogItems();
    const upsert = shelf.upsert.bind(shelf);
    let begun = false;
    shelf.upsert = () => {
      begun = true;
      return new Promise(() => {});
    };
    const options = { services: { catalogItems: shelf }, until: () => begun };
    const { world, status } = await runDefinition(catalogEnrichment, { items: [730, 1] }, options);
    expect(status).toBe("running");
    shelf.upsert = upsert;
    world.root.flushed(world.root.mark);
    world.crash([ROOT]);
    await goOn(world);
    const ran = lookAt(world);
    expect(ran).toMatchObject({ status: "succeeded", turns: 4 });
    expect(ran.events.map(({ type }) => type)).not.toContain("effect.in_doubt");
    expect([...shelf.rows.keys()].toSorted((a, b) => a - b)).toEqual([1, 730]);
  });

  it.each([
    ["its row has no title", NAMELESS, "its row in the source has no title"],
    ["there is no such row", BEYOND, "the source has no such row"],
  ])("names a film that cannot be enriched, and stores only the others: %s", async (...[, bad, why]) => {
    const ran = await run([730, bad, 1]);
    const feedback = `The following items of "upsert_item" failed: ${bad} (${why}). Please retry them.`;
    expect(ran.attempts.slice(1).map((attempt) => attempt.feedback)).toEqual([feedback, feedback]);
    expect(ran).toMatchObject({ status: "failed", error: { code: "max_retries_exceeded" } });
    expect(ran.error?.message).toContain(`${bad} (${why})`);
    expect([...ran.shelf.rows.keys()].toSorted((a, b) => a - b)).toEqual([1, 730]);
  });

  it("does not store what a model knows of a film that nobody can identify", async () => {
    const made = { ...LEON, item: NAMELESS };
    const ran = await run([NAMELESS], { script: [send(made), say('{"enriched": [3054]}')] });
    expect(ran.results[0]).toBe('{"ok":false,"error":"its row in the source has no title"}');
    expect(ran.shelf.rows.size).toBe(0);
    expect(ran.status).toBe("failed");
  });

  it("judges each attempt alone: sending only what was missing is not enough", async () => {
    const script: Script = [
      ...[send(LEON), say('{"enriched": [730]}')],
      ...[send(LAND_GIRLS), say('{"enriched": [1]}')],
      ...[send(LEON, LAND_GIRLS), say('{"enriched": [730, 1]}')],
    ];
    const ran = await run([730, 1], { script });
    expect(ran).toMatchObject({ status: "succeeded", turns: 6 });
    expect(ran.attempts.map(({ feedback }) => feedback)).toMatchObject([
      expect.stringContaining("items: 1."),
      expect.stringContaining("items: 730."),
      undefined,
    ]);
  });

  it("tells the model when the store cannot be reached, and never ends well without it", async () => {
    const shelf = new MemoryCatalogItems();
    shelf.upsert = () => Promise.reject(new Error("D1 is away"));
    const ran = await run([730, 1], { shelf });
    expect(new Set(ran.results)).toEqual(new Set(["D1 is away"]));
    expect(ran).toMatchObject({ status: "failed", error: { code: "max_retries_exceeded" } });
    expect(ran.error?.message).toContain("730, 1");
  });

  it("is not cheated by a model that only says so, in words that are no JSON", async () => {
    const ran = await run([730], { script: [say("All done!"), say('{"enriched": [730]}'), send(LEON), say("[730]")] });
    expect(ran.status).toBe("failed");
    expect(ran.attempts.map(({ feedback }) => feedback?.slice(0, 40))).toEqual([
      "The response must be valid JSON and noth",
      'The tool "upsert_item" was not called. C',
      "The response does not fit its schema:\n- ",
    ]);
  });

  it("heeds a model that sees no way: no further turn is asked for", async () => {
    const stop = { reply: { tools: [{ name: "stop_execution", input: { reason: "These are no films." } }] } };
    const ran = await run([730], { script: [stop] });
    expect(ran).toMatchObject({ status: "failed", turns: 1, error: { message: "These are no films." } });
  });

  it("shows the model the source without its gaps, and nothing for a row that is not there", async () => {
    const { conversation } = await run([1, BEYOND]);
    const text = conversation.messages[0]?.text ?? "";
    const source = { Title: "The Land Girls", "US Gross": 146083, "Release Date": "Jun 12 1998" };
    const films = JSON.parse(text.slice(text.indexOf("[")));
    expect(films).toMatchObject([
      { item: 1, source },
      { item: BEYOND, source: null },
    ]);
    expect(text).not.toMatch(/Director|Major Genre/);
  });
});

describe("catalog.items", () => {
  it("lists what was stored by row, page by page", async () => {
    const catalogItems = new MemoryCatalogItems();
    for (const item of [LEON, LAND_GIRLS]) await catalogItems.upsert(item);
    const list = (input: unknown) =>
      runFunction(catalog, "items", { input, ctx: { ...memoryContext(), services: { catalogItems } } });
    expect(await list({})).toEqual({ items: [LAND_GIRLS, LEON] });
    expect(await list({ limit: 1 })).toEqual({ items: [LAND_GIRLS] });
    expect(await list({ after: 1 })).toEqual({ items: [LEON] });
  });
});
