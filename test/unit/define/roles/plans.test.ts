/** From a plan to what was done: a planner writes it, a person decides about it, an executor carries it out, each action once. */
import { describe, expect, it } from "vitest";
import * as z from "zod";
import type { PlanOptions, RuntimeOptions } from "../../../../src/define/index.ts";
import {
  defineCoordinator,
  defineDispatcher,
  defineExecutor,
  definePlan,
  definePlanner,
  defineRuntime,
  defineSpecialist,
} from "../../../../src/define/index.ts";
import { agentsOf } from "../../../../src/define/roles/role-functions.ts";
import type { Script } from "../../../../src/domain/model/script.ts";
import { refuse } from "../../../../src/domain/values/fault.ts";
import type { Json } from "../../../../src/domain/values/json.ts";
import { goOn, lookAt } from "../../../support/executions.ts";
import { KeptRecords } from "../../../support/memory/kept-records.ts";
import type { Decides, RoleRun, Shown } from "../../../support/role-runs.ts";
import { approves, deciderBy, roleWorld, runRole, whenAsked } from "../../../support/role-runs.ts";
import { ROOT } from "../../../support/simulator/sim-world.ts";

const model = "m";
const set = (sku: string, cents: number) => ({ action: "set_price", input: { sku, cents } });
const store = (summary: string, ...actions: readonly Json[]): Script[number] => ({
  reply: { tools: [{ name: "store_plan", input: { summary, actions: [...actions] } }] },
});
const say = (text: string): Script[number] => ({ reply: { text } });

/** Books of what dispatchers did. */
class Shop {
  readonly done: string[] = [];
  readonly keys = new Set<string>();
  fails: string | undefined;
  /** What happens while the next one is done. */
  meanwhile: (() => unknown) | undefined;

  set(sku: string, cents: number, key: string): { before: number } {
    this.meanwhile?.();
    this.meanwhile = undefined;
    if (sku === this.fails) throw new Error(`${sku} is locked`);
    if (!this.keys.has(key)) this.done.push(`${sku}=${cents}`);
    this.keys.add(key);
    return { before: 100 };
  }
}

function deskOf(
  shop: Shop,
  more: { plan?: Partial<PlanOptions>; runtime?: Partial<RuntimeOptions>; script?: Script } = {},
) {
  const plan = definePlan({
    ...{ name: "prices", version: "1" },
    actions: {
      set_price: { description: "Sets one price.", input: z.object({ sku: z.string(), cents: z.int().min(1) }) },
    },
    ...more.plan,
  });
  const script = more.script ?? [store("Raise.", set("a", 105), set("b", 210)), say("Stored.")];
  const set_price = defineDispatcher({
    idempotent: true,
    run: ({ sku, cents }: { sku: string; cents: number }, { idempotencyKey }) => shop.set(sku, cents, idempotencyKey),
    compensate: ({ sku }, { output: { before }, idempotencyKey }) => shop.set(sku, before, idempotencyKey),
  });
  const report: Script = [{ when: () => true, reply: { text: "All done." } }];
  return defineRuntime({
    agents: [
      definePlanner({ name: "planner", model, prompt: "You plan.", plan, script }),
      defineExecutor({ name: "clerk", model, prompt: "You carry out.", plan, script: report }),
    ],
    dispatchers: { prices: { set_price } },
    ask: { expiresInMs: Number.POSITIVE_INFINITY },
    ...more.runtime,
  });
}

const planCall = { to: "planner.plan", input: { task: "Raise all prices by 5 %." } };
const execute = (plan_id: string = ROOT) => ({ to: "clerk.execute", input: { plan_id } });

/** A plan that was written and decided about. */
async function planned(runtime: ReturnType<typeof deskOf>, decides: Decides, memory = new KeptRecords()) {
  return { ...(await runRole(runtime, planCall, { decides, memory })), memory };
}
async function executed(runtime: ReturnType<typeof deskOf>, memory: KeptRecords, options: RoleRun = {}) {
  memory.forgetWrites();
  const world = roleWorld(runtime, execute(), { ...options, memory });
  await goOn(world);
  return lookAt(world);
}

