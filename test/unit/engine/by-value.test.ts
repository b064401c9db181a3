/** What a program is handed is its own: it may change it, and neither the log nor the next activation sees that. */
import { describe, expect, it } from "vitest";
import type { Context } from "../../../src/define/context.ts";
import { StepError } from "../../../src/define/errors.ts";
import type { Json } from "../../../src/domain/values/json.ts";
import { decider, signaler } from "../../support/simulator/people/people.ts";
import type { SimWorld } from "../../support/simulator/sim-world.ts";
import { ROOT } from "../../support/simulator/sim-world.ts";
import type { Programs } from "../../support/simulator/small-world.ts";
import { run, worldOf } from "../../support/simulator/small-world.ts";

type Handed = { list: Json[]; kept?: Json };

/** Changes what it was handed, and says what it was before that. */
function spoil(handed: unknown): Json {
  const was = JSON.parse(JSON.stringify(handed)) as Json;
  const value = handed as Handed & { decision?: string; content?: Json };
  if (value.list) value.list.push("changed");
  value.kept = "changed";
  if (value.decision) value.decision = "changed";
  if (value.content) value.content = "changed";
  return was;
}

const verbs: Record<string, (ctx: Context, world: SimWorld) => Promise<unknown>> = {
  "a step's result": (ctx) => ctx.step("s", () => ({ list: [1] })),
  "an effect's result": (ctx) => ctx.effect("e", null, {}, async () => ({ list: [1] })),
  "a child's output": (ctx) => ctx.call("a.child", null),
  "a signal": (ctx) => ctx.signal("s"),
  "a verdict": (ctx) => ctx.pause({ payload: { answer: "approved" } }),
  "a model's reply": (ctx) => ctx.generate({ messages: "hello", maxTokens: 5 }),
  "an error's details": (ctx) =>
    ctx
      .step("f", () => Promise.reject(new StepError("x", "m", { list: [1] })))
      .catch((error: StepError) => error.details),
  "the scratchpad": async (ctx) => {
    await ctx.step("w", ({ scratchpad }) => scratchpad.record("pad", { list: [1] }));
    spoil(ctx.scratchpad.read("pad"));
    await ctx.step("r", ({ scratchpad }) => void spoil(scratchpad.read("pad")));
    return ctx.scratchpad.read("pad");
  },
};

describe.each(Object.entries(verbs))("%s that the program changes", (_, verb) => {
  const programs: Programs = {
    main: async (ctx, world) => {
      const first = spoil(await verb(ctx, world));
      await ctx.effect("between", null, { idempotent: true }, (attempt) =>
        world.wire(ctx.executionId).idempotent("between", attempt),
      );
      await ctx.sleep(1_000);
      return first;
    },
    child: async () => ({ list: [1] }),
  };
  const people = [decider, signaler([{ name: "s", data: { list: [1] } }])];
  const endOf = async (disturb: (world: SimWorld) => void) => {
    const world = worldOf({ now: programs }, { people });
    for (const at of [4, 8, 12, 16]) {
      await run(world, () => world.ticks >= at);
      disturb(world);
    }
    await run(world);
    return world;
  };

  it("is in the log as it was, and the next activation hears just that", async () => {
    const calm = await endOf(() => {});
    const killed = await endOf((world) => world.evict());
    for (const world of [calm, killed]) {
      expect(world.wrongs).toEqual([]);
      const { events } = world.root.view;
      expect(events.at(-1)).toMatchObject({ type: "execution.succeeded" });
      expect(JSON.stringify(events)).not.toContain("changed");
    }
    expect(killed.root.view.events.at(-1)?.data).toEqual(calm.root.view.events.at(-1)?.data);
    expect(killed.trace).toContain(`CRASH ${ROOT}`);
  });
});

it("an input that the program changes is in the log as it was, and given again", async () => {
  const heard: Json[] = [];
  const programs: Programs = {
    main: (ctx) => ctx.call("a.child", { list: [1] }),
    child: async (ctx, _world, input) => {
      heard.push(spoil(input));
      await ctx.sleep(1_000);
      return "done";
    },
  };
  const world = worldOf({ now: programs });
  await run(world, () => heard.length > 0);
  world.evict();
  await run(world);
  expect(heard).toEqual([{ list: [1] }, { list: [1] }]);
  expect(JSON.stringify([...world.stores.values()].map(({ view }) => view.events))).not.toContain("changed");
  expect(world.root.view.state?.status).toBe("succeeded");
});
