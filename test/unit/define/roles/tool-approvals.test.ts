/** Calls of tools that a person is asked about: nothing runs before the decision, nothing after a refusal, the model hears why. */
import { describe, expect, it } from "vitest";
import * as z from "zod";
import type { RoleAgentOptions, RuntimeOptions } from "../../../../src/define/index.ts";
import {
  defineAgent,
  defineExecution,
  defineRuntime,
  defineSpecialist,
  defineTool,
} from "../../../../src/define/index.ts";
import type { Script } from "../../../../src/domain/model/script.ts";
import type { Ran } from "../../../support/executions.ts";
import { goOn, lookAt, runDefinition } from "../../../support/executions.ts";
import type { Answer, RoleRun } from "../../../support/role-runs.ts";
import { approves, deciderBy, roleWorld, runRole, whenAsked } from "../../../support/role-runs.ts";
import { ROOT } from "../../../support/simulator/sim-world.ts";

const basics = { name: "clerk", model: "m", prompt: "You keep the books." };
const call = { to: "clerk.run", input: { prompt: "Do it." } };
const removes = (name: string, more: object = {}) =>
  defineTool({
    ...{ name, description: "Removes an article.", input: z.object({ sku: z.string(), n: z.int().default(1) }) },
    idempotent: true,
    run: ({ sku }) => `removed ${sku}`,
    ...more,
  });
const calls = (...names: readonly string[]): Script => [
  { reply: { tools: names.map((name) => ({ name, input: { sku: "A-7" } })) } },
  { reply: { text: "Done." } },
];

function runtimeOf(agent: Partial<RoleAgentOptions>, more: Partial<RuntimeOptions> = {}) {
  return defineRuntime({ agents: [defineSpecialist({ ...basics, ...agent })], ...more });
}
const run = (agent: Partial<RoleAgentOptions>, options: RoleRun = {}, more: Partial<RuntimeOptions> = {}) =>
  runRole(runtimeOf(agent, more), call, options);
const told = ({ conversation }: Ran) =>
  conversation.messages.flatMap(({ toolResults }) =>
    toolResults.map(({ text, isError }) => (isError ? `error: ${text}` : text)),
  );
const typesOf = ({ events }: Ran) => events.map(({ type }) => type).filter((type) => /^(tool|gate)\./.test(type));
const shownBy = ({ events }: Ran) =>
  events.flatMap((event) => (event.type === "gate.opened" ? [event.data.payload] : []));

/** Whether a person has approved the call of this tool, in what reached the disk. */
function decidedAbout(events: Ran["events"], tool: string): boolean {
  const gates = events.flatMap((event) =>
    event.type === "gate.opened" && (event.data.payload as { tool?: string }).tool === tool ? [event.data.gateId] : [],
  );
  return events.some(
    (event) =>
      event.type === "gate.decided" && event.data.verdict.decision === "approved" && gates.includes(event.data.gateId),
  );
}