/** Refuses the first version of a plan. */
function fullAtFirst(): KeptRecords {
  const memory = new KeptRecords();
  const { set: keep } = memory;
  let refusals = 1;
  memory.set = async (place, entry) => {
    if (!entry.key.startsWith("version") || refusals === 0) return keep(place, entry);
    refusals -= 1;
    return refuse("memory_full", "the memory is full");
  };
  return memory;
}

describe("a planner", () => {
  it("stores a version, shows it with its digest, and gives the approved plan", async () => {
    const seen: Shown[] = [];
    const { output, memory, events } = await planned(deskOf(new Shop()), (shown) => {
      if (seen.length === 0) seen.push(shown);
      return { decision: "approved" };
    });
    const actions = [
      { id: "a1", ...set("a", 105) },
      { id: "a2", ...set("b", 210) },
    ];
    expect(output).toMatchObject({ plan_id: ROOT, state: "approved", version: 1, summary: "Raise.", actions });
    expect(seen[0]).toMatchObject({ kind: "plan", agent: "planner", plan: { name: "prices", version: "1" }, actions });
    expect(seen[0]?.digest).toBe((output as { digest: string }).digest);
    expect(memory.values.get(`plan ${ROOT} standing`)).toMatchObject({
      state: "approved",
      version: 1,
      decidedBy: "ann",
    });
    const types = events.map(({ type }) => type);
    expect(types.indexOf("gate.opened")).toBeGreaterThan(types.indexOf("turn.completed"));
  });

  it("hears what a person wants changed, and stores a new version with what it changes", async () => {
    const script = [
      ...[store("Raise.", set("a", 105), set("b", 210)), say("Stored.")],
      ...[store("Only a.", set("a", 105), set("c", 5)), say("Changed.")],
    ];
    const shown: Shown[] = [];
    const ran = await planned(deskOf(new Shop(), { script }), (one) => {
      if (!shown.some(({ version }) => version === one.version)) shown.push(one);
      return one.version === 1 ? { decision: "request_changes", feedback: "Leave b." } : { decision: "approved" };
    });
    expect(ran.output).toMatchObject({ state: "approved", version: 2 });
    const prompts = ran.conversation.messages.flatMap(({ kind, text }) => (kind === "prompt" ? [text] : []));
    expect(prompts[1]).toContain("A person wants version 1 of the plan changed: Leave b.");
    expect(shown[1]?.diff).toEqual({ added: [set("c", 5)], removed: [set("b", 210)], kept: 1 });
    expect(shown[0]?.digest).not.toBe(shown[1]?.digest);
    expect(ran.memory.values.get(`plan ${ROOT} version 1`)).toMatchObject({ summary: "Raise." });
  });

  it.each([["rejected", { decision: "rejected", feedback: "Too dear." } as const, "Too dear."]])(
    "of a plan that is %s gives it with the reason, and its state is written",
    async (_what, answer, feedback) => {
      const { output, memory } = await planned(deskOf(new Shop()), () => answer);
      expect(output).toMatchObject({ state: "rejected", feedback });
      expect(memory.values.get(`plan ${ROOT} standing`)).toMatchObject({ state: "rejected", feedback });
    },
  );

  it("that stores nothing is corrected, and a plan that does not fit is refused with its path", async () => {
    const bad = { action: "set_price", input: { sku: "a", cents: 0 } };
    const script = [say("I shall."), store("Raise.", bad), store("Raise.", set("a", 105)), say("Stored.")];
    const ran = await planned(deskOf(new Shop(), { script }), approves);
    expect(ran.output).toMatchObject({ state: "approved", version: 1 });
    expect(ran.attempts[0]?.feedback).toContain("You have stored no plan: call store_plan");
    const refusals = ran.conversation.messages.flatMap(({ toolResults }) =>
      toolResults.filter(({ isError }) => isError),
    );
    expect(refusals.map(({ text }) => text).join()).toContain("actions.0");
  });

  it("shows no version that could not be stored: it is told so, and stores another", async () => {
    const script = [store("Raise.", set("a", 105)), store("Raise.", set("b", 210)), say("Stored.")];
    const memory = fullAtFirst();
    const ran = await planned(deskOf(new Shop(), { script }), approves, memory);
    const actions = [{ id: "a1", ...set("b", 210) }];
    expect(ran.output).toMatchObject({ state: "approved", version: 2, actions });
    expect(memory.values.get(`plan ${ROOT} version 2`)).toMatchObject({ actions });
    expect(JSON.stringify(ran.conversation.messages)).toContain("the memory is full");
  });

  it("that has stored nothing but what was refused is corrected", async () => {
    const script = [store("Raise.", set("a", 105)), say("Stored."), store("Raise.", set("b", 210)), say("Stored.")];
    const memory = fullAtFirst();
    const ran = await planned(deskOf(new Shop(), { script }), approves, memory);
    expect(ran.attempts[0]?.feedback).toContain("You have stored no plan");
    expect(ran.output).toMatchObject({ state: "approved", actions: [{ id: "a1", ...set("b", 210) }] });
  });

  it("asks nobody where its rule says never", async () => {
    const ran = await planned(deskOf(new Shop(), { runtime: { approval: { plans: "never" } } }), approves);
    expect(ran.output).toMatchObject({ state: "approved" });
    expect(ran.events.some(({ type }) => type === "gate.opened")).toBe(false);
  });
});

