/** Conversations: what an agent and the people of a session say to each other, over many executions. */
import { describe, expect, it } from "vitest";
import * as z from "zod";
import type { AgentDefinition } from "../../../../src/define/agent.ts";
import { NEW_THREAD, OPEN_KEYS, shortened, tokensOf, withExchange } from "../../../../src/define/execution/thread.ts";
import type { RoleAgentOptions, RuntimeOptions } from "../../../../src/define/index.ts";
import {
  DefinitionError,
  defineAgent,
  defineExecution,
  defineRuntime,
  defineSpecialist,
  defineTool,
  offer,
} from "../../../../src/define/index.ts";
import type { ProgramContext } from "../../../../src/define/program-context.ts";
import { agentsOf } from "../../../../src/define/roles/role-functions.ts";
import { MEMORY_LIMITS } from "../../../../src/domain/memory/limits.ts";
import type { Script } from "../../../../src/domain/model/script.ts";
import { canonicalJson } from "../../../../src/domain/values/json.ts";
import { goOn, lookAt } from "../../../support/executions.ts";
import { KeptRecords } from "../../../support/memory/kept-records.ts";
import type { RoleRun } from "../../../support/role-runs.ts";
import { runRole } from "../../../support/role-runs.ts";
import { SimWorld } from "../../../support/simulator/sim-world.ts";

/** Answers with the words that it has heard, so that a test sees what it was told. */
const echo: Script = [
  {
    when: () => true,
    reply: ({ messages }) => ({
      text: messages.map(({ role, content }) => `${role}: ${typeof content === "string" ? content : "…"}`).join(" | "),
    }),
  },
];

const agentOf = (more: Partial<RoleAgentOptions> = {}, ofRuntime: Partial<RuntimeOptions> = {}) =>
  defineRuntime({
    agents: [
      defineSpecialist({ name: "clerk", model: "m", prompt: "You help.", stateful: true, script: echo, ...more }),
    ],
    ...ofRuntime,
  });

async function say(
  memory: KeptRecords,
  message: string,
  given: RoleRun & { runtime?: ReturnType<typeof agentOf> } = {},
) {
  memory.forgetWrites();
  const { runtime = agentOf(), origin = { sessionId: "s-1" }, ...rest } = given;
  return runRole(runtime, { to: "clerk.chat", input: { message } }, { memory, origin, ...rest });
}
const responseOf = ({ output }: { output: unknown }) => (output as { response: string }).response;
const thread = (memory: KeptRecords, session = "s-1") =>
  memory.values.get(`thread ${JSON.stringify([session, "clerk"])} thread`) as
    | { summary: string | null; messages: { role: string; text: string; execution: string }[]; count: number }
    | undefined;