describe("a call of a tool that a person is asked about", () => {
  it("waits for the decision with the input as the schema made it, and then runs once", async () => {
    const given = { tools: [removes("remove", { destructive: true })], script: calls("remove") };
    const waiting = await run(given, { until: whenAsked });
    expect(waiting.status).toBe("waiting");
    expect(typesOf(waiting)).toEqual(["gate.opened"]);
    expect(shownBy(waiting)).toEqual([{ kind: "tool", agent: "clerk", tool: "remove", input: { sku: "A-7", n: 1 } }]);
    const ran = await run(given, { decides: approves });
    expect(ran).toMatchObject({ status: "succeeded", output: { response: "Done." } });
    expect(typesOf(ran)).toEqual(["gate.opened", "gate.decided", "tool.started", "tool.completed"]);
    expect(told(ran)).toEqual(["removed A-7"]);
  });

  it("never runs before its decision, whatever the order of things, and whatever a crash comes after", async () => {
    for (let seed = 1; seed <= 40; seed += 1) {
      let world: ReturnType<typeof roleWorld> | undefined;
      const early: string[] = [];
      const ran: string[] = [];
      const gated = (name: string) =>
        removes(name, {
          destructive: true,
          run: () => {
            if (!decidedAbout(world?.root.view.events ?? [], name)) early.push(name);
            ran.push(name);
            return `removed by ${name}`;
          },
        });
      const names = ["one", "two", "three"];
      const runtime = runtimeOf({ tools: names.map(gated), script: calls(...names) });
      world = roleWorld(runtime, call, {
        seed,
        decides: ({ tool }) => (tool === "two" ? { decision: "rejected" } : approves({})),
      });
      const crashAt = 4 + (seed % 24);
      await goOn(world, ({ root }) => root.view.events.length >= crashAt);
      world.crash([ROOT]);
      await goOn(world);
      expect([seed, lookAt(world).status, early]).toEqual([seed, "succeeded", []]);
      expect([seed, new Set(ran)]).toEqual([seed, new Set(["one", "three"])]);
    }
  });

  it.each<[Answer, string]>([
    [
      { decision: "rejected", feedback: "We still sell it." },
      'error: A person rejected this call of "remove", and nothing was run: We still sell it.',
    ],
    [{ decision: "rejected" }, 'error: A person rejected this call of "remove", and nothing was run.'],
    [
      { decision: "request_changes", feedback: "Take B-2." },
      'error: A person wants this call of "remove" changed, and nothing was run: Take B-2.',
    ],
  ])("does not run after %o, and the model hears why", async (answer, text) => {
    const ran = await run(
      { tools: [removes("remove", { approval: "always" })], script: calls("remove") },
      { decides: () => answer },
    );
    expect(ran.status).toBe("succeeded");
    expect(typesOf(ran)).toEqual(["gate.opened", "gate.decided"]);
    expect(told(ran)).toEqual([text]);
  });

  it("does not run when nobody decides in time", async () => {
    const given = { tools: [removes("remove", { approval: "always" })], script: calls("remove") };
    const world = roleWorld(runtimeOf(given, { ask: { expiresInMs: 60_000 } }), call);
    await goOn(world);
    world.now += 61_000;
    await goOn(world);
    const ran = lookAt(world);
    expect(typesOf(ran)).not.toContain("tool.started");
    expect(told(ran)).toEqual(['error: Nobody decided about this call of "remove" in time, and nothing was run.']);
  });

  it("is one of several of a turn: each is decided by itself", async () => {
    const tools = [
      removes("remove", { approval: "always" }),
      removes("erase", { approval: "always" }),
      removes("look"),
    ];
    const ran = await run(
      { tools, script: calls("remove", "erase", "look") },
      { decides: ({ tool }) => ({ decision: tool === "erase" ? "approved" : "rejected" }) },
    );
    const started = ran.events.flatMap((event) => (event.type === "tool.started" ? [event.data.name] : []));
    expect(started.toSorted()).toEqual(["erase", "look"]);
  });

  it("is asked with what its schema said once, whatever the schema says later", async () => {
    let made = 0;
    const input = z.object({
      sku: z.string().transform((sku) => {
        made += 1;
        return `${sku}-${made}`;
      }),
    });
    const seen: string[] = [];
    const tool = defineTool({
      ...{ name: "remove", description: "", input, approval: "always" as const, idempotent: true },
      run: ({ sku }) => {
        seen.push(sku);
        return sku;
      },
    });
    const world = roleWorld(runtimeOf({ tools: [tool], script: calls("remove") }), call);
    await goOn(world, whenAsked);
    world.crash([...world.stores.keys()]);
    await goOn(world, whenAsked);
    await goOn(worldWith(world));
    expect(shownBy(lookAt(world))).toEqual([{ kind: "tool", agent: "clerk", tool: "remove", input: { sku: "A-7-1" } }]);
    expect(seen).toEqual(["A-7-1"]);
  });

  it("is asked by the rule with which the run began, whatever is deployed meanwhile", async () => {
    const begun = runtimeOf({ tools: [removes("remove", { approval: "always" })], script: calls("remove") });
    const code = { now: begun };
    const world = roleWorld(begun, call, { code });
    await goOn(world, whenAsked);
    code.now = runtimeOf({ tools: [removes("remove")], script: calls("remove") });
    world.deploy();
    for (const act of deciderBy(() => ({ decision: "rejected" }))(world)) act.run();
    await goOn(world);
    const ran = lookAt(world);
    expect(ran.status).toBe("succeeded");
    expect(typesOf(ran)).toEqual(["gate.opened", "gate.decided"]);
  });
});

describe("a restart", () => {
  const tools = [removes("remove", { approval: "always" }), removes("erase", { approval: "always" })];
  const script: Script = [
    {
      reply: {
        tools: [
          { name: "remove", input: { sku: "A-7" } },
          { name: "erase", input: { sku: "A-7" } },
        ],
      },
    },
    { reply: { text: "Done." } },
  ];

  it("asks nobody about a call whose result it takes over, and again about one that was refused", async () => {
    let isThere = true;
    const decides = ({ tool }: { tool?: string }) =>
      isThere ? ({ decision: tool === "remove" ? "approved" : "rejected" } as const) : undefined;
    const world = roleWorld(runtimeOf({ tools, script }), call, { decides });
    await goOn(world);
    isThere = false;
    const again = { id: "exec_again", runId: "run", digest: "again", by: "rita" };
    world.dispatch(ROOT, { type: "restart", scope: "execution", reuse: "all-succeeded", fork: false, ...again });
    await goOn(world, whenAsked);
    world.store(again.id).flushed(world.store(again.id).mark);
    world.crash([again.id]);
    isThere = true;
    await goOn(world);
    const { events, state } = world.store(again.id).view;
    expect(state?.status).toBe("succeeded");
    const shown = events.flatMap((event) => (event.type === "gate.opened" ? [event.data.payload] : []));
    expect(shown).toMatchObject([{ tool: "erase" }]);
    expect(events.filter(({ type }) => type === "tool.started")).toEqual([]);
  });
});