describe("an executor", () => {
  it("carries the approved actions out in their order, and reports", async () => {
    const shop = new Shop();
    const runtime = deskOf(shop);
    const { memory } = await planned(runtime, approves);
    const ran = await executed(runtime, memory);
    expect(shop.done).toEqual(["a=105", "b=210"]);
    expect(ran.output).toMatchObject({
      ...{ plan_id: ROOT, state: "executed", version: 1, report: "All done." },
      results: [
        { id: "a1", status: "succeeded", output: { before: 100 } },
        { id: "a2", status: "succeeded" },
      ],
    });
    expect(memory.values.get(`plan ${ROOT} standing`)).toMatchObject({ state: "executed" });
  });

  it.each<[string, Decides, string]>([
    ["rejected", () => ({ decision: "rejected" }), "plan_not_approved"],
    ["not decided yet", () => undefined, "plan_not_approved"],
  ])("does nothing for a plan that is %s", async (_what, decides, code) => {
    const shop = new Shop();
    const runtime = deskOf(shop);
    const memory = new KeptRecords();
    await runRole(runtime, planCall, { decides, memory, until: whenAsked });
    const world = roleWorld(runtime, planCall, { decides, memory });
    await goOn(world, (one) => memory.values.has(`plan ${ROOT} standing`) && whenAsked(one));
    const ran = await executed(runtime, memory);
    expect(ran.error?.code).toBe(code);
    expect(shop.done).toEqual([]);
  });

  it("does nothing for a plan that is not there, or was written for another definition", async () => {
    const shop = new Shop();
    expect((await executed(deskOf(shop), new KeptRecords())).error?.code).toBe("plan_not_found");
    const { memory } = await planned(deskOf(shop), approves);
    const ran = await executed(deskOf(shop, { plan: { version: "2" } }), memory);
    expect(ran.error).toMatchObject({ code: "plan_mismatch" });
    expect(ran.error?.message).toContain("was written for the definition prices 1, and clerk carries out prices 2");
    expect(shop.done).toEqual([]);
  });

  it("does nothing when the actions are not those that were approved", async () => {
    const shop = new Shop();
    const runtime = deskOf(shop);
    const { memory } = await planned(runtime, approves);
    const version = memory.values.get(`plan ${ROOT} version 1`) as { actions: Json[] };
    const forged = JSON.stringify({ ...version, actions: [{ id: "a1", ...set("a", 1) }] });
    const place = { tenant: "t", owner: "caller", scope: "plan", scopeId: ROOT } as const;
    await memory.set(place, { key: "version 1", data: forged, by: {} });
    expect((await executed(runtime, memory)).error?.code).toBe("plan_mismatch");
    expect(shop.done).toEqual([]);
  });

  it("carries a plan out once", async () => {
    const shop = new Shop();
    const runtime = deskOf(shop);
    const { memory } = await planned(runtime, approves);
    await executed(runtime, memory);
    expect((await executed(runtime, memory)).error).toMatchObject({ code: "plan_taken" });
    expect(shop.done).toEqual(["a=105", "b=210"]);
  });

  it("that was cancelled in the middle leaves no plan that is carried out for ever: who looks next says that it failed", async () => {
    const shop = new Shop();
    const runtime = deskOf(shop);
    const { memory } = await planned(runtime, approves);
    memory.forgetWrites();
    const world = roleWorld(runtime, execute(), { memory });
    shop.meanwhile = () => world.dispatch(ROOT, { type: "cancel", by: "ann" });
    await goOn(world);
    expect(lookAt(world).status).toBe("cancelled");
    const standing = () => memory.values.get(`plan ${ROOT} standing`) as { state: string; feedback?: string };
    expect(standing().state).toBe("executing");
    const place = { tenant: "t", owner: "caller", scope: "plan", scopeId: ROOT } as const;
    // Executions of another world have the same ids.
    const data = JSON.stringify({ ...standing(), executor: "exec_gone" });
    await memory.set(place, { key: "standing", data, by: {} });
    expect((await executed(runtime, memory)).error).toMatchObject({
      code: "plan_taken",
      message: expect.stringContaining("is failed"),
    });
    expect(standing()).toMatchObject({ state: "failed", feedback: expect.stringContaining("exec_gone ended before") });
    expect(shop.done).toEqual(["a=105"]);
  });

  it("stops at the first failure, and takes back what succeeded, the last first", async () => {
    const shop = new Shop();
    const script = [store("Raise.", set("a", 105), set("b", 210), set("c", 5), set("d", 6)), say("Stored.")];
    const runtime = deskOf(shop, { script });
    const { memory } = await planned(runtime, approves);
    shop.fails = "c";
    const ran = await executed(runtime, memory);
    expect(ran.error).toMatchObject({ code: "plan_failed", message: "a3 (set_price) failed: c is locked" });
    expect(shop.done).toEqual(["a=105", "b=210", "b=100", "a=100"]);
    const { results } = (ran.error?.details ?? {}) as { results?: unknown };
    expect(results).toMatchObject([
      { id: "a1", status: "succeeded", compensation: "compensated" },
      { id: "a2", status: "succeeded", compensation: "compensated" },
      { id: "a3", status: "failed", error: "c is locked" },
      { id: "a4", status: "skipped" },
    ]);
    expect(memory.values.get(`plan ${ROOT} standing`)).toMatchObject({ state: "failed" });
  });

  it("goes on after a failure where the plan says continue, and takes nothing back", async () => {
    const shop = new Shop();
    const script = [store("Raise.", set("a", 105), set("b", 210), set("c", 5)), say("Stored.")];
    const runtime = deskOf(shop, { script, plan: { onFailure: "continue" } });
    const { memory } = await planned(runtime, approves);
    shop.fails = "b";
    const ran = await executed(runtime, memory);
    expect(ran.error?.code).toBe("plan_failed");
    expect(shop.done).toEqual(["a=105", "c=5"]);
  });

  it("shows a plan that no person has seen to one, where its own rule says so", async () => {
    const shop = new Shop();
    const runtime = deskOf(shop);
    const unseen = defineRuntime({
      agents: [
        definePlanner({ ...plannerOf(runtime), approval: { plans: "never" } }),
        ...Object.values(runtime.agents).slice(1),
      ],
      dispatchers: runtime.dispatchers,
      ask: runtime.ask,
    });
    const { memory } = await planned(unseen, approves);
    const ran = await executed(unseen, memory, { decides: () => ({ decision: "rejected", feedback: "No." }) });
    expect(ran.error).toMatchObject({ code: "plan_not_approved" });
    expect(shop.done).toEqual([]);
    expect(memory.values.get(`plan ${ROOT} standing`)).toMatchObject({ state: "rejected", feedback: "No." });
  });

  it("asks by the rule with which it began, whatever is deployed meanwhile", async () => {
    const shop = new Shop();
    const unasked = deskOf(shop, { runtime: { approval: { plans: "never" } } });
    const { memory } = await planned(unasked, approves);
    memory.forgetWrites();
    const code = { now: deskOf(shop) };
    const world = roleWorld(code.now, execute(), { code, memory });
    await goOn(world, whenAsked);
    code.now = unasked;
    world.deploy();
    for (const act of deciderBy(() => ({ decision: "rejected", feedback: "No." }))(world)) act.run();
    await goOn(world);
    expect(lookAt(world).error).toMatchObject({ code: "plan_not_approved" });
    expect(shop.done).toEqual([]);
  });
});

