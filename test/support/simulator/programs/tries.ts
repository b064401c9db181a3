/** Programs about running tries: outsides that are slow and honour abort or do not, slow probes, asks that are not awaited. */
import type { AttemptContext, Context } from "../../../../src/define/context.ts";
import { approver, resumer, truthful } from "../people/people.ts";
import type { SimWorld } from "../sim-world.ts";
import type { End, Program } from "./program.ts";
import { caught, charge } from "./program.ts";

/** It has been done, and is not answered; the caller hears that it was told to stop. */
function honest(world: SimWorld, ctx: Context, attempt: AttemptContext): Promise<never> {
  return new Promise((_, reject) => {
    attempt.signal.addEventListener("abort", () => reject(new Error("stopped, as told")));
    world.wire(ctx.executionId).plain("slow", attempt).catch(reject);
  });
}

const once = ({ applied }: End) =>
  Object.values(applied).every((times) => times <= 1) ? undefined : `done again: ${JSON.stringify(applied)}`;

/** Where its process lives on, a try that runs at the end hears of it. */
function notTold({ world: { trace } }: End): string | undefined {
  const begun = trace.findLastIndex((line) => line.startsWith("SLOW BEGINS"));
  const after = trace.slice(begun + 1);
  const isOver = begun === -1 || after.some((line) => line.startsWith("CRASH") || line === "TOLD TO STOP");
  return isOver ? undefined : "a try that ran at the end was not told to stop";
}

const TRIES: readonly Program[] = [
  {
    name: "slow-and-honest",
    output: "slow!",
    functions: {
      main: (ctx, { world, wire }) => {
        const probe = async (attempt: AttemptContext) => {
          const { signal } = attempt;
          await world.timer(ctx.executionId, 500);
          // After a cancel nothing of it reaches the outside any more.
          return signal.aborted ? undefined : wire().probe(attempt);
        };
        const options = { checkOutcome: probe, timeoutMs: 2_000, maxAttempts: 3, backoff: 0 };
        return ctx.effect("slow", 1, options, (attempt) => honest(world, ctx, attempt));
      },
    },
    always: once,
  },
  {
    name: "late-end",
    // It says that it failed, although it was done: only its timeout keeps that from being believed. Without a timer and with a
    // clock that was set back the process cannot know that its time is over.
    spared: [["no_timers", "back"]],
    output: ["late!", "after!"],
    functions: {
      main: async (ctx, tools) => {
        const { world, wire } = tools;
        const probe = (attempt: AttemptContext) => wire().probe(attempt);
        const late = await ctx.effect(
          "late",
          1,
          { checkOutcome: probe, timeoutMs: 2_000, maxAttempts: 3 },
          async (attempt) => {
            await wire().plain("late", attempt);
            await world.timer(ctx.executionId, 2_001);
            throw new Error("too late to say");
          },
        );
        return [late, await charge(ctx, tools, "after")];
      },
    },
    always: once,
  },
  {
    name: "answers-too-late",
    functions: {
      // Each try answers when another one has taken its place: nothing that an earlier one says is heard.
      main: (ctx, { world, wire }) => {
        const options = { idempotent: true, timeoutMs: 2_000, maxAttempts: 3, backoff: 0 };
        const work = async (attempt: AttemptContext) => {
          await wire().idempotent("late", attempt);
          await world.timer(ctx.executionId, 2_500);
          return `try ${attempt.attempt}`;
        };
        return caught(ctx.effect("late", 1, options, work));
      },
    },
    agree: ({ output, world }) => {
      const begun = world.root.view.events.filter(({ type }) => type === "step.started").length;
      const isLast = JSON.stringify(output) === JSON.stringify({ value: `try ${begun}` });
      return isLast || JSON.stringify(output) === '{"code":"timeout"}' ? undefined : `gave ${JSON.stringify(output)}`;
    },
  },
  {
    name: "probe-too-slow",
    output: "slow!",
    functions: {
      main: (ctx, { world }) => {
        const probe = () => new Promise<never>(() => {});
        const options = { checkOutcome: probe, checkTimeoutMs: 3_000, timeoutMs: 2_000, maxAttempts: 2 };
        return ctx.effect("slow", 1, options, (attempt) => honest(world, ctx, attempt));
      },
    },
    always: once,
  },
  {
    name: "not-awaited",
    functions: {
      main: async (ctx, tools) => {
        for (const name of ["a", "b", "c"])
          void charge(ctx, tools, `charge-${name}`).then(() => charge(ctx, tools, `mail-${name}`));
        return "done";
      },
    },
    output: "done",
    always: once,
  },
  {
    name: "told-to-stop",
    output: "done",
    functions: {
      // It is awaited for its grace, and then told to stop.
      main: async (ctx, tools) => {
        const { world } = tools;
        void ctx.effect("slow", null, { idempotent: true }, ({ signal }) => {
          world.trace.push(`SLOW BEGINS ${ctx.executionId}`);
          signal.addEventListener("abort", () => world.trace.push("TOLD TO STOP"));
          return new Promise(() => {});
        });
        await charge(ctx, tools, "work");
        return "done";
      },
    },
    always: (end) => once(end) ?? notTold(end),
  },
  {
    name: "backoff-beside-work",
    output: ["flaky!", "one!", "two!", "three!"],
    functions: {
      main: async (ctx, tools) => {
        const options = { idempotent: true, maxAttempts: 3, backoff: { initialMs: 60_000, jitter: false } };
        const flaky = ctx.effect("flaky", 1, options, (attempt) => tools.wire().flaky("flaky", attempt, 2));
        const done = [];
        for (const name of ["one", "two", "three"]) done.push(await charge(ctx, tools, name));
        return [await flaky, ...done];
      },
    },
    always: once,
  },
  {
    name: "one-activation",
    output: "awake",
    functions: {
      main: async (ctx, { world }) => {
        world.trace.push("ACTIVATED");
        for (let lap = 0; lap < 3; lap += 1) await ctx.sleep(1_000);
        return "awake";
      },
    },
    always: ({ world: { trace } }) => {
      const [begun, died] = ["ACTIVATED", "CRASH exec_root"].map((line) => trace.filter((one) => one === line).length);
      return (begun ?? 0) > 1 + (died ?? 0) ? `activated ${begun} times after ${died} deaths (E5)` : undefined;
    },
  },
  {
    name: "timers-of-its-own",
    output: ["one!", "two!", "three!"],
    functions: {
      main: async (ctx, tools) => {
        const results = [];
        for (const name of ["one", "two", "three"]) {
          results.push(await charge(ctx, tools, name));
          await tools.world.timer(ctx.executionId, 700);
        }
        return results;
      },
    },
    always: once,
  },
];

export const TRY_PROGRAMS: readonly Program[] = TRIES.map((program) => ({
  ...program,
  people: [truthful, resumer, approver],
}));
