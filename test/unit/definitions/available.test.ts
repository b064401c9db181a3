import { describe, expect, it } from "vitest";
import { defineAgent } from "../../../src/define/index.ts";
import { available, withoutTwins } from "../../../src/definitions/available.ts";

const ledger = { post: async () => null };

describe("the agents of the house", () => {
  it("are these, with these functions", () => {
    const targets = available({ ledger }).flatMap(({ id, functions }) =>
      [...functions.keys()].map((name) => `${id}.${name}`),
    );
    expect(targets).toEqual([
      "support-agent.analyze_sentiment",
      "support-agent.support_analyze_sentiment",
      "support-agent.triage",
      "escalation-agent.create_ticket",
      "catalog.audit",
      "clock.remind",
      "approvals.demo",
      "ledger.transfer",
    ]);
  });

  it("say what they do, agent by agent and function by function", () => {
    const described = available({ ledger }).flatMap((agent) => [agent, ...agent.functions.values()]);
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
