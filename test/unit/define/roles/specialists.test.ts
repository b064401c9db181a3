/** Specialists that run: on the one run loop, with their prompt, their tools, their limit of turns; and programs that ask them. */
import { describe, expect, it } from "vitest";
import * as z from "zod";
import {
  defineAgent,
  defineRuntime,
  defineSpecialist,
  defineTool,
  layeredPrompt,
  offer,
} from "../../../../src/define/index.ts";
import { agentsOf } from "../../../../src/define/roles/role-functions.ts";
import type { Script } from "../../../../src/domain/model/script.ts";
import { goOn, lookAt } from "../../../support/executions.ts";
import { KeptRecords } from "../../../support/memory/kept-records.ts";
import { runRole } from "../../../support/role-runs.ts";
import { SimWorld } from "../../../support/simulator/sim-world.ts";

const basics = { name: "catalog", model: "claude-sonnet-5-5", prompt: "You know the catalog." };
const price = defineTool({
  name: "price",
  description: "The price of an article in cents.",
  input: z.object({ sku: z.string() }),
  idempotent: true,
  run: ({ sku }) => ({ sku, cents: 250 }),
});
const script: Script = [
  { reply: { tools: [{ name: "price", input: { sku: "A-7" } }] } },
  { reply: { text: "It costs 2.50." } },
];
const forEver: Script = [{ when: () => true, reply: { tools: [{ name: "price", input: { sku: "A-7" } }] } }];

describe("a specialist", () => {
  it("answers a prompt with its own prompt as the system's and with its tools", async () => {
    const prompt = layeredPrompt({ rules: "Be short.", identity: "You know the catalog." });
    const runtime = defineRuntime({ agents: [defineSpecialist({ ...basics, prompt, tools: [price], script })] });
    const ran = await runRole(runtime, { to: "catalog.run", input: { prompt: "What is A-7?" } });
    expect(ran).toMatchObject({ status: "succeeded", output: { response: "It costs 2.50." }, turns: 2 });
    const [turn] = ran.events.flatMap((event) => (event.type === "turn.started" ? [event.data.input] : []));
    expect(turn).toMatchObject({
      system: "<identity>\nYou know the catalog.\n</identity>\n\n<rules>\nBe short.\n</rules>",
      tools: ["price", "stop_execution"],
      setup: { model: "claude-sonnet-5-5", maxTurns: 20 },
    });
    expect(ran.conversation.messages.map(({ role, text }) => [role, text])).toEqual([
      ["user", "What is A-7?"],
      ["assistant", ""],
      ["user", ""],
      ["assistant", "It costs 2.50."],
    ]);
  });

  it.each([
    ["its own maxTurns", { own: { maxTurns: 2 }, ofRuntime: { maxTurns: 9 }, turns: 2 }],
    ["the runtime's", { own: {}, ofRuntime: { maxTurns: 3 }, turns: 3 }],
    ["20", { own: {}, ofRuntime: {}, turns: 20 }],
  ])("has as many turns as %s", async (_what, { own, ofRuntime, turns }) => {
    const agent = defineSpecialist({ ...basics, tools: [price], script: forEver, ...own });
    const ran = await runRole(defineRuntime({ agents: [agent], ...ofRuntime }), {
      to: "catalog.run",
      input: { prompt: "?" },
    });
    expect(ran).toMatchObject({ status: "failed", turns, error: { code: "too_many_turns" } });
    expect(ran.error?.message).toContain(`has taken its ${turns} turns`);
  });

  it("keeps its answer as it is, also where it is JSON", async () => {
    const agent = defineSpecialist({ ...basics, script: [{ reply: { text: '{"a": 1}' } }] });
    expect(
      (await runRole(defineRuntime({ agents: [agent] }), { to: "catalog.run", input: { prompt: "?" } })).output,
    ).toEqual({
      response: '{"a": 1}',
    });
  });

  it("has another version when its prompt, its tools or its rules change, and the same when nothing does", () => {
    const versionOf = (more: object) =>
      agentsOf(defineRuntime({ agents: [defineSpecialist({ ...basics, ...more })] })).map(({ version }) => version)[0];
    const versions = [
      {},
      { prompt: "Other." },
      { tools: [price] },
      { tools: [price], toolApprovals: { price: "always" } },
    ];
    expect(new Set(versions.map(versionOf)).size).toBe(4);
    expect(versionOf({})).toBe(versionOf({}));
  });

  it("of a name that an agent of the house has is a fault that names both", () => {
    const twin = defineAgent({ id: "catalog", description: "Another.", version: "1" });
    const agents = [twin, ...agentsOf(defineRuntime({ agents: [defineSpecialist(basics)] }))];
    expect(() => offer({ agents, definitions: [], services: {} })).toThrow(
      /^agent id "catalog" is claimed twice: by "Another\." \(1\) and by "A specialist of a runtime\." \([0-9a-f]{12}\)$/,
    );
  });
});

