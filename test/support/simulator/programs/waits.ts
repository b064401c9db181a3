/** Waits for an instant, for people and for signals. */
import { approver, decider, signaler } from "../people/people.ts";
import type { Person } from "../sim-world.ts";
import { ROOT } from "../sim-world.ts";
import type { Program } from "./program.ts";
import { caught, gate, put } from "./program.ts";

export const WAITS: readonly Program[] = [
  {
    name: "sleeps",
    output: "slept",
    functions: {
      main: async (ctx, tools) => {
        await ctx.sleep(1_000);
        await put(ctx, tools, "a");
        await ctx.sleep(86_400_000 * 30);
        await Promise.all([put(ctx, tools, "b"), ctx.sleep(0)]);
        return "slept";
      },
    },
  },
  {
    name: "gates",
    output: ["approved", "rejected", "expired", "request_changes", "approved"],
    people: [decider],
    functions: {
      main: async (ctx, tools) => {
        const decisions = [];
        decisions.push((await gate(ctx, "approved", { approvers: ["ann"] })).decision);
        await put(ctx, tools, "between");
        decisions.push((await gate(ctx, "rejected")).decision);
        decisions.push((await gate(ctx, null, { expiresInMs: 5_000, approvers: ["ann"] })).decision);
        decisions.push((await gate(ctx, "request_changes")).decision);
        decisions.push((await gate(ctx, "approved")).decision);
        return decisions;
      },
    },
  },
  {
    name: "gate-that-cancels",
    people: [decider],
    functions: {
      main: async (ctx, tools) => {
        await put(ctx, tools, "before");
        await gate(ctx, "rejected", { onReject: "cancel" });
        return put(ctx, tools, "after");
      },
    },
    always: ({ status, applied }) =>
      status === "cancelled" && !applied.after ? undefined : `a rejection left it ${status}`,
  },
  {
    name: "signals",
    output: [1, 2, [3, 4], { code: "signal_timeout" }],
    people: [
      signaler([
        { name: "early", data: 1, early: true },
        { name: "late", data: 2 },
        { name: "many", data: 3, early: true },
        { name: "many", data: 4, early: true },
      ]),
    ],
    functions: {
      main: async (ctx, tools) => {
        await put(ctx, tools, "begin");
        const early = await ctx.signal("early");
        const late = await ctx.signal("late");
        const many = [await ctx.signal("many"), await ctx.signal("many")];
        const none = await caught(ctx.signal("none", { timeoutMs: 86_400_000 }));
        return [early, late, many, none];
      },
    },
  },
];

const DEADLINE_MS = Date.UTC(2026, 0, 1, 1);
/** More than a few steps of the clock. */
const CLOCK_STEPS_MS = 864_000_000;

/** Pauses the root once it sleeps. */
const pauser: Person = (world) => {
  if (world.root.view.state?.suspended !== "sleeping") return [];
  return [{ to: ROOT, label: "eve: pauses", run: () => world.dispatch(ROOT, { type: "pause", by: "eve" }) }];
};

/** Programs of which nobody sees to a pause. */
export const DEADLINES: readonly Program[] = [
  {
    name: "deadline-of-what-is-paused",
    origin: { deadlineMs: DEADLINE_MS },
    people: [pauser, approver],
    functions: { main: (ctx) => ctx.sleep(86_400_000 * 30) },
    // A caller who first comes when the deadline has passed is refused.
    agree: ({ status, world }) => {
      const { finishedAtMs = 0 } = world.root.view.state ?? {};
      if (finishedAtMs > DEADLINE_MS + CLOCK_STEPS_MS) return "it ended long after its deadline";
      return status === "timeout" || status === "nothing" ? undefined : `ended ${status}`;
    },
    mayFail: true,
  },
];