function plannerOf({ agents }: ReturnType<typeof deskOf>) {
  const { planner } = agents;
  if (planner?.role !== "planner") throw new Error("no planner");
  const { name, plan, script = [] } = planner;
  return { name, model, prompt: "You plan.", plan, script };
}

describe("each action", () => {
  it("is done once, whatever entry of the journal a crash comes after", { timeout: 60_000 }, async () => {
    const planCrashes = await crashes((at) => crashedRun(at, "plan"));
    const executeCrashes = await crashes((at) => crashedRun(at, "execute"));
    // Every commit of both executions was followed by a crash.
    expect(planCrashes).toBeGreaterThan(10);
    expect(executeCrashes).toBeGreaterThan(10);
  });

  async function crashes(run: (at: number) => Promise<boolean>): Promise<number> {
    for (let at = 1; ; at += 1) if (!(await run(at))) return at;
  }

  /** Whether the log was so long. */
  async function crashedRun(at: number, which: "plan" | "execute"): Promise<boolean> {
    const shop = new Shop();
    const runtime = deskOf(shop);
    const memory = new KeptRecords();
    let reached = false;
    const go = async (call: typeof planCall | ReturnType<typeof execute>, crashing: boolean) => {
      const world = roleWorld(runtime, call, { decides: approves, memory });
      const length = () => world.store(ROOT).view.events.length;
      if (crashing) {
        await goOn(world, () => length() >= at);
        reached = length() >= at;
        world.store(ROOT).flushed(world.store(ROOT).mark);
        world.crash([ROOT]);
      }
      await goOn(world);
      return lookAt(world);
    };
    const plan = await go(planCall, which === "plan");
    expect(plan.output).toMatchObject({ state: "approved" });
    memory.forgetWrites();
    const ran = await go(execute(), which === "execute");
    expect(ran.output).toMatchObject({ state: "executed" });
    expect(shop.done).toEqual(["a=105", "b=210"]);
    return reached;
  }
});

