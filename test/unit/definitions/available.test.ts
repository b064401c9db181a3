import { readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { defineAgent, PerTenant } from "../../../src/define/index.ts";
import { withoutTwins } from "../../../src/define/offer.ts";
import { available } from "../../../src/definitions/available.ts";
import { houseShop } from "../../../src/definitions/order-intake/shop.ts";
import { importsOf } from "../../support/architecture/read-code.ts";
import { MemoryCatalogItems } from "./memory-catalog-items.ts";

const ledger = { post: async () => null };
const services = { ledger, shop: houseShop, catalogItems: new PerTenant(() => new MemoryCatalogItems()) };

describe("the agents of the house", () => {
  it("are these, with these functions", () => {
    const targets = available(services).flatMap(({ id, functions }) =>
      [...functions.keys()].map((name) => `${id}.${name}`),
    );
    expect(targets).toEqual([
      "support-agent.analyze_sentiment",
      "support-agent.support_analyze_sentiment",
      "support-agent.triage",
      "escalation-agent.create_ticket",
      "catalog.audit",
      "catalog.items",
      "catalog.enrich",
      "clock.remind",
      "approvals.demo",
      "documents.read",
      "ledger.transfer",
      "writer.draft",
      "order-desk.order_intake",
    ]);
  });

  it("stand in the list, all of them: a file that it does not import is offered to nobody", () => {
    const folder = resolve(import.meta.dirname, "../../../src/definitions");
    const files = readdirSync(folder).filter((name) => name.endsWith(".ts") && name !== "available.ts");
    const listed = importsOf(readFileSync(resolve(folder, "available.ts"), "utf8"));
    expect(files.filter((name) => !listed.includes(`./${name}`))).toEqual([]);
    const exported = files.flatMap(
      (name) => readFileSync(resolve(folder, name), "utf8").match(/define(?:Agent|Execution)\(/g) ?? [],
    );
    expect(exported.length).toBeGreaterThanOrEqual(files.length);
  });

  it("say what they do, agent by agent and function by function", () => {
    const described = available(services).flatMap((agent) => [agent, ...agent.functions.values()]);
    expect(described.filter(({ description }) => description === "")).toEqual([]);
  });

  it("may not share an id: both claimants are named", () => {
    const [first, second] = ["Sells tea.", "Buys tea."].map((description) =>
      defineAgent({ id: "tea", description, version: "1.0.0" }),
    );
    if (!first || !second) throw new Error("two agents were defined");
    expect(() => withoutTwins([first, second])).toThrow(
      'agent id "tea" is claimed twice: by "Sells tea." (1.0.0) and by "Buys tea." (1.0.0)',
    );
  });
});
