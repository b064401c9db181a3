/** What agents say of each other, of plans and of the functions of the host: all faults at once, and the form that is published. */
import { describe, expect, test } from "vitest";
import * as z from "zod";
import type { RoleAgent, RuntimeOptions } from "../../../../src/define/index.ts";
import {
  DefinitionError,
  defineCoordinator,
  defineExecutor,
  definePlan,
  definePlanner,
  defineRuntime,
  defineSpecialist,
  defineTool,
} from "../../../../src/define/index.ts";

const basics = { model: "claude-sonnet-5-5", prompt: "You help." };
const raise = { description: "Raises a price.", input: z.object({ sku: z.string() }) };
const plan = definePlan({ name: "prices", version: "1", actions: { raise } });
const newer = definePlan({ name: "prices", version: "2", actions: { raise } });
const other = definePlan({ name: "prices", version: "1", actions: { raise: { ...raise, description: "Other." } } });
const catalog = defineSpecialist({ ...basics, name: "catalog" });
const front = defineCoordinator({ ...basics, name: "front", routes: ["catalog"] });
const planner = definePlanner({ ...basics, name: "planner", plan });
const executor = defineExecutor({ ...basics, name: "executor", plan });
const dispatchers = { prices: { raise: () => null } };
const dynamic = { kind: "dynamic", value: "bigg" } as const;

function faultsOf(options: RuntimeOptions) {
  try {
    defineRuntime(options);
  } catch (error) {
    expect(error).toBeInstanceOf(DefinitionError);
    return (error as DefinitionError).faults;
  }
  return [];
}

describe("defineRuntime", () => {
  test("puts agents together, attaches their plans, and is frozen", () => {
    const second = defineCoordinator({ ...basics, name: "second", routes: ["front", "planner", "executor"] });
    const runtime = defineRuntime({
      agents: new Set<RoleAgent>([second, front, catalog, planner, executor]),
      dispatchers,
    });
    expect(Object.keys(runtime.agents)).toEqual(["second", "front", "catalog", "planner", "executor"]);
    expect(runtime.plans).toEqual({ prices: plan });
    expect(runtime.maxTurns).toBe(20);
    for (const part of [runtime, runtime.agents, runtime.plans, runtime.dispatchers, runtime.dispatchers.prices])
      expect(Object.isFrozen(part)).toBe(true);
    expect(() => Object.assign(runtime.agents, { late: catalog })).toThrow(TypeError);
  });

  test("needs no dispatcher for a plan that no executor carries out", () => {
    expect(Object.keys(defineRuntime({ agents: [planner], plans: [plan] }).plans)).toEqual(["prices"]);
  });

  test("takes the same plan as an object of its own", () => {
    const actions = { raise: { description: "Raises a price.", input: z.object({ sku: z.string() }) } };
    const twin = defineExecutor({ ...basics, name: "executor", plan: { name: "prices", version: "1", actions } });
    expect(
      faultsOf({ agents: [planner, twin], plans: [{ name: "prices", version: "1", actions }], dispatchers }),
    ).toEqual([]);
  });

  test("publishes a form with defaults and approvals as they count", () => {
    const act = defineTool({ name: "act", description: "d", input: z.object({}), run: () => null });
    const agents = [
      defineCoordinator({
        ...basics,
        name: "front",
        routes: ["shop.x"],
        tools: [act],
        toolApprovals: { act: "always" },
      }),
      definePlanner({ ...basics, name: "shop.x", plan, maxTurns: 5, approval: { plans: "never" } }),
    ];
    const form = JSON.parse(JSON.stringify(defineRuntime({ agents, maxTurns: 7, approval: { tools: "always" } })));
    expect(form.agents[0]).toEqual({
      ...{ name: "front", role: "coordinator", model: { id: "claude-sonnet-5-5", provider: null } },
      ...{ prompt: { text: "You help.", cacheKey: null }, stateful: true, maxTurns: 7, routes: ["shop.x"] },
      ...{ plan: null, toolkits: ["agents"], planApproval: null },
      tools: [
        { name: "act", approval: { rule: "always", source: "agent_tool" } },
        { name: "hand_off_to_shop_x", approval: { rule: "always", source: "runtime" } },
      ],
    });
    expect(form.agents[1]).toMatchObject({
      ...{ maxTurns: 5, routes: [], plan: { name: "prices", version: "1" } },
      planApproval: { rule: "never", source: "agent" },
      tools: [{ name: "store_plan" }, { name: "read_plan" }],
    });
    expect(form.plans).toMatchObject([
      {
        name: "prices",
        version: "1",
        digest: plan.digest,
        actions: [{ name: "raise", inputSchema: { type: "object" } }],
      },
    ]);
  });
});