describe("a coordinator", () => {
  const handOff = (name: string, input: { [key: string]: Json }): Script[number] => ({
    reply: { tools: [{ name: `hand_off_to_${name}`, input }] },
  });
  const withDesk = (shop: Shop, script: Script, more: Partial<RuntimeOptions> = {}) => {
    const { agents, dispatchers, ask } = deskOf(shop);
    const catalog = defineSpecialist({ name: "catalog", model, prompt: "You know.", script: [say("A costs 100.")] });
    const routes = ["planner", "clerk", "catalog"];
    const desk = defineCoordinator({ name: "desk", model, prompt: "You run the desk.", routes, script });
    return defineRuntime({ agents: [desk, ...Object.values(agents), catalog], dispatchers, ask, ...more });
  };
  const call = { to: "desk.run", input: { prompt: "Raise all prices by 5 %." } };

  it("hands work on as child executions: a question, a plan that is approved, its execution", async () => {
    const shop = new Shop();
    const last = ({ messages }: { messages: readonly { content: unknown }[] }) =>
      JSON.stringify(messages.at(-1)?.content);
    const script: Script = [
      handOff("catalog", { task: "What does a cost?" }),
      handOff("planner", { task: "Raise all by 5 %." }),
      {
        reply: (request) => {
          const id = /\\"plan_id\\":\\"([^\\]+)/.exec(last(request))?.[1] ?? "none";
          return { tools: [{ name: "hand_off_to_clerk", input: { plan_id: id } }] };
        },
      },
      { reply: (request) => ({ text: /executed/.test(last(request)) ? "Prices are raised." : last(request) }) },
    ];
    const ran = await runRole(withDesk(shop, script), call, { decides: approves });
    expect(ran.output).toEqual({ response: "Prices are raised." });
    expect(shop.done).toEqual(["a=105", "b=210"]);
    const targets = [...ran.world.stores.values()].map(({ view }) => {
      const { agent, fn, parentId } = view.state?.origin ?? {};
      return `${agent}.${fn} of ${parentId}`;
    });
    expect(targets).toEqual([
      "desk.run of undefined",
      ...["catalog.run", "planner.plan", "clerk.execute"].map((target) => `${target} of ${ROOT}`),
    ]);
  });

  it("is told what a child failed with, and goes on", async () => {
    const script = [handOff("clerk", { plan_id: "none" }), say("There is no such plan.")];
    const ran = await runRole(withDesk(new Shop(), script), call);
    expect(ran.output).toEqual({ response: "There is no such plan." });
    const [result] = ran.conversation.messages.flatMap(({ toolResults }) => toolResults);
    expect(result).toMatchObject({ isError: true });
    expect(result?.text).toContain('there is no plan "none"');
  });

  it("has the runtime's budget, for all that it hands on", () => {
    const budgetsOf = (more: Partial<RuntimeOptions>) =>
      agentsOf(withDesk(new Shop(), [], more)).flatMap(({ functions }) =>
        [...functions.values()].map(({ budget }) => budget),
      );
    expect(new Set(budgetsOf({}).map((budget) => JSON.stringify(budget)))).toEqual(
      new Set(['{"maxTurns":200,"maxChildren":50}']),
    );
    expect(budgetsOf({ budget: { maxTurns: 3 } })[0]).toEqual({ maxTurns: 3 });
    expect(() => withDesk(new Shop(), [], { budget: { maxTurns: -1 } })).toThrow("runtime: budget.maxTurns");
  });

  it("that is cancelled cancels what it handed on", async () => {
    const world = roleWorld(withDesk(new Shop(), [handOff("planner", { task: "Plan." }), say("Done.")]), call);
    await goOn(world, whenAsked);
    world.dispatch(ROOT, { type: "cancel", by: "ann" });
    await goOn(world);
    expect([...world.stores.values()].map(({ view }) => view.state?.status)).toEqual(["cancelled", "cancelled"]);
  });

  it("asks before it hands on, where its rule for that tool says so", async () => {
    const { agents, dispatchers, ask } = withDesk(new Shop(), [handOff("catalog", { task: "?" }), say("Done.")]);
    const { desk, ...rest } = agents;
    if (desk?.role !== "coordinator") throw new Error("no desk");
    const { name, routes, script = [] } = desk;
    const toolApprovals = { hand_off_to_catalog: "always" } as const;
    const asking = defineCoordinator({ name, routes, script, model, prompt: "You run the desk.", toolApprovals });
    const runtime = defineRuntime({ agents: [asking, ...Object.values(rest)], dispatchers, ask });
    const ran = await runRole(runtime, call, {
      decides: () => ({ decision: "rejected", feedback: "Do it yourself." }),
    });
    expect([...ran.world.stores.keys()]).toEqual([ROOT]);
    expect(JSON.stringify(ran.conversation.messages)).toContain("Do it yourself.");
  });

  it.each([
    ["its budget of turns", { maxTurns: 7 }],
    ["its budget of executions", { maxChildren: 9 }],
  ])(
    "and its twin that hand work to each other for ever stop at %s",
    async (_what, limits: { maxTurns?: number; maxChildren?: number }) => {
      const to = (name: string): Script => [
        { when: () => true, reply: { tools: [{ name: `hand_off_to_${name}`, input: { task: "Yours." } }] } },
      ];
      const twin = (name: string, other: string) =>
        defineCoordinator({ name, model, prompt: "Not mine.", routes: [other], script: to(other), maxTurns: 2 });
      const runtime = defineRuntime({ agents: [twin("ping", "pong"), twin("pong", "ping")] });
      const ran = await runRole(runtime, { to: "ping.run", input: { prompt: "Go." } }, { origin: { limits } });
      expect(ran.status).toBe("failed");
      expect(ran.turns).toBeLessThanOrEqual(limits.maxTurns ?? 30);
      expect(ran.world.stores.size).toBeLessThanOrEqual((limits.maxChildren ?? 7) + 1);
      for (const { view } of ran.world.stores.values()) expect(view.state?.status).toBe("failed");
    },
  );
});