describe("runSpecialist", () => {
  const runtime = defineRuntime({ agents: [defineSpecialist({ ...basics, tools: [price], script })] });
  const io = { input: z.unknown(), output: z.unknown() };

  async function asked(name: string) {
    const shop = defineAgent({ id: "shop", description: "", version: "1" }).reasoner("ask", io, (_input, ctx) =>
      runtime.runSpecialist(name, "What is A-7?", { ctx }),
    );
    const agents = () => offer({ agents: [shop, ...agentsOf(runtime)], definitions: [], services: {} });
    const world = new SimWorld({ seed: 7, people: [], agents });
    world.start("shop.ask", null, { kind: "reasoner" });
    await goOn(world);
    return lookAt(world);
  }

  it("runs it as a child of the program that asks, and gives its answer", async () => {
    const { output, world } = await asked("catalog");
    expect(output).toBe("It costs 2.50.");
    expect([...world.stores.values()].map(({ view }) => view.state?.origin.agent)).toEqual(["shop", "catalog"]);
  });

  describe("with a session", () => {
    const heard: Script = [
      {
        when: () => true,
        reply: ({ messages }) => ({ text: `${messages.length}: ${String(messages.at(-1)?.content)}` }),
      },
    ];
    const talking = (stateful: boolean) =>
      defineRuntime({ agents: [defineSpecialist({ ...basics, stateful, script: heard })] });

    async function said(stateful: boolean, sessions: readonly (string | undefined)[], memory = new KeptRecords()) {
      const specialists = talking(stateful);
      const shop = defineAgent({ id: "shop", description: "", version: "1" }).reasoner(
        "ask",
        io,
        async (_input, ctx) => {
          const answers: string[] = [];
          for (const session of sessions)
            answers.push(await specialists.runSpecialist("catalog", `In ${session}`, { ctx, session }));
          return answers;
        },
      );
      const agents = () => offer({ agents: [shop, ...agentsOf(specialists)], definitions: [], services: {} });
      const world = new SimWorld({ seed: 7, people: [], agents, memory });
      world.start("shop.ask", null, { kind: "reasoner", sessionId: "of-the-program" });
      await goOn(world);
      return { ran: lookAt(world), memory, world };
    }

    it("goes on with that session's thread, as a child: over executions, apart from other sessions and from plain runs", async () => {
      const { ran, memory, world } = await said(true, ["s-1", "s-2", "s-1", undefined]);
      expect(ran.output).toEqual(["1: In s-1", "1: In s-2", "3: In s-1", "1: In undefined"]);
      expect([...world.stores.values()].map(({ view }) => view.state?.origin.fn)).toEqual([
        ...["ask", "chat", "chat", "chat", "run"],
      ]);
      const threads = [...memory.values.keys()].filter((name) => name.endsWith(" thread"));
      expect(threads).toEqual(['thread ["s-1","catalog"] thread', 'thread ["s-2","catalog"] thread']);
      memory.forgetWrites();
      expect((await said(true, ["s-1"], memory)).ran.output).toEqual(["5: In s-1"]);
    });

    it("that is none, or for a specialist that keeps none, is refused in words", async () => {
      expect((await said(true, ["a,b"])).ran.error?.message).toContain("must be visible ASCII without a comma");
      const { ran, world } = await said(false, ["s-1"]);
      expect(ran.error?.message).toBe(
        'runSpecialist: the specialist "catalog" keeps no conversation in a session: define it with stateful: true, or leave session out',
      );
      expect(world.stores.size).toBe(1);
    });
  });

  it("of a name that is no specialist says which there are", async () => {
    expect((await asked("catalogue")).error?.message).toBe(
      'runSpecialist: the runtime has no specialist "catalogue": did you mean "catalog"?',
    );
  });
});