/** The person comes late. */
function worldWith(world: ReturnType<typeof roleWorld>): typeof world {
  for (const act of deciderBy(approves)(world)) act.run();
  return world;
}

describe("a dynamic rule", () => {
  const dynamic = { kind: "dynamic", value: "many" } as const;
  const script = (n: number): Script => [
    { reply: { tools: [{ name: "remove", input: { sku: "A-7", n } }] } },
    { reply: { text: "Done." } },
  ];
  const many = ({ input }: { input: unknown }) => (input as { n: number }).n > 10;
  const given = (n: number) => ({ tools: [removes("remove", { approval: dynamic })], script: script(n) });

  it("asks by what its function says of the call", async () => {
    const more = { dynamicApprovals: { many } };
    expect(typesOf(await run(given(3), {}, more))).toEqual(["tool.started", "tool.completed"]);
    expect(typesOf(await run(given(11), { until: whenAsked }, more))).toEqual(["gate.opened"]);
  });

  it("is told the agent, the tool and the input", async () => {
    const seen: unknown[] = [];
    const more = { dynamicApprovals: { many: (call: unknown) => Boolean(seen.push(call)) } };
    await run(given(3), {}, more);
    expect(seen).toEqual([{ agent: "clerk", name: "remove", input: { sku: "A-7", n: 3 } }]);
  });

  it.each([
    ["throws", () => Promise.reject(new Error("no idea"))],
    ["returns nothing", () => undefined as never],
  ])("whose function %s asks", async (_what, judge) => {
    expect(typesOf(await run(given(3), { until: whenAsked }, { dynamicApprovals: { many: judge } }))).toEqual([
      "gate.opened",
    ]);
  });

  it("of a tool must name a function of the runtime", () => {
    expect(() => runtimeOf({ tools: [removes("remove", { approval: dynamic })] })).toThrow(
      'specialist "clerk": tools.0.approval names "many", which is no id of the runtime\'s dynamicApprovals: add a function of this id',
    );
  });
});

describe("an agentic execution of one's own", () => {
  const agent = defineAgent({ id: "worker", description: "Works.", version: "1" });
  const definition = (approval: object) =>
    defineExecution({
      ...{ key: "job", agent, name: "", description: "", input: z.object({}), script: calls("remove") },
      tools: [removes("remove", approval)],
      execute: ({ conversation }) => conversation.ask("Do it."),
    });

  it("asks about its tools by the same rules", async () => {
    const ran = await runDefinition(definition({ destructive: true }), {}, { until: whenAsked });
    expect(ran.status).toBe("waiting");
    expect(shownBy(ran)).toEqual([{ kind: "tool", agent: "worker", tool: "remove", input: { sku: "A-7", n: 1 } }]);
    expect((await runDefinition(definition({ destructive: true, approval: "never" }), {})).status).toBe("succeeded");
  });

  it("has no functions that decide", () => {
    expect(() => definition({ approval: { kind: "dynamic", value: "many" } })).toThrow(
      'execution "worker.job": its tool "remove" asks by the function "many", which only agents of a runtime can: give the tool "always" or "never"',
    );
  });

  it.each([
    [
      { approval: "sometimes" },
      'tool "remove": approval must be "never", "always", "default" or { kind: "dynamic", value: "ID" }',
    ],
    [{ destructive: "yes" }, 'tool "remove": destructive must be true or false'],
  ])("refuses a tool with %o", (more, text) => {
    expect(() => removes("remove", more)).toThrow(text);
  });
});

describe("ask of a runtime", () => {
  it("says who may decide", async () => {
    const ask = { approvers: ["ada"], fourEyes: true };
    const ran = await run({ tools: [removes("remove", { approval: "always" })], script: calls("remove") }, {}, { ask });
    const [opened] = ran.events.filter(({ type }) => type === "gate.opened");
    expect(opened?.data).toMatchObject({ approvers: ["ada"], fourEyes: true });
  });

  it.each([
    [{ approvers: [] }, "ask.approvers"],
    [{ expiresInMs: 0 }, "ask.expiresInMs"],
    [{ approver: ["ada"] }, 'no parameter "approver" in ask'],
  ])("is refused as %o", (ask, text) => {
    expect(() => runtimeOf({}, { ask: ask as object })).toThrow(`runtime: ${text}`);
  });
});

describe("the published form", () => {
  it("knows what a tool says of itself", () => {
    const tools = [
      removes("a", { destructive: true }),
      removes("b", { approval: "always" }),
      removes("c", { approval: "default" }),
    ];
    const [form] = runtimeOf({ tools }).toJSON().agents;
    expect(form?.tools).toEqual([
      { name: "a", approval: { rule: "always", source: "destructive" } },
      { name: "b", approval: { rule: "always", source: "tool" } },
      { name: "c", approval: { rule: "never", source: "standing" } },
    ]);
  });
});
