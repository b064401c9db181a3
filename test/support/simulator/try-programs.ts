/** Programs about running tries: outsides that are slow and honour abort or do not, slow probes, asks that are not awaited. */
import type { Context, Try } from "../../../src/define/context.ts";
import { approver, resumer, truthful } from "./people.ts";
import type { End, Program } from "./program.ts";
import { charge } from "./program.ts";
import type { SimWorld } from "./sim-world.ts";

/** It has been done, and is not answered; the caller hears that it was told to stop. */
function honest(world: SimWorld, ctx: Context, attempt: Try): Promise<never> {
  return new Promise((_, reject) => {
    attempt.signal.addEventListener("abort", () => reject(new Error("stopped, as told")));
    world.wire(ctx.executionId).plain("slow", attempt).catch(reject);
  });
}

const once = ({ applied }: End) =>
  Object.values(applied).every((times) => times <= 1) ? undefined : `done again: ${JSON.stringify(applied)}`;

const TRIES: readonly Program[] = [
  {
    name: "slow-and-honest",
    output: "slow!",
    functions: {
      main: (ctx, { world, wire }) => {
        const probe = async (attempt: Try) => {
          const { signal } = attempt;
          await world.timer(ctx.executionId, 500);
          // After a cancel nothing of it reaches the outside any more.
          return signal.aborted ? undefined : wire().probe(attempt);
        };
        const options = { probe, timeoutMs: 2_000, maxAttempts: 3, backoff: 0 };
        return ctx.effect("slow", 1, options, (attempt) => honest(world, ctx, attempt));
      },
    },
    always: once,
  },
  {
    name: "late-end",
    output: ["late!", "after!"],
    functions: {
      main: async (ctx, tools) => {
        const { world, wire } = tools;
        const probe = (attempt: Try) => wire().probe(attempt);
        const late = await ctx.effect("late", 1, { probe, timeoutMs: 2_000, maxAttempts: 3 }, async (attempt) => {
          await wire().plain("late", attempt);
          await world.timer(ctx.executionId, 2_001);
          throw new Error("too late to say");
        });
        return [late, await charge(ctx, tools, "after")];
      },
    },
    always: once,
  },
  {
    name: "probe-too-slow",
    output: "slow!",
    functions: {
      main: (ctx, { world }) => {
        const probe = () => new Promise<never>(() => {});
        const options = { probe, probeTimeoutMs: 3_000, timeoutMs: 2_000, maxAttempts: 2 };
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
