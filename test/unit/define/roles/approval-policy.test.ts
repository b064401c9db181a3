/** Which rule counts: a table over every level that can have one. */
import { describe, expect, test } from "vitest";
import { planApproval, toolApproval } from "../../../../src/define/index.ts";

const big = { kind: "dynamic", value: "big" } as const;
const LEVELS = [undefined, "default", "never", "always", big] as const;
const RULES = [undefined, "never", "always", big] as const;
const own = (rule: (typeof LEVELS)[number]) => (rule === undefined || rule === "default" ? undefined : rule);

describe("the rule for a tool", () => {
  test.each([
    ["nothing is declared", {}, {}, "never", "standing"],
    ["it is destructive", { destructive: true }, {}, "always", "destructive"],
    ["it has a rule of its own", { approval: big, destructive: true }, {}, big, "tool"],
    ["its own rule lets it through", { approval: "never", destructive: true }, {}, "never", "tool"],
    ["the runtime has one", {}, { runtime: { tools: "always" } }, "always", "runtime"],
    ["the runtime says default", {}, { runtime: { tools: "default" } }, "never", "standing"],
    ["the agent has one", {}, { agent: { tools: "never" }, runtime: { tools: "always" } }, "never", "agent"],
    ["the agent says default", {}, { agent: { tools: "default" }, runtime: { tools: "always" } }, "always", "runtime"],
    ["the agent lets all tools through", { destructive: true }, { agent: { tools: "never" } }, "always", "destructive"],
    ["the agent has one for it", { approval: "always" }, { toolApprovals: { act: "never" } }, "never", "agent_tool"],
    ["the agent lets a destructive one", { destructive: true }, { toolApprovals: { act: big } }, big, "agent_tool"],
    ["the agent has one for another", {}, { toolApprovals: { other: "always" } }, "never", "standing"],
    [
      "a rule for plans is there",
      {},
      { agent: { plans: "always" }, runtime: { plans: "always" } },
      "never",
      "standing",
    ],
  ] as const)("when %s", (...row) => {
    const [_, tool, declared, rule, source] = row;
    expect(toolApproval({ name: "act", ...tool }, declared)).toEqual({ rule, source });
  });

  test("is that of the nearest level that has one, in every combination", () => {
    for (const runtime of LEVELS)
      for (const agent of LEVELS)
        for (const destructive of [undefined, false, true])
          for (const approval of RULES)
            for (const ofAgent of RULES) {
              const declared = {
                ...{ runtime: { tools: runtime }, agent: { tools: agent } },
                toolApprovals: ofAgent === undefined ? {} : { act: ofAgent },
              };
              const levels = [ofAgent, approval, destructive ? "always" : undefined, own(agent), own(runtime), "never"];
              const sources = ["agent_tool", "tool", "destructive", "agent", "runtime", "standing"];
              const at = levels.findIndex((rule) => rule !== undefined);
              const found = toolApproval({ name: "act", approval, destructive }, declared as never);
              expect(found).toEqual({ rule: levels[at], source: sources[at] });
            }
  });

  test("of a tool with the name of a word of the language is none that stands there by itself", () => {
    expect(toolApproval({ name: "constructor" }, { toolApprovals: {} }).rule).toBe("never");
  });
});

describe("the rule for a plan", () => {
  test.each([
    [undefined, undefined, "always", "standing"],
    ["default", "default", "always", "standing"],
    [undefined, "never", "never", "runtime"],
    ["default", big, big, "runtime"],
    ["never", "always", "never", "agent"],
    [big, "never", big, "agent"],
  ] as const)("with %j of the agent and %j of the runtime", (...row) => {
    const [agent, runtime, rule, source] = row;
    const declared = { agent: { plans: agent }, runtime: { plans: runtime } } as never;
    expect(planApproval(declared)).toEqual({ rule, source });
  });
});
