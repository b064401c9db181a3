import { readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { defineAgent, offer } from "../../../src/define/index.ts";
import { examples } from "../../../src/examples/examples.ts";
import { importsOf } from "../../support/architecture/read-code.ts";

/** As createErrand reads them. */
function available() {
  const { agents = [], executions = [], services } = examples;
  const texts = { seal: (text: string) => text, open: (text: string) => text };
  const handed = services?.({ EXAMPLES: {} as D1Database }, { texts }) ?? {};
  return offer({ agents, definitions: executions, services: handed });
}

describe("the examples", () => {
  it("are these, with these functions", () => {
    const targets = available().flatMap(({ id, functions }) => [...functions.keys()].map((name) => `${id}.${name}`));
    expect(targets).toEqual([
      "support-agent.analyze_sentiment",
      "support-agent.support_analyze_sentiment",
      "support-agent.triage",
      "escalation-agent.create_ticket",
      "catalog.audit",
      "catalog.items",
      "catalog.enrich",
      "catalog.chat",
      "clock.remind",
      "approvals.demo",
      "documents.read",
      "ledger.transfer",
      "writer.draft",
      "order-desk.order_intake",
      "order-desk.chat",
    ]);
  });

  it("stand in the list, all of them: a file that it does not import is offered to nobody", () => {
    const folder = resolve(import.meta.dirname, "../../../src/examples");
    const files = readdirSync(folder).filter(
      (name) =>
        name.endsWith(".ts") &&
        !["examples.ts", "json-post.ts", "demo-bank.ts", "dev.ts", "remote-node.ts"].includes(name),
    );
    const listed = importsOf(readFileSync(resolve(folder, "examples.ts"), "utf8"));
    expect(files.filter((name) => !listed.includes(`./${name}`))).toEqual([]);
    const exported = files.flatMap(
      (name) => readFileSync(resolve(folder, name), "utf8").match(/define(?:Agent|Execution|Runtime|Skill)\(/g) ?? [],
    );
    expect(exported.length).toBeGreaterThanOrEqual(files.length);
  });

  it("say what they do, agent by agent and function by function", () => {
    const described = available().flatMap((agent) => [agent, ...agent.functions.values()]);
    expect(described.filter(({ description }) => description === "")).toEqual([]);
  });

  it("may not share an id: both claimants are named", () => {
    const [first, second] = ["Sells tea.", "Buys tea."].map((description) =>
      defineAgent({ id: "tea", description, version: "1.0.0" }),
    );
    if (!first || !second) throw new Error("two agents were defined");
    expect(() => offer({ agents: [first, second], definitions: [], services: {} })).toThrow(
      'agent id "tea" is claimed twice: by "Sells tea." (1.0.0) and by "Buys tea." (1.0.0)',
    );
  });
});
