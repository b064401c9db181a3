/** A deployment while an agentic execution runs: what its code says anew is for executions that begin later. */
import { describe, expect, it } from "vitest";
import * as z from "zod";
import type { AgentConfig, ExecutionDefinition, Script } from "../../../../src/define/index.ts";
import { defineAgent, defineExecution, defineTool, validJson } from "../../../../src/define/index.ts";
import type { Json } from "../../../../src/domain/values/json.ts";
import { goOn, lookAt, runDefinition } from "../../../support/executions.ts";
import type { SimWorld } from "../../../support/simulator/sim-world.ts";
import { ROOT } from "../../../support/simulator/sim-world.ts";

const tool = (name: string, run: () => Json = () => `${name} ran`) =>
  defineTool({ name, description: `Does ${name}.`, input: z.object({}), idempotent: true, run });
const call = (name: string) => ({ reply: { tools: [{ name, input: {} }] } });
const say = (text: string) => ({ reply: { text } });

interface Said {
  readonly config?: AgentConfig;
  readonly tools?: readonly ReturnType<typeof tool>[];
  readonly prompts?: readonly string[];
  readonly maxRetries?: number;
  readonly maxToolRounds?: number;
}

function definitionOf(
  { config = {}, tools = [tool("look")], prompts = ["Do it."], ...more }: Said,
  script: Script,
): ExecutionDefinition {
  const agent = defineAgent({ id: "worker", description: "Works.", version: "1", config });
  return defineExecution({
    ...{ key: "job", agent, name: "Job", description: "A job.", input: z.object({}), tools, script },
    validators: [validJson],
    ...more,
    execute: async ({ conversation }) => {
      const answers: string[] = [];
      for (const prompt of prompts) answers.push(await conversation.ask(prompt));
      return answers.at(-1) ?? "";
    },
  });
}

/** Seven turns: a tool, no JSON three times, a tool again, JSON. */
const SCRIPT = [call("look"), say("one"), say("two"), call("look"), call("look"), say("three"), say('{"done":true}')];

function recorded() {
  const requests: string[] = [];
  const script: Script = [
    {
      when: ({ system, tools, model, maxTokens, messages }) => {
        const names = tools.map(({ name }) => name);
        requests.push(JSON.stringify({ system, names, model, maxTokens, first: messages[0]?.content }));
        return false;
      },
      reply: {},
    },
    ...SCRIPT,
  ];
  return { requests, script };
}

async function ended(world: SimWorld) {
  await goOn(world);
  return lookAt(world);
}

/** Runs `before`, replaces the code by `after` at this tick, and runs to the end. */
async function deployedAt(tick: number, { before, after }: { before: Said; after: Said }) {
  const { requests, script } = recorded();
  const code = { now: definitionOf(before, script) };
  let ticks = 0;
  const { world } = await runDefinition(code.now, {}, { code, until: () => ++ticks > tick });
  code.now = definitionOf(after, script);
  world.deploy();
  const hasBegun = world.root.view.events.some(({ type }) => type === "turn.started");
  return { hasBegun, ran: await ended(world), requests };
}

const CHANGES: readonly (readonly [string, Said])[] = [
  ["another system prompt", { config: { system: "You are someone else." } }],
  ["another model", { config: { model: "another" } }],
  ["fewer tokens", { config: { maxTokens: 100 } }],
  ["one more tool", { tools: [tool("added"), tool("look")] }],
  [
    "a tool in other words",
    { tools: [{ ...tool("look"), declaration: { ...tool("look").declaration, description: "!" } }] },
  ],
  ["fewer corrections", { maxRetries: 0 }],
  ["fewer rounds", { maxToolRounds: 1 }],
];