const named = (name: string) => defineSpecialist({ ...basics, name });
const CASES: readonly (readonly [string, RuntimeOptions, string, string | undefined, string, string])[] = [
  ["no agents", {} as never, "parameter_missing", undefined, "agents", "runtime: agents is missing: it is required"],
  ["nothing", undefined as never, "parameter_missing", undefined, "agents", "it was given undefined: give { agents"],
  ["agents in no list", { agents: catalog as never }, "invalid_agent", undefined, "agents", "agents is an object"],
  [
    "what is no agent",
    { agents: [{ ...catalog }] },
    "invalid_agent",
    undefined,
    "agents.0",
    "agents.0 is an object: give what",
  ],
  [
    "an unknown parameter",
    { agents: [], plan } as never,
    "parameter_unknown",
    undefined,
    "plan",
    'did you mean "plans"?',
  ],
  [
    "one name twice",
    { agents: [catalog, named("catalog")] },
    "agent_twice",
    "catalog",
    "name",
    "another specialist of the runtime",
  ],
  ["one agent twice", { agents: [catalog, catalog] }, "agent_twice", "catalog", "name", "names are unique"],
  [
    "an unknown route",
    { agents: [front] },
    "route_unknown",
    "front",
    "routes.0",
    'routes names "catalog", which is no agent of this',
  ],
  [
    "a misspelt route",
    { agents: [front, named("catalogue")] },
    "route_unknown",
    "front",
    "routes.0",
    'did you mean "catalogue"?',
  ],
  [
    "a provider that is none",
    { agents: [defineSpecialist({ ...basics, name: "a", model: { id: "m", provider: "acme" } })] },
    ...([
      "provider_not_configured",
      "a",
      "model.provider",
      'the provider "acme" of its model is not configured',
    ] as const),
  ],
  [
    "a provider without a key",
    {
      agents: [defineSpecialist({ ...basics, name: "a", model: { id: "m", provider: "openai" } })],
      providers: ["anthropic"],
    },
    ...(["provider_not_configured", "a", "model.provider", "configured are anthropic"] as const),
  ],
  [
    "a provider of another name",
    { agents: [], providers: ["acme"] },
    "invalid_providers",
    undefined,
    "providers",
    "providers must be",
  ],
  [
    "a dynamic rule of an agent",
    {
      agents: [defineSpecialist({ ...basics, name: "a", approval: { tools: dynamic } })],
      dynamicApprovals: { big: () => true },
    },
    ...(["dynamic_approval_unknown", "a", "approval.tools", 'names "bigg", which is no id'] as const),
  ],
  [
    "a dynamic rule for a tool",
    { agents: [definePlanner({ ...basics, name: "a", plan, toolApprovals: { read_plan: dynamic } })] },
    ...(["dynamic_approval_unknown", "a", "toolApprovals.read_plan", "add a function of this id"] as const),
  ],
  [
    "a dynamic rule of the runtime",
    { agents: [], approval: { plans: dynamic } },
    "dynamic_approval_unknown",
    undefined,
    "approval.plans",
    "bigg",
  ],
  [
    "no function",
    { agents: [], dynamicApprovals: { big: 1 } as never },
    "invalid_approval",
    undefined,
    "dynamicApprovals.big",
    "is 1: give a function",
  ],
  ["turns that are none", { agents: [], maxTurns: 0 }, "invalid_max_turns", undefined, "maxTurns", "maxTurns is 0"],
  [
    "two plans of one name",
    { agents: [], plans: [plan, other] },
    "plan_twice",
    undefined,
    "plans.1",
    'two different plans are called "prices"',
  ],
  [
    "two planners with two plans of one name",
    { agents: [planner, definePlanner({ ...basics, name: "b", plan: other })] },
    ...(["plan_twice", "b", "plan", 'its plan "prices" is not the one that the runtime has'] as const),
  ],
  [
    "an executor of another version",
    { agents: [defineExecutor({ ...basics, name: "b", plan: newer }), planner], dispatchers },
    ...([
      "plan_version",
      "b",
      "plan.version",
      'version 2 of the plan "prices", and the runtime has version 1',
    ] as const),
  ],
  [
    "an action without dispatcher",
    { agents: [executor] },
    "action_without_dispatcher",
    undefined,
    "dispatchers.prices.raise",
    'the action "raise" has no dispatcher',
  ],
  [
    "a dispatcher for no plan",
    { agents: [executor], dispatchers: { ...dispatchers, price: {} } },
    ...(["dispatcher_unknown", undefined, "dispatchers.price", 'did you mean "prices"?'] as const),
  ],
  [
    "a dispatcher for no action",
    { agents: [executor], dispatchers: { prices: { raise: () => null, lower: () => null } } },
    ...(["dispatcher_unknown", undefined, "dispatchers.prices.lower", "which is no action of the plan"] as const),
  ],
  [
    "a dispatcher that is no function",
    { agents: [executor], dispatchers: { prices: { raise: {} } } as never },
    ...(["invalid_dispatcher", undefined, "dispatchers.prices.raise", "is an object: give a function"] as const),
  ],
];

