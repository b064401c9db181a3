/** What a crash or an eviction in the middle of an agentic execution asks again, and what it does not. */
import { describe, expect, it } from "vitest";
import * as z from "zod";
import type { Validator } from "../../../../src/define/index.ts";
import { defineAgent, defineExecution, defineTool, fail, pass } from "../../../../src/define/index.ts";
import { goOn, lookAt, runDefinition } from "../../../support/executions.ts";
import { ROOT } from "../../../support/simulator/sim-world.ts";

const agent = defineAgent({ id: "worker", description: "Works.", version: "1" });
const base = { key: "job", agent, name: "Job", description: "A job.", input: z.object({}) } as const;
const says = (...texts: readonly string[]) => texts.map((text) => ({ reply: { text } }));

describe("a replay", () => {
  it("asks neither the model nor a validator about an attempt that was judged", async () => {
    const asked: number[] = [];
    const second: Validator = {
      name: "second",
      validate: (...[, , , { attempt }]) => {
        asked.push(attempt);
        return attempt === 1 ? fail({ feedback: "once more" }) : pass;
      },
    };
    const definition = defineExecution({
      ...{ ...base, validators: [second], script: says("one", "two") },
      execute: ({ conversation }) => conversation.ask("Do it."),
    });
    const judged = (types: readonly string[]) => types.filter((type) => type === "turn.started").length === 2;
    const { world } = await runDefinition(
      definition,
      {},
      {
        until: ({ root }) => judged(root.view.events.map(({ type }) => type)),
      },
    );
    expect(asked).toEqual([1]);
    world.evict();
    await goOn(world);
    const ran = lookAt(world);
    expect(ran).toMatchObject({ status: "succeeded", output: { response: "two" } });
    expect(asked).toEqual([1, 2]);
    expect(ran.events.filter(({ type }) => type === "attempt.rejected")).toHaveLength(1);
    expect(ran.attempts.map(({ n }) => n)).toEqual([1, 2]);
  });

  it("gives validators the calls and records of tools that ran before it", async () => {
    const seen: unknown[] = [];
    const tool = defineTool({
      ...{ name: "note", description: "", input: z.object({ item: z.string() }) },
      run: ({ item }, { scratchpad }) => {
        scratchpad.record("note", { [item]: true });
        return "noted";
      },
    });
    const look: Validator = {
      name: "look",
      validate: (...[, , scratchpad]) => {
        seen.push([scratchpad.read("note"), scratchpad.calls("note").map(({ recorded }) => recorded)]);
        return pass;
      },
    };
    const definition = defineExecution({
      ...{ ...base, tools: [tool], validators: [look] },
      script: [
        { reply: { tools: ["a", "b"].map((item) => ({ name: "note", input: { item } })) } },
        ...says("", "Done."),
      ],
      execute: ({ conversation }) => conversation.ask("Do it."),
    });
    const { world } = await runDefinition(
      definition,
      {},
      {
        until: ({ root }) => root.view.events.filter(({ type }) => type === "tool.completed").length === 2,
      },
    );
    world.root.flushed(world.root.mark);
    world.crash([ROOT]);
    await goOn(world);
    expect(lookAt(world).status).toBe("succeeded");
    expect(seen).toEqual([[expect.anything(), [{ a: true }, { b: true }]]]);
  });

  it("does not pay an interrupted summary twice when the budget has no room for it, and counts it as spent", async () => {
    const never: Validator = { name: "never", validate: () => fail({ feedback: "never good" }) };
    const definition = defineExecution({
      ...{ ...base, script: says("one", "two", "A summary."), validators: [never], maxRetries: 1 },
      execute: ({ conversation }) => conversation.ask("Do it."),
    });
    const inSummary = (world: { paid: { turns: number } }) => world.paid.turns === 3;
    const origin = { limits: { maxTurns: 3 } };
    const { world } = await runDefinition(definition, {}, { origin, until: inSummary });
    world.root.flushed(world.root.mark);
    world.crash([ROOT]);
    await goOn(world);
    const ran = lookAt(world);
    expect(ran).toMatchObject({ status: "failed", turns: 3, error: { code: "max_retries_exceeded" } });
    expect(ran.error?.message).toBe("The response was still invalid after 2 attempts: never good");
    expect(world.root.view.state).toMatchObject({ spent: { turns: 3 }, reserved: { turns: 0 } });
  });

  it("blocks instead of guessing when the prompt is not what it was", async () => {
    let prompt = "Do it.";
    const definition = defineExecution({
      ...{ ...base, script: says("one") },
      execute: async ({ conversation, sleep }) => {
        const answer = await conversation.ask(prompt);
        await sleep(1_000);
        return answer;
      },
    });
    const { world } = await runDefinition(
      definition,
      {},
      {
        until: ({ root }) => root.view.state?.suspended === "sleeping",
      },
    );
    prompt = "Do something else.";
    world.evict();
    await goOn(world, ({ root }) => root.view.state?.status === "blocked");
    expect(world.root.view.state?.reason).toMatch(/^program_changed: the input of "conversation" is not what it was/);
  });
});

describe("an operator", () => {
  const definition = defineExecution({
    ...{ ...base, script: says("one", "two"), validators: [{ name: "no", validate: () => fail() }] },
    execute: ({ conversation }) => conversation.ask("Do it."),
  });
  const until = ({ root }: Parameters<NonNullable<Parameters<typeof goOn>[1]>>[0]) =>
    root.view.events.some(({ type }) => type === "turn.started");

  it("who cancels in the middle of an attempt ends it: no correction is asked for", async () => {
    const { world } = await runDefinition(definition, {}, { until });
    world.dispatch(ROOT, { type: "cancel", by: "eve" });
    await goOn(world);
    expect(lookAt(world)).toMatchObject({ status: "cancelled", turns: 1 });
  });

  it("who pauses holds the correction back until the resume", async () => {
    const { world } = await runDefinition(definition, {}, { until });
    world.dispatch(ROOT, { type: "pause", by: "eve" });
    await goOn(world, ({ now }) => now > 100_000_000);
    expect(lookAt(world)).toMatchObject({ status: "paused", turns: 1 });
    world.dispatch(ROOT, { type: "resume", by: "eve" });
    await goOn(world, ({ paid }) => paid.turns === 2);
    expect(world.paid.turns).toBe(2);
  });
});
