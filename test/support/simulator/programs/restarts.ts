/** Programs whose first execution ends too early and is followed by another: together they do everything once. */
import type { Context } from "../../../../src/define/context.ts";
import type { Reuse } from "../../../../src/domain/execution/reusable-result.ts";
import { isTerminal } from "../../../../src/domain/execution/status.ts";
import { approver, decider, resumer, truthful } from "../people/people.ts";
import type { Person } from "../sim-world.ts";
import { ROOT } from "../sim-world.ts";
import type { End, Program } from "./program.ts";
import { charge, child, put } from "./program.ts";

export const AGAIN = "exec_again";

/** Restarts what has ended, once it is in nobody's way, until it is written down. */
function restarter(id: string, as: string, reuse: Reuse = "all-succeeded"): Person {
  return (world) => {
    const { state } = world.store(id).view;
    const changed = state?.status === "blocked";
    if (!state || (!isTerminal(state.status) && !changed) || state.restartedAs !== undefined) return [];
    const more = {
      runId: "run",
      scope: "execution",
      reuse,
      fork: false,
      digest: `again ${reuse}`,
      by: "rita",
    } as const;
    return [
      { to: id, label: `rita: restarts ${id}`, run: () => world.dispatch(id, { type: "restart", id: as, ...more }) },
    ];
  };
}

/** Fails in the first execution only. */
const stumble = (ctx: Context): void => {
  if (ctx.executionId === ROOT) ctx.fail("stumbled", "the first one does not come further");
};

const EACH_ONCE = "each effect once";
/** Where the first was cancelled before it had begun there is nothing to follow. */
function once(names: readonly string[]): (end: End) => string | undefined {
  return ({ applied, world }) => {
    const again = world.stores.get(AGAIN)?.view;
    if (!again?.state) return "nothing followed";
    if (again.state.status !== "succeeded") return `the follower ended ${again.state.status} ${again.state.reason}`;
    const counts = names.map((name) => `${name} ${applied[name] ?? 0}`);
    const wanted = names.map((name) => `${name} 1`);
    return counts.join() === wanted.join() ? undefined : `${EACH_ONCE}: ${JSON.stringify(applied)}`;
  };
}

const restarted: Program[] = [
  {
    name: "restart-after-failure",
    functions: {
      main: async (ctx, tools) => {
        const dice = ctx.random();
        const first = await ctx.step("first", () => dice);
        const row = await put(ctx, tools, "row");
        const paid = await charge(ctx, tools, "charge");
        const all = await ctx.all(
          ["x", "y", "z"],
          (item) => item,
          async (item, inner) => [await charge(inner, tools, `seal-${item}`), await inner.step("mark", () => item)],
        );
        stumble(ctx);
        return [first === dice, row, paid, all, await charge(ctx, tools, "last")];
      },
    },
    always: once(["row", "charge", "seal-x", "seal-y", "seal-z", "last"]),
  },
  {
    name: "restart-in-the-middle",
    functions: {
      // The first ends while one effect is on its way, and another has not begun.
      main: async (ctx, tools) => {
        await put(ctx, tools, "before");
        const slow = charge(ctx, tools, "slow");
        await ctx.sleep(10);
        stumble(ctx);
        return [await slow, await charge(ctx, tools, "after")];
      },
    },
    always: once(["before", "slow", "after"]),
  },
  {
    name: "restart-with-children",
    functions: {
      main: async (ctx, tools) => {
        const good = await child(ctx, "good");
        const bad = await child(ctx, "bad");
        return [good, bad, await put(ctx, tools, "end")];
      },
      good: (ctx, tools) => charge(ctx, tools, "good"),
      // Its second execution follows its first, so what it did is not done again.
      bad: async (ctx, tools) => {
        const paid = await charge(ctx, tools, "bad");
        const { stores } = tools.world;
        if (!stores.get(AGAIN)?.view.state) ctx.fail("no_luck", "not this time");
        return [paid, await charge(ctx, tools, "bad-end")];
      },
    },
    always: once(["good", "bad", "bad-end", "end"]),
  },
  {
    name: "restart-while-children-run",
    functions: {
      main: async (ctx, tools) => {
        const slow = child(ctx, "slow");
        await ctx.sleep(10);
        stumble(ctx);
        return [await slow, await put(ctx, tools, "end")];
      },
      slow: async (ctx, tools) => {
        const { stores } = tools.world;
        if (!stores.get(AGAIN)?.view.state) await ctx.signal("never");
        return charge(ctx, tools, "slow");
      },
    },
    always: once(["slow", "end"]),
  },
  {
    name: "restart-asks-people-again",
    people: [decider],
    functions: {
      main: async (ctx, tools) => {
        const paid = await charge(ctx, tools, "charge");
        const { decision } = await ctx.pause({ payload: { answer: "approved" } });
        await ctx.sleep(1_000);
        stumble(ctx);
        return [paid, decision];
      },
    },
    always: (end) => {
      const { events = [] } = end.world.stores.get(AGAIN)?.view ?? {};
      const asked = events.filter(({ type }) => type === "gate.opened").length;
      return once(["charge"])(end) ?? (asked > 0 ? undefined : "nobody was asked again");
    },
  },
  {
    name: "restart-of-a-race",
    functions: {
      main: async (ctx, tools) => {
        const seen: string[] = [];
        await ctx.all(
          ["x", "y", "z"],
          (item) => item,
          async (item, inner) => {
            await put(inner, tools, `first-${item}`);
            seen.push(item);
            if (seen.length === 1) await charge(inner, tools, "only-the-first");
          },
        );
        stumble(ctx);
        return seen.join("");
      },
    },
    always: once(["first-x", "first-y", "first-z", "only-the-first"]),
  },
];

export const RESTARTS: readonly Program[] = restarted.map((program) => ({
  ...program,
  people: [...(program.people ?? []), truthful, resumer, approver, restarter(ROOT, AGAIN)],
  // The first execution fails however it is disturbed; what counts is said by `always`.
  agree: () => undefined,
}));