describe("a runtime that is wrong", () => {
  test.each(CASES)("names %s", (...row) => {
    const [_, options, code, agent, field, sentence] = row;
    const message = expect.stringContaining(sentence);
    expect(faultsOf(options)).toContainEqual({ code, agent, field, message });
  });

  test("names all faults together, in the runtime's and the agents' order", () => {
    const lone = defineCoordinator({ ...basics, name: "lone", routes: ["x", "y"] });
    const faults = faultsOf({ agents: [catalog, named("catalog"), lone, executor], maxTurns: 0 });
    expect(faults.map(({ field }) => field)).toEqual([
      "maxTurns",
      "dispatchers.prices.raise",
      "name",
      "routes.0",
      "routes.1",
    ]);
  });
});

describe("definePlan", () => {
  const good = { name: "p", version: "1", actions: { raise } };
  test.each([
    [{ ...good, name: "P" }, "invalid_name", "name", "the plan's name must be a text of small letters"],
    [{ ...good, version: 1 }, "invalid_version", "version", 'the plan\'s version is 1: give a text, as "1"'],
    [{ ...good, version: "" }, "invalid_version", "version", 'version is ""'],
    [{ ...good, action: {} }, "parameter_unknown", "action", 'did you mean "actions"?'],
    [{ ...good, actions: [] }, "invalid_actions", "actions", "actions is a list: give at least one"],
    [{ ...good, actions: {} }, "invalid_actions", "actions", "actions is empty: give at least one"],
    [{ ...good, actions: { A: raise } }, "invalid_actions", "actions.A", 'the name of the action "A" must be'],
    [
      { ...good, actions: { a: 1 } },
      "invalid_actions",
      "actions.a",
      'the action "a" is 1: give { description, input }',
    ],
    [
      { ...good, actions: { a: { ...raise, run: 1 } } },
      "parameter_unknown",
      "actions.a.run",
      "the parameters are description, input",
    ],
    [
      { ...good, actions: { a: { input: z.object({}) } } },
      "invalid_actions",
      "actions.a.description",
      "has no description",
    ],
    [
      { ...good, actions: { a: { ...raise, input: z.string() } } },
      "invalid_actions",
      "actions.a.input",
      "give a z.object",
    ],
    [
      { ...good, actions: { a: { ...raise, input: z.object({ at: z.date() }) } } },
      "invalid_actions",
      "actions.a.input",
      "cannot be described",
    ],
    ["prices", "invalid_plan", "plan", 'the plan is "prices": give'],
  ])("refuses %j", (...row) => {
    const [options, code, field, sentence] = row;
    const fault = { code, agent: undefined, field, message: expect.stringContaining(sentence) };
    expect(() => definePlan(options as never)).toThrow(expect.objectContaining(fault));
  });

  test("has the same digest for the same plan, and another for another", () => {
    const twin = definePlan({
      actions: { raise: { input: z.object({ sku: z.string() }), description: raise.description } },
      version: "1",
      name: "prices",
    });
    expect(twin.digest).toBe(plan.digest);
    const lower = { description: "Lowers a price.", input: z.object({ sku: z.string() }) };
    const [one, reversed] = [
      { lower, raise },
      { raise, lower },
    ].map((actions) => definePlan({ ...good, actions }));
    expect(reversed?.digest).toBe(one?.digest);
    expect(new Set([plan, newer, other].map(({ digest }) => digest)).size).toBe(3);
  });
});