describe("a conversation", () => {
  it("is remembered by its session: the next message is answered with what was said before", async () => {
    const memory = new KeptRecords();
    await say(memory, "I am Ada.");
    expect(responseOf(await say(memory, "Who am I?"))).toBe(
      "user: I am Ada. | assistant: user: I am Ada. | user: Who am I?",
    );
    expect(thread(memory)?.messages.map(({ role }) => role)).toEqual(["user", "assistant", "user", "assistant"]);
    expect(thread(memory)?.count).toBe(4);
  });

  it("of another session, or of an agent that keeps none, begins anew", async () => {
    const memory = new KeptRecords();
    await say(memory, "I am Ada.");
    expect(responseOf(await say(memory, "Who am I?", { origin: { sessionId: "s-2" } }))).toBe("user: Who am I?");
    const forgetful = agentOf({ stateful: false });
    expect(responseOf(await say(memory, "Who am I?", { runtime: forgetful, origin: {} }))).toBe("user: Who am I?");
    // Two threads, and the lists of their sessions.
    const kept = [...memory.values.keys()].filter((name) => !name.includes(OPEN_KEYS));
    expect(kept).toHaveLength(4);
  });

  it("without a session is refused by an agent that keeps its conversations", async () => {
    const ran = await say(new KeptRecords(), "Hello?", { origin: {} });
    expect(ran.error).toEqual({
      code: "session_missing",
      message: "clerk keeps its conversations: send X-Session-ID with the message",
    });
    expect(ran.turns).toBe(0);
  });

  it("has no tool that ends an unattended task", async () => {
    const ran = await say(new KeptRecords(), "Hello?");
    expect(ran.conversation.tools).toEqual([]);
  });

  it("shows earlier messages as what they were, in the log of each message", async () => {
    const memory = new KeptRecords();
    await say(memory, "I am Ada.");
    const { conversation } = await say(memory, "Who am I?");
    expect(conversation.messages.map(({ role, kind }) => `${role} ${kind}`)).toEqual([
      ...["user prompt", "assistant answer", "user prompt", "assistant answer"],
    ]);
  });

  it("that grows beyond its limit becomes a summary and the newest exchange", async () => {
    const memory = new KeptRecords();
    const long = "x".repeat(500);
    const script: Script = [
      {
        when: ({ messages }) => /Sum this conversation up/.test(JSON.stringify(messages.at(-1))),
        reply: { text: "Ada is here." },
      },
      ...echo,
    ];
    const runtime = agentOf({ script }, { threadTokens: 100 });
    await say(memory, `I am Ada. ${long}`, { runtime });
    expect(thread(memory)).toMatchObject({ summary: "Ada is here.", count: 2 });
    expect(thread(memory)?.messages).toHaveLength(2);
    const ran = await say(memory, "Who am I?", { runtime });
    expect(responseOf(ran)).toContain(
      "user: <summary>\nWhat was said before, in short:\nAda is here.\n</summary>\n\nI am Ada.",
    );
    expect(thread(memory)).toMatchObject({ count: 4 });
    expect(thread(memory)?.messages.map(({ text }) => text.slice(0, 9))).toEqual(["Who am I?", "user: <su"]);
  });

  it("is measured in bytes, of which a record takes so many: a text in Chinese is summed up sooner", () => {
    const said = (text: string) => withExchange(NEW_THREAD, [{ role: "user", text, execution: "e", atMs: 0 }]);
    expect([tokensOf(said("x".repeat(400))), tokensOf(said("茶".repeat(400)))]).toEqual([100, 300]);
    const longest = said("茶".repeat(266_000));
    expect(tokensOf(longest)).toBeLessThanOrEqual(200_000);
    expect(Buffer.byteLength(JSON.stringify(longest))).toBeLessThan(MEMORY_LIMITS.valueBytes);
  });

  it("is cut to its limit by whole exchanges, the oldest first; the newest stays, whatever its length", () => {
    const messages = ["a", "b", "c"].flatMap((letter) =>
      (["user", "assistant"] as const).map((role) => ({ role, text: letter.repeat(40), execution: letter, atMs: 0 })),
    );
    const said = { summary: "s".repeat(40), messages, count: 6 };
    const left = (limit: number) =>
      shortened(said, limit)
        .messages.map(({ execution }) => execution)
        .join("");
    expect([70, 69, 50, 49, 1].map(left)).toEqual(["aabbcc", "bbcc", "bbcc", "cc", "cc"]);
    expect(shortened(said, 50)).toMatchObject({ summary: said.summary, count: 6 });
  });

  it("tells its room of a message before it is answered, under the execution's name", async () => {
    const memory = new KeptRecords();
    await say(memory, "I am Ada.");
    // A map keeps the order in which its keys were first set.
    const [open = "", answered] = memory.values.keys();
    const room = `thread ${JSON.stringify(["s-1", "clerk"])}`;
    const execution = thread(memory)?.messages.at(0)?.execution;
    expect([open, answered]).toEqual([`${room} ${OPEN_KEYS}${execution}`, `${room} thread`]);
    expect(memory.values.get(open)).toEqual({ text: "I am Ada." });
  });

  it("that is forgotten while it is answered is listed again; one that grew meanwhile is cut to twice its limit", async () => {
    const [list, id] = [JSON.stringify(["s-1"]), JSON.stringify(["s-1", "clerk"])];
    const at = (scopeId: string) => ({ tenant: "t", owner: "caller", scope: "thread", scopeId }) as const;
    const during = (memory: KeptRecords, act: () => Promise<unknown>) => {
      let acted = false;
      const run = async () => {
        if (!acted) await act();
        acted = true;
        return "seen";
      };
      const tool = defineTool({
        ...{ name: "look", description: "", input: z.object({}), idempotent: true, run },
      });
      const script: Script = [
        {
          when: ({ messages }) => messages.at(-1)?.content === "Look.",
          reply: { tools: [{ name: "look", input: {} }] },
        },
        { when: () => true, reply: { text: "Done." } },
      ];
      return say(memory, "Look.", { runtime: agentOf({ tools: [tool], script }, { threadTokens: 100 }) });
    };
    const forgotten = new KeptRecords();
    await say(forgotten, "I am Ada.");
    await during(forgotten, async () => {
      await forgotten.remove(at(list), { key: "clerk", by: {} });
      await forgotten.remove(at(id), { key: "thread", by: {} });
    });
    expect(forgotten.values.get(`thread ${list} clerk`)).toEqual({});
    expect(thread(forgotten)?.messages.map(({ text }) => text)).toEqual(["Look.", "Done."]);
    const grown = new KeptRecords();
    const message = { role: "user", text: "x".repeat(200), execution: "e", atMs: 1 };
    const data = canonicalJson({ count: 10, messages: Array.from({ length: 10 }, () => message), summary: null });
    await during(grown, () => grown.set(at(id), { key: "thread", data, by: {} }));
    expect(thread(grown)?.messages).toHaveLength(4);
  });

  it("loses no message that came between", async () => {
    const memory = new KeptRecords();
    let between = 0;
    const tool = defineTool({
      ...{ name: "look", description: "", input: z.object({}), idempotent: true },
      run: async () => {
        between += 1;
        if (between === 1) {
          const id = JSON.stringify(["s-1", "clerk"]);
          const place = { tenant: "t", owner: "caller", scope: "thread", scopeId: id } as const;
          const messages = [{ role: "user", text: "Me first.", execution: "e", atMs: 1 }];
          await memory.set(place, {
            key: "thread",
            data: canonicalJson({ count: 1, messages, summary: null }),
            by: {},
          });
        }
        return "seen";
      },
    });
    const script: Script = [{ reply: { tools: [{ name: "look", input: {} }] } }, { reply: { text: "Done." } }];
    await say(memory, "Look.", { runtime: agentOf({ tools: [tool], script }) });
    expect(thread(memory)?.messages.map(({ text }) => text)).toEqual(["Me first.", "Look.", "Done."]);
  });

  it("is remembered once, whatever entry of the journal a crash comes after", { timeout: 60_000 }, async () => {
    for (let at = 1; ; at += 1) {
      const memory = new KeptRecords();
      await say(memory, "I am Ada.");
      memory.forgetWrites();
      const agents = () => offer({ agents: agentsOf(agentOf()), definitions: [], services: {} });
      const world = new SimWorld({ seed: at, people: [], agents, memory });
      world.start("clerk.chat", { message: "Who am I?" }, { kind: "execution", sessionId: "s-1" });
      const isSoLong = () => world.root.view.events.length >= at;
      await goOn(world, isSoLong);
      const reached = isSoLong();
      world.root.flushed(world.root.mark);
      world.crash();
      await goOn(world);
      expect(lookAt(world).status).toBe("succeeded");
      expect(thread(memory)?.messages.map(({ text }) => text.slice(0, 9))).toEqual([
        ...["I am Ada.", "user: I a", "Who am I?", "user: I a"],
      ]);
      if (!reached) break;
    }
  });
});

