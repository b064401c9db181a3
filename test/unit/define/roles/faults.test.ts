/**
 * Every sentence for a definition that is wrong, whole: by its code, with the agent and the field that it names, and as the only fault. A
 * code without a row does not compile.
 */
import { describe, expect, test } from "vitest";
import * as z from "zod";
import {
  DefinitionError,
  defineAgent,
  defineCoordinator,
  defineExecutor,
  definePlan,
  definePlanner,
  defineRuntime,
  defineSpecialist,
  defineTool,
  layeredPrompt,
} from "../../../../src/define/index.ts";
import type { DefinitionCode } from "../../../../src/define/roles/definition-error.ts";

const basics = { name: "desk", model: "m", prompt: "You help." };
const raise = { description: "Raises a price.", input: z.object({ sku: z.string() }) };
const actions = { raise };
const plan = definePlan({ name: "prices", version: "1", actions });
const other = definePlan({ name: "prices", version: "1", actions: { lower: raise } });
const lookUp = defineTool({ name: "look_up", description: "d", input: z.object({}), run: () => null });
const asking = defineTool({
  ...{ name: "ask", description: "d", input: z.object({}), run: () => null },
  approval: { kind: "dynamic", value: "big" },
});
const dispatchers = { prices: { raise: () => null } };

const coordinator = (own: object) => () => defineCoordinator({ ...basics, routes: ["catalog"], ...own });
const planner = (own: object) => () => definePlanner({ ...basics, plan, ...own });
const executor = (own: object) => () => defineExecutor({ ...basics, plan, ...own });
const specialist = (own: object) => () => defineSpecialist({ ...basics, ...own });
const planned = (own: unknown) => () =>
  definePlan((typeof own === "object" ? { name: "prices", version: "1", actions, ...own } : own) as never);
const runtime = (own: object) => () => defineRuntime({ agents: [], ...own });
const desk = specialist({})();
const clerk = executor({})();
const RULES = '"never", "always" or { kind: "dynamic", value: "ID" }';
const NAMED = "must be a text of small letters, digits, _ and -, a letter first, at most 64";
const MADE = "defineCoordinator, definePlanner, defineExecutor or defineSpecialist";

/** What is defined; the agent, the field; the sentence. */
type Row = readonly [define: () => unknown, agent: string | undefined, field: string, sentence: string];
const ofAgent =
  (role: string) =>
  (define: () => unknown, field: string, sentence: string): Row => [
    define,
    "desk",
    field,
    `${role} "desk": ${sentence}`,
  ];
const ofCoordinator = ofAgent("coordinator");
const ofPlanner = ofAgent("planner");
const ofExecutor = ofAgent("executor");
const ofSpecialist = ofAgent("specialist");
const ofPlan = (own: unknown, field: string, sentence: string): Row => [
  planned(own),
  undefined,
  field,
  `plan "prices": ${sentence}`,
];
const ofRuntime = (own: object, field: string, sentence: string): Row => [
  runtime(own),
  undefined,
  field,
  `runtime: ${sentence}`,
];
const ofLayers = (layers: unknown, field: string, sentence: string): Row => [
  () => layeredPrompt(layers as never),
  undefined,
  field,
  `layeredPrompt: ${sentence}`,
];

