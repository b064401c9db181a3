/**
 * The two agentic executions of the house on a real server: with the model that asks nobody, and with one that is asked
 * over the real wire, through the real SDK.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Json } from "../../src/domain/values/json.ts";
import { startAnthropicServer } from "../support/models/anthropic-server.ts";
import type { Planned, Recorded, WireServer } from "../support/models/wire-server.ts";
import type { Api } from "../support/processes/api.ts";
import { apiOf } from "../support/processes/api.ts";
import type { Server } from "../support/processes/server.ts";
import { startServer } from "../support/processes/server.ts";

const LEON = { item: 730, title: "Léon", category: "Thriller/Suspense" };
const LAND_GIRLS = { item: 1, title: "The Land Girls", category: "Drama", attributes: { year: "1998" } };
const order = (sku: string) => ({ order_id: "o-1", customer: "Ada", lines: [{ sku, quantity: 2 }] });

let stateDir: string;
let server: Server;
let api: Api;

async function start(env: Readonly<Record<string, string>> = {}): Promise<void> {
  stateDir = await mkdtemp(join(tmpdir(), "errand-worked-"));
  server = await startServer({ stateDir, env });
  api = apiOf(server.url);
}

async function stop(): Promise<void> {
  await server?.kill("SIGKILL");
  await rm(stateDir, { recursive: true, force: true });
}

const stored = async () => (await api.run("catalog.items", {})).result;
async function completed(id: string, type: string): Promise<unknown[]> {
  return (await api.events(id)).filter((event) => event.type === type).map(({ data }) => data.name);
}

describe("without a key", () => {
  beforeAll(() => start());
  afterAll(stop);

  test("films are enriched after one correction, the same rows twice over, and they outlive a kill", async () => {
    for (const _run of [1, 2]) {
      const body = await api.run("catalog.enrich", { items: [730, 1] });
      expect(body).toMatchObject({
        ...{ status: "succeeded", simulated: true, result: { enriched: [730, 1] }, usage: { turns: 4 } },
        attempts: [
          { n: 1, feedback: '"upsert_item" was not used for these items: 1. Please process them too.' },
          { n: 2, feedback: null },
        ],
      });
      expect(await completed(body.execution_id, "tool.completed")).toEqual(Array(3).fill("upsert_item"));
      expect(await stored()).toMatchObject({ items: [LAND_GIRLS, LEON] });
    }
    const before = await stored();
    await server.restart();
    expect(await stored()).toEqual(before);
  });

  test("a film that cannot be enriched is named in the failure; the others are stored", async () => {
    const body = await api.run("catalog.enrich", { items: [41, 3054] });
    expect(body).toMatchObject({ status: "failed", failure_code: "max_retries_exceeded", usage: { turns: 7 } });
    expect(body.failure_summary).toContain("3054 (its row in the source has no title)");
    const { items } = (await stored()) as { items: { item: number }[] };
    expect(items.map(({ item }) => item)).toContain(41);
    expect(items.map(({ item }) => item)).not.toContain(3054);
  });

  test("an order is corrected once and placed; what the shop refuses is not tried again", async () => {
    const placed = await api.run("order-desk.order_intake", order("mug"));
    expect(placed).toMatchObject({ status: "succeeded", simulated: true, result: { total_cents: 2_400 } });
    expect(placed).toMatchObject({ usage: { turns: 3 }, attempts: [{ n: 1 }, { n: 2, feedback: null }] });
    const refused = await api.run("order-desk.order_intake", order("snow"));
    expect(refused).toMatchObject({ status: "failed", failure_code: "refused_by_shop", usage: { turns: 3 } });
  });
});

describe("with a model on the Anthropic wire", () => {
  let model: WireServer;
  beforeAll(async () => {
    model = await startAnthropicServer();
    await start({ ANTHROPIC_API_KEY: "sk-ant-planned-0123456789", ANTHROPIC_BASE_URL: model.url });
  });
  afterAll(async () => {
    await stop();
    await model?.close();
  });

  let calls = 0;
  /** The input arrives in pieces, as it is written. */
  const use = (name: string, ...inputs: readonly Json[]): Planned => ({
    tools: inputs.map((input) => {
      calls += 1;
      const json = JSON.stringify(input);
      return { id: `toolu_${calls}`, name, json: [json.slice(0, 7), json.slice(7)] };
    }),
  });
  const say = (...text: readonly string[]): Planned => ({ text });

  test("films are enriched: the missing one is asked for, both are stored as the model wrote them", async () => {
    const leon = { ...LEON, title: "Léon: The Professional", attributes: { year: "1994", country: "France" } };
    model.plan(
      ...[use("upsert_item", leon), say('{"enriched"', ": [730]}")],
      ...[use("upsert_item", leon, LAND_GIRLS), say('```json\n{"enriched": [730, 1]}\n```')],
    );
    const body = await api.run("catalog.enrich", { items: [730, 1] });
    expect(body).toMatchObject({
      status: "succeeded",
      result: { enriched: [730, 1] },
      usage: { turns: 4, tokens: 72 },
    });
    expect(body.simulated ?? false).toBe(false);
    expect(body.attempts).toMatchObject([{ feedback: expect.stringContaining("items: 1.") }, { feedback: null }]);
    expect(await completed(body.execution_id, "tool.completed")).toEqual(Array(3).fill("upsert_item"));
    expect(await stored()).toEqual({ items: [LAND_GIRLS, leon] });

    const [first, , corrected, last] = model.requests.slice(-4);
    const offered = (first?.body.tools ?? []) as unknown as { name: string }[];
    expect(offered.map(({ name }) => name)).toEqual(["upsert_item", "stop_execution"]);
    expect(JSON.stringify(first?.body.messages)).toContain("LÈon");
    expect(lastSaid(corrected)).toMatch(/"upsert_item" was not used for these items: 1\..*Begin anew/s);
    const results = blocks(last).filter(({ type }) => type === "tool_result");
    expect(results.map(({ tool_use_id }) => tool_use_id)).toEqual(["toolu_2", "toolu_3"]);
  });

  test("an order is placed after a correction, with the shop's own number", async () => {
    const asked = model.requests.length;
    model.plan(say("Noted!"), use("place_order", order("mug")), (request) => say(resultIn(request)));
    const body = await api.run("order-desk.order_intake", order("mug"));
    expect(body).toMatchObject({ status: "succeeded", result: { total_cents: 2_400 }, usage: { turns: 3 } });
    expect((body.result as { order_number: string }).order_number).toMatch(/^order-/);
    expect(body.attempts).toMatchObject([{ feedback: expect.stringMatching(/^You have not placed/) }, {}]);
    expect(await completed(body.execution_id, "tool.completed")).toEqual(["place_order"]);
    expect(model.requests).toHaveLength(asked + 3);
  });

  test("what the shop refuses ends it: the model is not asked again", async () => {
    const asked = model.requests.length;
    model.plan(use("place_order", order("snow")), (request) => say(resultIn(request)));
    const body = await api.run("order-desk.order_intake", order("snow"));
    expect(body).toMatchObject({ status: "failed", failure_code: "refused_by_shop", usage: { turns: 2 } });
    expect(body.failure_summary).toBe('The shop: "snow" is not sold here.');
    expect(model.requests).toHaveLength(asked + 2);
  });

  test("a model that sees no way stops the batch, in its own words", async () => {
    const asked = model.requests.length;
    model.plan(use("stop_execution", { reason: "There are no films to enrich." }));
    const body = await api.run("catalog.enrich", { items: [730] });
    expect(body).toMatchObject({ status: "failed", failure_code: "validation_failed" });
    expect(body.failure_summary).toBe("There are no films to enrich.");
    expect(model.requests).toHaveLength(asked + 1);
  });
});

interface Block {
  readonly type: string;
  readonly text?: string;
  readonly content?: Json;
  readonly tool_use_id?: string;
}

/** What the last message of a request says, part by part. */
function blocks(request: Recorded | undefined): readonly Block[] {
  const messages = (request?.body.messages ?? []) as unknown as { content: string | Block[] }[];
  const content = messages.at(-1)?.content ?? [];
  return typeof content === "string" ? [{ type: "text", text: content }] : content;
}

function lastSaid(request: Recorded | undefined): string {
  return blocks(request)
    .map(({ text = "" }) => text)
    .join("");
}

/** The words of the tool, as the model got them. */
function resultIn(request: Recorded): string {
  const content = blocks(request).find(({ type }) => type === "tool_result")?.content;
  if (typeof content === "string") return content;
  return ((content ?? []) as unknown as Block[]).map(({ text = "" }) => text).join("");
}
