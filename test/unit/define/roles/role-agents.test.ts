/** Agents with roles: what each parameter means when it is left out, and a sentence for each one that is wrong. */
import { describe, expect, test } from "vitest";
import * as z from "zod";
import {
  DefinitionError,
  defineCoordinator,
  defineExecutor,
  definePlan,
  definePlanner,
  defineSpecialist,
  defineTool,
  layeredPrompt,
} from "../../../../src/define/index.ts";

const basics = { name: "desk", model: "claude-sonnet-5-5", prompt: "You help." };
const plan = definePlan({
  name: "prices",
  version: "1",
  actions: { raise: { description: "Raises a price.", input: z.object({ sku: z.string() }) } },
});
const lookUp = defineTool({ name: "look_up", description: "d", input: z.object({}), run: () => null });

const DEFINE = {
  coordinator: (own: object) => defineCoordinator({ ...basics, routes: ["catalog"], ...own }),
  planner: (own: object) => definePlanner({ ...basics, plan, ...own }),
  executor: (own: object) => defineExecutor({ ...basics, plan, ...own }),
  specialist: (own: object) => defineSpecialist({ ...basics, ...own }),
} as const;
type RoleName = keyof typeof DEFINE;
const ROLES = Object.keys(DEFINE) as RoleName[];