const FAULTS: Readonly<Record<DefinitionCode, readonly Row[]>> = {
  action_without_dispatcher: [
    [
      runtime({ agents: [clerk] }),
      undefined,
      "dispatchers.prices.raise",
      'plan "prices": the action "raise" has no dispatcher: give dispatchers.prices.raise',
    ],
  ],
  agent_twice: [
    ofSpecialist(
      runtime({ agents: [desk, desk] }),
      "name",
      "the name is that of another specialist of the runtime: names are unique",
    ),
  ],
  agents_toolkit_missing: [
    ofCoordinator(
      coordinator({ toolkits: [] }),
      "toolkits",
      'toolkits lacks "agents", with which a coordinator hands work to its routes: add it',
    ),
  ],
  dispatcher_unknown: [
    ofRuntime(
      { dispatchers: { orders: {} } },
      "dispatchers.orders",
      'dispatchers names "orders", which is no plan of this runtime: take it out, or name the plan in plans',
    ),
    ofRuntime(
      { plans: [plan], dispatchers: { price: {} } },
      "dispatchers.price",
      'dispatchers names "price", which is no plan of this runtime: did you mean "prices"?',
    ),
    ofRuntime(
      { plans: [plan], dispatchers: { prices: { sell: () => null } } },
      "dispatchers.prices.sell",
      'dispatchers.prices names "sell", which is no action of the plan: it has raise',
    ),
  ],
  dynamic_approval_unknown: [
    ofSpecialist(
      runtime({ agents: [specialist({ tools: [asking] })()] }),
      "tools.0.approval",
      'tools.0.approval names "big", which is no id of the runtime\'s dynamicApprovals: add a function of this id',
    ),
    ofRuntime(
      { approval: { tools: { kind: "dynamic", value: "big" } }, dynamicApprovals: { bigg: () => true } },
      "approval.tools",
      'approval.tools names "big", which is no id of the runtime\'s dynamicApprovals: did you mean "bigg"?',
    ),
  ],
  invalid_actions: [
    ofPlan(
      { actions: undefined },
      "actions",
      "actions is undefined: give at least one, as { NAME: { description, input } }",
    ),
    ofPlan({ actions: { A: raise } }, "actions.A", `the name of the action "A" ${NAMED}`),
    ofPlan({ actions: { a: null } }, "actions.a", 'the action "a" is null: give { description, input }'),
    ofPlan(
      { actions: { a: { ...raise, description: " " } } },
      "actions.a.description",
      'the action "a" has no description: give a text for the planner\'s model',
    ),
    ofPlan(
      { actions: { a: { ...raise, input: {} } } },
      "actions.a.input",
      'the input of the action "a" is an object: give a z.object({ … })',
    ),
    ofPlanner(
      planner({ plan: { name: "prices", version: "1", actions: {} } }),
      "plan.actions",
      "actions is empty: give at least one, as { NAME: { description, input } }",
    ),
  ],
  invalid_agent: [
    [
      () => defineCoordinator(7 as never),
      "",
      "options",
      "coordinator: it was given 7: give { name, model, prompt, routes }",
    ],
    [
      () => definePlanner(null as never),
      "",
      "options",
      "planner: it was given null: give { name, model, prompt, plan }",
    ],
    [
      () => defineExecutor([] as never),
      "",
      "options",
      "executor: it was given a list: give { name, model, prompt, plan }",
    ],
    [
      () => defineSpecialist(undefined as never),
      "",
      "options",
      "specialist: it was given undefined: give { name, model, prompt }",
    ],
    ofRuntime({ agents: "desk" }, "agents", 'agents is "desk": give a list of what defineSpecialist … returned'),
    ofRuntime({ agents: [basics] }, "agents.0", `agents.0 is an object: give what ${MADE} returned`),
  ],
  invalid_approval: [
    ofPlanner(planner({ approval: true }), "approval", "approval is true: give { plans, tools }"),
    ofExecutor(
      executor({ approval: { all: "never" } }),
      "approval.all",
      'approval has no key "all": its keys are plans and tools',
    ),
    ofSpecialist(
      specialist({ approval: { tools: { kind: "dynamic", value: " " } } }),
      "approval.tools",
      `approval.tools is an object: give "default", ${RULES}`,
    ),
    ofSpecialist(
      specialist({ toolApprovals: "always" }),
      "toolApprovals",
      'toolApprovals is "always": give an object with a rule by the name of each tool',
    ),
    ofSpecialist(
      specialist({ tools: [lookUp], toolApprovals: { look_up: { kind: "dynamic", value: "big", more: 1 } } }),
      "toolApprovals.look_up",
      `toolApprovals.look_up is an object: give ${RULES}`,
    ),
    ofRuntime({ approval: { plans: "ask" } }, "approval.plans", `approval.plans is "ask": give "default", ${RULES}`),
    ofRuntime(
      { dynamicApprovals: [] },
      "dynamicApprovals",
      "dynamicApprovals is a list: give functions by the name of each",
    ),
    ofRuntime(
      { dynamicApprovals: { big: "yes" } },
      "dynamicApprovals.big",
      'dynamicApprovals.big is "yes": give a function',
    ),
  ],
  invalid_ask: [
    ofRuntime({ ask: "ann" }, "ask", 'ask is "ann": give an object of approvers, fourEyes, expiresInMs'),
    ofRuntime({ ask: { fourEyes: "yes" } }, "ask.fourEyes", 'ask.fourEyes is "yes": give true or false'),
    ofRuntime({ ask: { approvers: [] } }, "ask.approvers", "ask.approvers is a list: give a list of 1 to 50 subjects"),
    ofRuntime(
      { ask: { approvers: ["ann", 7] } },
      "ask.approvers.1",
      "ask.approvers.1 is 7: give a subject: a text of 1 to 256 characters",
    ),
    ofRuntime(
      { ask: { expiresInMs: 0 } },
      "ask.expiresInMs",
      "ask.expiresInMs is 0: give a finite number above 0, or Infinity for no limit",
    ),
  ],
  invalid_budget: [
    ofRuntime(
      { budget: 7 },
      "budget",
      "budget is 7: give an object of maxTurns, maxTokens, maxCostUsd, maxDurationMs, maxRecoveries, maxChildren, onExceeded",
    ),
    ofRuntime(
      { budget: { maxTurns: 0.5 } },
      "budget.maxTurns",
      "budget.maxTurns is 0.5: give a whole number from 0 to 9007199254740991, or Infinity for no limit",
    ),
    ofRuntime(
      { budget: { onExceeded: "ask" } },
      "budget.onExceeded",
      'budget.onExceeded is "ask": give "fail" or "pause"',
    ),
  ],
  invalid_dispatcher: [
    ofRuntime(
      { dispatchers: [] },
      "dispatchers",
      "dispatchers is a list: give functions by the name of the plan, by the name of the action",
    ),
    ofRuntime(
      { plans: [plan], dispatchers: { prices: 1 } },
      "dispatchers.prices",
      "dispatchers.prices is 1: give functions by the name of each",
    ),
    ofRuntime(
      { plans: [plan], dispatchers: { prices: { raise: null } } },
      "dispatchers.prices.raise",
      "dispatchers.prices.raise is null: give a function",
    ),
  ],
  invalid_layer: [
    ofLayers([], "layers", 'it was given a list: give { identity: "…", instructions: "…" }'),
    ofLayers({ rule: "x" }, "rule", '"rule" is no layer: did you mean "rules"?'),
    ofLayers({ rules: ["x"] }, "rules", 'the layer "rules" is a list: give a text'),
    ofLayers({ rules: "" }, "layers", "every layer is empty: give at least one with text"),
  ],
  invalid_max_turns: [
    ofSpecialist(
      specialist({ maxTurns: "3" }),
      "maxTurns",
      'maxTurns is "3": give a whole number from 1 to 9007199254740991',
    ),
    ofRuntime({ maxTurns: Number.NaN }, "maxTurns", "maxTurns is NaN: give a whole number from 1 to 9007199254740991"),
  ],
  invalid_model: [
    ofPlanner(planner({ model: null }), "model", "model is null: give the id of a model, or { id, provider }"),
    ofPlanner(planner({ model: " " }), "model", 'model is " ": give the id of a model, or { id, provider }'),
    ofPlanner(planner({ model: {} }), "model.id", "model.id is undefined: give the id of a model"),
    ofPlanner(
      planner({ model: { id: "m", provider: "" } }),
      "model.provider",
      'model.provider is "": give the name of a provider',
    ),
  ],
  invalid_name: [
    [
      specialist({ name: "a".repeat(129) }),
      "a".repeat(129),
      "name",
      `specialist "${"a".repeat(129)}": the name is "${"a".repeat(50)}…": it must match ^[a-z][a-z0-9._-]*$, with at most 128 characters`,
    ],
    [planned({ name: "Prices" }), undefined, "name", `plan "Prices": the plan's name ${NAMED}, and is "Prices"`],
    ofExecutor(
      executor({ plan: { name: "a.b", version: "1", actions } }),
      "plan.name",
      `the plan's name ${NAMED}, and is "a.b"`,
    ),
  ],
  invalid_plan: [
    ofPlanner(planner({ plan: 1 }), "plan", "the plan is 1: give { name, version, actions }"),
    ofPlan({ onFailure: "go on" }, "onFailure", 'onFailure is "go on": give "stop" or "continue"'),
    [planned(7), undefined, "plan", 'plan "": the plan is 7: give { name, version, actions }'],
    ofRuntime({ plans: plan }, "plans", "plans is an object: give a list of what definePlan returned"),
    ofRuntime({ plans: ["prices"] }, "plans.0", 'the plan is "prices": give { name, version, actions }'),
  ],
  invalid_prompt: [
    ofCoordinator(
      coordinator({ prompt: [] }),
      "prompt",
      "prompt is a list: give a text, or what layeredPrompt returned",
    ),
    ofPlanner(planner({ prompt: 7 }), "prompt", "prompt is 7: give a text, or what layeredPrompt returned"),
    ofExecutor(executor({ prompt: null }), "prompt", "prompt is null: give a text, or what layeredPrompt returned"),
    ofSpecialist(
      specialist({ prompt: {} }),
      "prompt",
      "prompt is an object: give a text, or what layeredPrompt returned",
    ),
  ],
  invalid_providers: [
    ofRuntime({ providers: "openai" }, "providers", "providers must be a list of anthropic, openai, scripted"),
    ofRuntime({ providers: ["acme"] }, "providers", "providers must be a list of anthropic, openai, scripted"),
  ],
  invalid_routes: [
    ofCoordinator(coordinator({ routes: {} }), "routes", "routes is an object: give a list of names of agents"),
    ofCoordinator(coordinator({ routes: ["a", ""] }), "routes.1", 'routes.1 is "": give the name of an agent'),
    ofCoordinator(
      coordinator({ routes: ["a".repeat(53)] }),
      "routes.0",
      `the tool "hand_off_to_${"a".repeat(53)}" for the route has more than 64 characters: give the agent a shorter name`,
    ),
  ],
  invalid_script: [
    ofSpecialist(specialist({ script: [{ text: "x" }] }), "script", "script is a list: give a list of { reply }"),
  ],
  invalid_stateful: [ofPlanner(planner({ stateful: 1 }), "stateful", "stateful is 1: give true or false")],
  invalid_thread_tokens: [
    ofRuntime({ threadTokens: 99 }, "threadTokens", "threadTokens is 99: give a whole number from 100 to 200000"),
  ],
  invalid_toolkits: [
    ofExecutor(executor({ toolkits: "plans" }), "toolkits", 'toolkits is "plans": give a list of ids, [] for none'),
    ofExecutor(
      executor({ toolkits: ["agents"] }),
      "toolkits.0",
      'toolkits names "agents", which hands work to routes, and only a coordinator has routes',
    ),
  ],
  invalid_tools: [
    ofSpecialist(specialist({ tools: null }), "tools", "tools is null: give a list of what defineTool returned"),
    ofSpecialist(
      specialist({ tools: [() => null] }),
      "tools.0",
      "tools.0 is a function: give what defineTool returned",
    ),
  ],
  invalid_version: [
    ofPlan({ version: 1 }, "version", 'the plan\'s version is 1: give a text, as "1"'),
    ofPlanner(
      planner({ plan: { name: "prices", version: "", actions } }),
      "plan.version",
      'the plan\'s version is "": give a text, as "1"',
    ),
  ],
  parameter_missing: [
    [specialist({ name: undefined }), "", "name", 'specialist "": name is missing: it is required'],
    ofSpecialist(specialist({ model: undefined }), "model", "model is missing: it is required"),
    ofCoordinator(coordinator({ prompt: undefined }), "prompt", "prompt is missing: it is required"),
    ofPlanner(planner({ plan: undefined }), "plan", "plan is missing: it is required"),
    ofExecutor(executor({ plan: undefined }), "plan", "plan is missing: it is required"),
    ofRuntime({ agents: undefined }, "agents", "agents is missing: it is required"),
    [() => defineRuntime([] as never), undefined, "agents", "runtime: it was given a list: give { agents: [ … ] }"],
  ],
  parameter_unknown: [
    ofCoordinator(
      coordinator({ tool_approvals: {} }),
      "tool_approvals",
      'no parameter "tool_approvals": did you mean "toolApprovals"?',
    ),
    ofSpecialist(
      specialist({ routes: ["a"] }),
      "routes",
      'no parameter "routes": the parameters are name, model, prompt, tools, stateful, maxTurns, approval, toolApprovals, toolkits, script',
    ),
    ofPlanner(
      planner({ model: { id: "m", key: "k" } }),
      "model.key",
      'no parameter "key" in model: the parameters are id, provider',
    ),
    ofPlan({ action: {} }, "action", 'no parameter "action": did you mean "actions"?'),
    ofRuntime({ dispatcher: {} }, "dispatcher", 'no parameter "dispatcher": did you mean "dispatchers"?'),
    ofRuntime(
      { budget: { maxTurn: 3 } },
      "budget.maxTurn",
      'no parameter "maxTurn" in budget: did you mean "maxTurns"?',
    ),
    ofRuntime({ ask: { approver: [] } }, "ask.approver", 'no parameter "approver" in ask: did you mean "approvers"?'),
  ],
  plan_twice: [
    ofPlanner(
      runtime({ agents: [planner({})()], plans: [other] }),
      "plan",
      'its plan "prices" is not the one that the runtime has under this name: give both the same plan, or rename one',
    ),
    ofExecutor(
      runtime({ agents: [executor({ plan: other })()], plans: [plan], dispatchers }),
      "plan",
      'its plan "prices" is not the one that the runtime has under this name: give both the same plan, or rename one',
    ),
    ofRuntime({ plans: [plan, other] }, "plans.1", 'two different plans are called "prices": rename one'),
  ],
  plan_version: [
    ofExecutor(
      runtime({
        agents: [executor({ plan: { name: "prices", version: "2", actions } })()],
        plans: [plan],
        dispatchers,
      }),
      "plan.version",
      'it carries out version 2 of the plan "prices", and the runtime has version 1: give both the same plan',
    ),
  ],
  prompt_empty: [ofSpecialist(specialist({ prompt: "\n" }), "prompt", "prompt is empty: give a text")],
  provider_not_configured: [
    ofSpecialist(
      runtime({ agents: [specialist({ model: { id: "m", provider: "acme" } })()] }),
      "model.provider",
      'the provider "acme" of its model is not configured: configured are anthropic, openai, scripted',
    ),
    ofSpecialist(
      runtime({ agents: [specialist({ model: { id: "m", provider: "openai" } })()], providers: [] }),
      "model.provider",
      'the provider "openai" of its model is not configured: configured are none',
    ),
  ],
  reserved_name: [
    ofAgent("agent")(
      () =>
        defineAgent({ id: "desk", description: "d", version: "1", config: () => ({ system: "s" }) as never }).reasoner(
          "chat",
          { input: z.unknown(), output: z.unknown() },
          async () => null,
        ),
      "chat",
      'the function "chat" is what Errand adds to an agent with a model (its config): rename yours',
    ),
  ],
  route_to_itself: [
    ofCoordinator(coordinator({ routes: ["desk"] }), "routes.0", "routes.0 is the coordinator itself: take it out"),
  ],
  route_twice: [
    ofCoordinator(coordinator({ routes: ["a", "a"] }), "routes.1", 'routes names "a" twice'),
    ofCoordinator(
      coordinator({ routes: ["a.b", "a_b"] }),
      "routes.1",
      'the tools for the routes "a.b" and "a_b" would both be called "hand_off_to_a_b": rename one',
    ),
  ],
  route_unknown: [
    ofCoordinator(
      runtime({ agents: [coordinator({})()] }),
      "routes.0",
      'routes names "catalog", which is no agent of this runtime: it has no other agents',
    ),
    ofCoordinator(
      runtime({ agents: [coordinator({})(), specialist({ name: "catalogs" })()] }),
      "routes.0",
      'routes names "catalog", which is no agent of this runtime: did you mean "catalogs"?',
    ),
  ],
  routes_missing: [
    ofCoordinator(
      coordinator({ routes: undefined }),
      "routes",
      "routes is empty: a coordinator hands work to at least one agent",
    ),
  ],
  tool_twice: [
    ofSpecialist(specialist({ tools: [lookUp, lookUp] }), "tools.1", 'two of its tools are called "look_up"'),
    ofPlanner(
      planner({ tools: [defineTool({ name: "store_plan", description: "d", input: z.object({}), run: () => null })] }),
      "tools.0",
      '"store_plan" is a tool of its toolkits already: choose another name',
    ),
  ],
  tool_unknown: [
    ofSpecialist(
      specialist({ toolApprovals: { look_up: "never" } }),
      "toolApprovals.look_up",
      'toolApprovals names "look_up", which is no tool of this agent or of its toolkits: it has no tools',
    ),
    ofExecutor(
      executor({ toolApprovals: { store_plan: "never" }, toolkits: ["plans"] }),
      "toolApprovals.store_plan",
      'toolApprovals names "store_plan", which is no tool of this agent or of its toolkits: it has read_plan',
    ),
  ],
  toolkit_twice: [ofExecutor(executor({ toolkits: ["plans", "plans"] }), "toolkits.1", 'toolkits names "plans" twice')],
  toolkit_unknown: [
    ofSpecialist(
      specialist({ toolkits: ["shell"] }),
      "toolkits.0",
      'toolkits names "shell", which is no toolkit: the toolkits are agents, plans, references',
    ),
    ofSpecialist(
      specialist({ toolkits: [1] }),
      "toolkits.0",
      "toolkits names 1, which is no toolkit: the toolkits are agents, plans, references",
    ),
  ],
};

const CASES = Object.entries(FAULTS).flatMap(([code, rows]) =>
  rows.map(([define, agent, field, sentence]) => ({ code, define, agent, field, sentence })),
);

describe("a definition that is wrong", () => {
  test.each(CASES)("is told: $code, $sentence", ({ code, define, agent, field, sentence }) => {
    let thrown: unknown;
    try {
      define();
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(code === "invalid_prompt" ? TypeError : DefinitionError);
    expect(thrown).toMatchObject({ code, agent, field, message: sentence });
    expect((thrown as DefinitionError).faults).toEqual([{ code, agent, field, message: sentence }]);
  });
});