describe("a deployment with", () => {
  it.each(CHANGES)("%s, at any moment, changes nothing in an execution that has begun", async (_name, after) => {
    const before: Said = { maxRetries: 3, maxToolRounds: 9, config: { system: "You work.", maxTokens: 500 } };
    const whole = await deployedAt(Number.POSITIVE_INFINITY, { before, after: before });
    expect(whole.ran).toMatchObject({ status: "succeeded", output: { done: true } });
    const [asked] = whole.requests;
    let kept = 0;
    for (let tick = 0; tick < whole.ran.world.ticks; tick += 1) {
      const { hasBegun, ran, requests } = await deployedAt(tick, { before, after: { ...before, ...after } });
      // Before its first turn stands in the log the new code counts.
      if (!hasBegun) continue;
      kept += 1;
      expect(ran, `deployed at ${tick}`).toMatchObject({ status: "succeeded", output: { done: true } });
      expect(new Set(requests), `deployed at ${tick}`).toEqual(new Set([asked]));
    }
    expect(kept).toBeGreaterThan(15);
  });
});

const turns = (count: number) => (world: SimWorld) =>
  world.root.view.events.filter(({ type }) => type === "turn.completed").length >= count;

describe("a tool", () => {
  async function redeployed(before: Said, after: Said, script: Script) {
    const code = { now: definitionOf(before, script) };
    const { world } = await runDefinition(code.now, {}, { code, until: turns(2) });
    code.now = definitionOf(after, script);
    world.deploy();
    return ended(world);
  }

  it("that was added is not offered to an execution that has begun, and not run for it", async () => {
    let ran = 0;
    const added = tool("added", () => {
      ran += 1;
      return null;
    });
    const script = [call("look"), call("look"), call("added"), say("{}")];
    const result = await redeployed({}, { tools: [tool("look"), added] }, script);
    expect(result).toMatchObject({ status: "succeeded" });
    expect(JSON.stringify(result.conversation.messages)).toContain(
      'There is no tool \\"added\\". The tools are: look, stop_execution.',
    );
    expect(ran).toBe(0);
  });

  it("that was removed keeps what it did; called anew it says that it is gone", async () => {
    const script = [call("look"), call("look"), call("look"), say("{}")];
    const result = await redeployed({}, { tools: [] }, script);
    expect(result).toMatchObject({ status: "succeeded" });
    const texts = result.conversation.messages.flatMap(({ toolResults }) => toolResults.map(({ text }) => text));
    expect(texts[0]).toBe("look ran");
    expect(texts.at(-1)).toBe('"look" is not available any more: do without it.');
  });
});

describe("questions of one conversation", () => {
  it("that change places in a deployment do not swap their answers: the execution is blocked, and the old code goes on", async () => {
    const script = [say("first"), say("second"), say("{}"), say("{}"), say("{}"), say("{}")];
    const code = { now: definitionOf({ prompts: ["A?", "B?", "C?"] }, script) };
    const { world } = await runDefinition(code.now, {}, { code, until: turns(2) });
    code.now = definitionOf({ prompts: ["B?", "A?", "C?"] }, script);
    world.deploy();
    await goOn(world, () => world.root.view.state?.status === "blocked");
    expect(world.root.view.state?.reason).toBe('program_changed: the input of "conversation" is not what it was');
    code.now = definitionOf({ prompts: ["A?", "B?", "C?"] }, script);
    world.deploy();
    world.dispatch(ROOT, { type: "resume", by: "ann" });
    expect(await ended(world)).toMatchObject({ status: "succeeded" });
  });
});

describe("a long conversation", () => {
  it("reads each message once for its digests, however many turns there are", async () => {
    const rounds = async (count: number) => {
      const script: Script = [...Array.from({ length: count }, () => call("look")), say("{}")];
      const definition = definitionOf({ tools: [tool("look", () => "x".repeat(500))], maxToolRounds: 1_000 }, script);
      const { world } = await runDefinition(definition, {});
      expect(lookAt(world).status).toBe("succeeded");
      return world.digested;
    };
    const [few, many] = [await rounds(20), await rounds(80)];
    expect(many / few).toBeLessThan(5);
  });
});