/** The code of an earlier version: without a change that has an id, or with the change before it had one. */
function earlier(agents: readonly AgentDefinition[], isChanged: boolean): AgentDefinition[] {
  return agents.map((agent) => {
    const functions = [...agent.functions].map(([name, definition]) => {
      if (definition.kind !== "execution") return [name, definition] as const;
      const program = ((input: unknown, ctx: ProgramContext) =>
        definition.program(input as never, Object.create(ctx, { patched: { value: () => isChanged } }))) as never;
      return [name, { ...definition, program }] as const;
    });
    return { ...agent, functions: new Map(functions) } as AgentDefinition;
  });
}

describe("a conversation that runs while a deploy changes its program", () => {
  it.each([
    ["before its message was announced", false],
    ["when announcing had no id", true],
  ])("goes on with what began %s, wherever the deploy comes", { timeout: 60_000 }, async (_when, isChanged) => {
    for (let at = 1; ; at += 1) {
      const memory = new KeptRecords();
      const offers = () => offer({ agents: agentsOf(agentOf()), definitions: [], services: {} });
      let isOld = true;
      const agents = () => (isOld ? earlier(offers(), isChanged) : offers());
      const world = new SimWorld({ seed: at, people: [], agents, memory });
      world.start("clerk.chat", { message: "Who am I?" }, { kind: "execution", sessionId: "s-1" });
      const isSoLong = () => world.root.view.events.length >= at;
      await goOn(world, isSoLong);
      const reached = isSoLong();
      // Where the old code came to its end, its log says which version it was: the later one wrote what it announced.
      const written = new Set(JSON.stringify(world.root.view.events).match(/"key":"thread\.write[^"]*"/g));
      if (!reached) expect(written.size).toBe(isChanged ? 3 : 2);
      isOld = false;
      world.deploy();
      await goOn(world);
      expect([at, lookAt(world).status, world.root.view.state?.reason]).toEqual([at, "succeeded", undefined]);
      expect(thread(memory)?.count).toBe(2);
      if (!reached) break;
    }
  });
});

describe("an agent with a config", () => {
  const agent = (config?: object) =>
    defineAgent({ id: "desk", description: "Sells tea.", version: "1", ...(config ? { config } : {}) });
  const functionsOf = (given: ReturnType<typeof agent>) =>
    offer({ agents: [given], definitions: [], services: {} }).flatMap(({ functions }) => [...functions.keys()]);

  it("can be talked to, with what its config says of conversations", async () => {
    const config = (context: string) => ({ system: `You are in a ${context}.` });
    const given = agent(config);
    const agents = () => offer({ agents: [given], definitions: [], services: {} });
    const world = new SimWorld({ seed: 7, people: [], agents, memory: new KeptRecords(), script: echo });
    world.start("desk.chat", { message: "Hello?" }, { kind: "execution", sessionId: "s" });
    await goOn(world);
    const ran = lookAt(world);
    expect(ran.output).toEqual({ response: "user: Hello?" });
    expect(ran.conversation.system).toBe("You are in a conversation.");
  });

  it("has no function of its own with that name; one without a config may", () => {
    const io = { input: z.object({}), output: z.null() };
    expect(() => agent({}).reasoner("chat", io, async () => null)).toThrow(DefinitionError);
    expect(() => agent({}).reasoner("chat", io, async () => null)).toThrow(
      'agent "desk": the function "chat" is what Errand adds to an agent with a model (its config): rename yours',
    );
    expect(() =>
      defineExecution({
        ...{ key: "chat", agent: agent({}), name: "", description: "", input: z.object({}) },
        execute: async () => "",
      }),
    ).toThrow(DefinitionError);
    expect(functionsOf(agent().reasoner("chat", io, async () => null))).toEqual(["chat"]);
    expect(functionsOf(agent({}))).toEqual(["chat"]);
  });
});