function thrownBy(define: () => unknown): unknown {
  try {
    define();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe("an agent with a role", () => {
  test.each([
    ["coordinator", true, ["agents"]],
    ["planner", true, ["plans"]],
    ["executor", false, ["plans", "references"]],
    ["specialist", false, []],
  ] as const)("has defaults of its role: %s", (role, stateful, toolkits) => {
    const agent = DEFINE[role]({});
    expect(agent).toMatchObject({ role, name: "desk", stateful, toolkits, maxTurns: undefined, tools: [] });
    expect(agent).toMatchObject({ approval: {}, toolApprovals: {}, model: { id: "claude-sonnet-5-5" } });
    expect(agent.prompt).toEqual({ text: "You help.", cacheKey: undefined });
    expect(DEFINE[role]({ stateful: !stateful }).stateful).toBe(!stateful);
  });

  test("keeps what it was given, in any iterable, and is frozen", () => {
    const prompt = layeredPrompt({ identity: "You help." });
    const given = {
      ...{
        prompt,
        routes: new Set(["catalog", "front.two"]),
        tools: [lookUp],
        maxTurns: 3,
        toolkits: ["agents", "plans"],
      },
      model: { id: "gpt-6.1-sol", provider: "openai" },
      approval: { plans: "default", tools: { kind: "dynamic", value: "big" } },
      toolApprovals: { look_up: "always", hand_off_to_front_two: "never", read_plan: "never" },
    };
    const agent = DEFINE.coordinator(given);
    expect(agent).toMatchObject({ routes: ["catalog", "front.two"], maxTurns: 3, toolkits: ["agents", "plans"] });
    expect(agent).toMatchObject({ model: given.model, approval: given.approval, toolApprovals: given.toolApprovals });
    expect(agent.prompt.cacheKey).toBe(prompt.cacheKey);
    for (const part of [
      agent,
      agent.routes,
      agent.tools,
      agent.toolkits,
      agent.approval,
      agent.toolApprovals,
      agent.model,
    ])
      expect(Object.isFrozen(part)).toBe(true);
    given.toolApprovals.look_up = "never";
    expect(agent.toolApprovals.look_up).toBe("always");
  });

  test("turns its toolkits off with an empty list, and takes a plain object for a plan", () => {
    expect(DEFINE.executor({ toolkits: [] }).toolkits).toEqual([]);
    const actions = { raise: { description: "Raises a price.", input: z.object({ sku: z.string() }) } };
    expect(DEFINE.planner({ plan: { name: "prices", version: "1", actions } }).plan.digest).toBe(plan.digest);
  });
});

type Case = readonly [RoleName, object, string, string, string];
const COMMON: readonly (readonly [object, string, string, string])[] = [
  [{ name: undefined }, "parameter_missing", "name", "name is missing: it is required"],
  [{ model: undefined }, "parameter_missing", "model", "model is missing: it is required"],
  [{ name: "Desk" }, "invalid_name", "name", 'the name is "Desk": it must match'],
  [{ name: 7 }, "invalid_name", "name", "the name is 7: it must match"],
  [{ prompt: " " }, "prompt_empty", "prompt", "prompt is empty: give a text"],
  [{ model: "" }, "invalid_model", "model", 'model is "": give the id of a model, or { id, provider }'],
  [{ model: { id: "" } }, "invalid_model", "model.id", 'model.id is "": give the id of a model'],
  [{ model: { id: "m", provider: 1 } }, "invalid_model", "model.provider", "model.provider is 1"],
  [
    { model: { id: "m", key: "k" } },
    "parameter_unknown",
    "model.key",
    'no parameter "key" in model: the parameters are',
  ],
  [{ tools: lookUp }, "invalid_tools", "tools", "tools is an object: give a list of what defineTool returned"],
  [{ tools: ["look_up"] }, "invalid_tools", "tools.0", 'tools.0 is "look_up": give what defineTool returned'],
  [{ tools: [lookUp, lookUp] }, "tool_twice", "tools.1", 'two of its tools are called "look_up"'],
  [{ stateful: "yes" }, "invalid_stateful", "stateful", 'stateful is "yes": give true or false'],
  [{ maxTurns: 0 }, "invalid_max_turns", "maxTurns", "maxTurns is 0: give a whole number from 1 to"],
  [{ maxTurns: 1.5 }, "invalid_max_turns", "maxTurns", "maxTurns is 1.5: give a whole number"],
  [{ max_turns: 3 }, "parameter_unknown", "max_turns", 'no parameter "max_turns": did you mean "maxTurns"?'],
  [{ approval: "always" }, "invalid_approval", "approval", 'approval is "always": give { plans, tools }'],
  [{ approval: { plan: "always" } }, "invalid_approval", "approval.plan", 'no key "plan": did you mean "plans"?'],
  [
    { approval: { tools: "often" } },
    "invalid_approval",
    "approval.tools",
    'approval.tools is "often": give "default", "never"',
  ],
  [{ approval: { plans: { kind: "dynamic" } } }, "invalid_approval", "approval.plans", "approval.plans is an object"],
  [{ toolApprovals: [] }, "invalid_approval", "toolApprovals", "toolApprovals is a list: give an object"],
  [
    { toolApprovals: { lookup: "always" }, tools: [lookUp] },
    "tool_unknown",
    "toolApprovals.lookup",
    'did you mean "look_up"?',
  ],
  [
    { toolApprovals: { constructor: "never" } },
    "tool_unknown",
    "toolApprovals.constructor",
    "is no tool of this agent or of its",
  ],
  [
    { toolApprovals: { look_up: "default" }, tools: [lookUp] },
    "invalid_approval",
    "toolApprovals.look_up",
    'is "default": give',
  ],
  [{ toolkits: "plans" }, "invalid_toolkits", "toolkits", 'toolkits is "plans": give a list of ids, [] for none'],
];
const OWN: readonly Case[] = [
  ["coordinator", { routes: undefined }, "routes_missing", "routes", "routes is empty: a coordinator hands work to"],
  ["coordinator", { routes: [] }, "routes_missing", "routes", "routes is empty"],
  ["coordinator", { routes: "catalog" }, "invalid_routes", "routes", 'routes is "catalog": give a list of names'],
  ["coordinator", { routes: [1] }, "invalid_routes", "routes.0", "routes.0 is 1: give the name of an agent"],
  ["coordinator", { routes: ["a", "desk"] }, "route_to_itself", "routes.1", "routes.1 is the coordinator itself"],
  ["coordinator", { routes: ["a", "a"] }, "route_twice", "routes.1", 'routes names "a" twice'],
  [
    "coordinator",
    { routes: ["a.b", "a_b"] },
    "route_twice",
    "routes.1",
    'would both be called "hand_off_to_a_b": rename',
  ],
  ["coordinator", { routes: ["a".repeat(53)] }, "invalid_routes", "routes.0", "has more than 64 characters"],
  ["coordinator", { toolkits: [] }, "agents_toolkit_missing", "toolkits", 'toolkits lacks "agents"'],
  ["coordinator", { plan }, "parameter_unknown", "plan", 'no parameter "plan"'],
  ["specialist", { routes: ["a"] }, "parameter_unknown", "routes", 'no parameter "routes"'],
  ["specialist", { plan }, "parameter_unknown", "plan", 'no parameter "plan"'],
  ["specialist", { toolkits: ["agents"] }, "invalid_toolkits", "toolkits.0", "only a coordinator has routes"],
  ["specialist", { toolkits: ["plan"] }, "toolkit_unknown", "toolkits.0", 'is no toolkit: did you mean "plans"?'],
  ["specialist", { toolkits: ["plans", "plans"] }, "toolkit_twice", "toolkits.1", 'toolkits names "plans" twice'],
  ["planner", { plan: undefined }, "parameter_missing", "plan", "plan is missing: it is required"],
  ["executor", { plan: undefined }, "parameter_missing", "plan", "plan is missing: it is required"],
  ["planner", { plan: "prices" }, "invalid_plan", "plan", 'the plan is "prices": give { name, version, actions }'],
  [
    "executor",
    { plan: { name: "p", version: "1", actions: {} } },
    "invalid_actions",
    "plan.actions",
    "actions is empty",
  ],
  [
    "planner",
    { tools: [defineTool({ name: "read_plan", description: "d", input: z.object({}), run: () => null })] },
    ...(["tool_twice", "tools.0", '"read_plan" is a tool of its toolkits already'] as const),
  ],
];
const CASES: readonly Case[] = [...ROLES.flatMap((role) => COMMON.map((row): Case => [role, ...row])), ...OWN];

describe("a parameter that is wrong", () => {
  test.each(CASES)("of a %s: %j is %s of %s", (...row) => {
    const [role, own, code, field, sentence] = row;
    const error = thrownBy(() => DEFINE[role](own));
    expect(error).toBeInstanceOf(DefinitionError);
    const { faults } = error as DefinitionError;
    const name = "name" in own ? (typeof own.name === "string" ? own.name : "") : "desk";
    expect(faults).toContainEqual({ code, agent: name, field, message: expect.stringContaining(sentence) });
    expect(faults.find((fault) => fault.code === code)?.message).toContain(`${role} "${name}": `);
  });

  test.each(ROLES)("is a TypeError where it is the prompt of a %s", (role) => {
    for (const [prompt, said] of [
      [{ identity: "You help." }, "an object"],
      [7, "7"],
      [null, "null"],
    ] as const) {
      const error = thrownBy(() => DEFINE[role]({ prompt }));
      expect(error).toBeInstanceOf(TypeError);
      expect(error).toMatchObject({ code: "invalid_prompt", agent: "desk", field: "prompt" });
      expect((error as Error).message).toBe(
        `${role} "desk": prompt is ${said}: give a text, or what layeredPrompt returned`,
      );
    }
  });

  test("is told with all others of the agent", () => {
    const error = thrownBy(() => DEFINE.coordinator({ name: "A", routes: [], maxTurns: -1, speed: 1 }));
    const { code, field, agent, faults, message } = error as DefinitionError;
    expect(faults.map((fault) => fault.field)).toEqual(["speed", "name", "routes", "maxTurns"]);
    expect({ code, field, agent }).toEqual({ code: "parameter_unknown", field: "speed", agent: "A" });
    expect(message.split("\n")).toHaveLength(5);
    expect(message).toMatch(/^4 faults:\n- coordinator "A": no parameter "speed"/);
  });
});
