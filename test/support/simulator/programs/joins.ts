/** Programs whose children come by themselves: code of theirs starts an execution that names them as its parent. */
import type { Context } from "../../../../src/define/context.ts";
import type { BudgetLimits } from "../../../../src/domain/execution/budget.ts";
import { isTerminal } from "../../../../src/domain/execution/status.ts";
import type { Json } from "../../../../src/domain/values/json.ts";
import { approver, decider, resumer, truthful } from "../people/people.ts";
import type { Wire } from "../providers/outside.ts";
import type { Person, SimWorld } from "../sim-world.ts";
import { ROOT } from "../sim-world.ts";
import type { End, Program } from "./program.ts";
import { charge, child, put } from "./program.ts";

interface Wanted {
  readonly name: string;
  readonly input?: Json;
  readonly asked?: BudgetLimits;
}

/** Starts a child under the calling execution, once: the id is the effect's own. */
export function join(ctx: Context, world: SimWorld, { name, input = null, asked = {} }: Wanted) {
  return ctx.effect(`join-${name}`, input, { idempotent: true, maxAttempts: 99 }, async ({ idempotencyKey }) => {
    const id = `exec_${idempotencyKey.replaceAll(/[^a-z0-9]/gi, "_")}`;
    const refused = await world.join(ctx.executionId, { id, target: `a.${name}`, input, asked });
    if (refused === "encryption_key_missing") throw new Error("not now");
    return refused;
  });
}

const twice = (ctx: Context, { wire }: { readonly wire: () => Wire }, name: string) =>
  ctx.effect(name, null, { idempotent: true }, (attempt) => wire().twice(name, attempt));

/** Cancels the root once it sleeps, and says so again and again, also when it is long over. */
const canceller: Person = (world) => {
  const { state } = world.root.view;
  const repeats = world.ticks % 7 === 0 && state?.status === "cancelled" && world.ticks < 200;
  if (state?.suspended !== "sleeping" && !repeats) return [];
  return [{ to: ROOT, label: "eve: cancels", run: () => world.dispatch(ROOT, { type: "cancel", by: "eve" }) }];
};

/** Cancels the root while the starts of its children are on their way. */
const hastyCanceller: Person = (world) => {
  const { state } = world.root.view;
  if (!state || isTerminal(state.status) || state.openChildren === 0) return [];
  return [{ to: ROOT, label: "eve: cancels", run: () => world.dispatch(ROOT, { type: "cancel", by: "eve" }) }];
};

/** Everything began is over: no link to a child that never was is open, and what came by itself was told to its parent. */
function settled({ world }: End): string | undefined {
  for (const [id, { view }] of world.stores) {
    const { state } = view;
    if (!state) continue;
    if (!isTerminal(state.status)) return `${id} goes on`;
    if (state.openChildren > 0) return `${id} still counts ${state.openChildren} open children`;
  }
  return undefined;
}

const joins: Program[] = [
  {
    name: "adopted-child",
    functions: {
      main: async (ctx, tools) => {
        const refused = await join(ctx, tools.world, { name: "helper" });
        await ctx.sleep(5_000);
        return [refused, await charge(ctx, tools, "main")];
      },
      helper: async (ctx, tools) => [
        await charge(ctx, tools, "one"),
        await ctx.sleep(2_000).then(() => null),
        await charge(ctx, tools, "two"),
      ],
    },
  },
  {
    name: "adopted-child-outlives-its-parent",
    functions: {
      main: async (ctx, tools) => [await join(ctx, tools.world, { name: "helper" }), await put(ctx, tools, "main")],
      helper: async (ctx, tools) => {
        await ctx.sleep(60_000);
        return charge(ctx, tools, "late");
      },
    },
  },
  {
    name: "adopted-child-that-waits",
    people: [decider],
    functions: {
      main: async (ctx, tools) => {
        await join(ctx, tools.world, { name: "asker" });
        return child(ctx, "asker", { name: "called" });
      },
      asker: async (ctx, tools) => {
        const { decision } = await ctx.pause({ payload: { answer: "approved" } });
        return [decision, await charge(ctx, tools, "after")];
      },
    },
  },
  {
    name: "adopted-in-a-crowd",
    functions: {
      main: async (ctx, tools) => {
        const started = ctx.all(
          ["x", "y", "z"],
          (item) => item,
          (item, inner) => join(inner, tools.world, { name: "helper", input: item }),
        );
        const called = child(ctx, "middle");
        return [await started, await called, await put(ctx, tools, "end")];
      },
      middle: async (ctx, tools) => {
        const refused = await join(ctx, tools.world, { name: "helper", input: "m" });
        return [refused, await charge(ctx, tools, "middle")];
      },
      helper: async (ctx, tools) => {
        await charge(ctx, tools, `first-${tools.input}`);
        await ctx.sleep(1_000);
        return charge(ctx, tools, `second-${tools.input}`);
      },
    },
  },
  {
    name: "cancel-reaches-beneath-an-end",
    people: [canceller],
    agree: () => undefined,
    functions: {
      main: async (ctx, tools) => {
        await child(ctx, "middle");
        await ctx.sleep(3_600_000);
        return put(ctx, tools, "never");
      },
      middle: (ctx, tools) => join(ctx, tools.world, { name: "forever" }),
      forever: (ctx) => ctx.signal("never"),
    },
  },
  {
    name: "cancel-overtakes-starts",
    people: [hastyCanceller],
    agree: () => undefined,
    functions: {
      main: (ctx) => Promise.all(["one", "two", "three"].map((name) => child(ctx, "forever", { name }))),
      forever: (ctx) => ctx.signal("never"),
    },
  },
  {
    name: "joined-by-what-never-will-be",
    output: ["id_taken", "main!"],
    // One whose process dies between the parent's yes and its own no leaves a link, until it asks again.
    always: (end) =>
      end.world.trace.some((line) => line.startsWith("CRASH exec_exec_root_")) ? undefined : settled(end),
    functions: {
      main: async (ctx, tools) => [await join(ctx, tools.world, { name: "barred" }), await charge(ctx, tools, "main")],
      barred: (ctx, tools) => put(ctx, tools, "never"),
    },
  },
  { name: "try-that-does-not-stop", functions: { main: (ctx, tools) => twice(ctx, tools, "main") } },
  {
    name: "tries-that-do-not-stop",
    functions: {
      main: async (ctx, tools) => {
        const refused = await join(ctx, tools.world, { name: "helper" });
        const called = child(ctx, "middle");
        return [refused, await twice(ctx, tools, "main"), await called];
      },
      middle: async (ctx, tools) => [
        await join(ctx, tools.world, { name: "helper", input: "m" }),
        await twice(ctx, tools, "middle"),
      ],
      helper: (ctx, tools) => twice(ctx, tools, `helper-${tools.input}`),
    },
  },
];

export const JOINS: readonly Program[] = joins.map((program) => ({
  ...program,
  people: [...(program.people ?? []), truthful, resumer, approver],
  always: program.always ?? settled,
}));
