/** Programs in which several things race, by `ctx.race`, by `ctx.within` and by the language's own means. */
import { decider, signaler, truthful } from "../people/people.ts";
import type { Program } from "./program.ts";
import { ask, caught, charge, child, gate, put, reported } from "./program.ts";

export const RACES: readonly Program[] = [
  {
    name: "race-of-effects",
    functions: {
      main: async (ctx, tools) => {
        const slow = async () => {
          await put(ctx, tools, "b1");
          await put(ctx, tools, "b2");
          return "b";
        };
        const winner = await Promise.race([put(ctx, tools, "a").then(() => "a"), slow()]);
        await charge(ctx, tools, `report-${winner}`);
        return winner;
      },
    },
    agree: reported,
  },
  {
    name: "race-with-sleep",
    hasty: true,
    functions: {
      main: async (ctx, tools) => {
        const winner = await Promise.race([
          put(ctx, tools, "work").then(() => "work"),
          ctx.sleep(1_000).then(() => "sleep"),
        ]);
        await charge(ctx, tools, `report-${winner}`);
        return winner;
      },
    },
    agree: reported,
  },
  {
    name: "race-of-steps",
    functions: {
      main: async (ctx, tools) => {
        const run = (name: string, laps: number) =>
          ctx.step(name, async () => {
            for (let lap = 0; lap < laps; lap += 1) await Promise.resolve();
            return name;
          });
        const winner = await Promise.race([run("a", 3), run("b", 3), put(ctx, tools, "c").then(() => "c")]);
        await charge(ctx, tools, `report-${winner}`);
        return winner;
      },
    },
    agree: reported,
  },
  {
    name: "branches-that-race",
    functions: {
      // Each branch decides by what another has done so far: an order other than the journal's would show.
      main: async (ctx, tools) => {
        const seen: string[] = [];
        await ctx.all(
          ["x", "y", "z"],
          (item) => item,
          async (item, inner) => {
            await put(inner, tools, `first-${item}`);
            seen.push(item);
            if (seen.length === 1) await charge(inner, tools, "only-the-first");
            else await inner.step("later", () => item);
            seen.push(item);
          },
        );
        const output = seen.join("");
        await charge(ctx, tools, `report-${output}`);
        return output;
      },
    },
    agree: (end) =>
      reported(end) ?? (end.applied["only-the-first"] === 1 ? undefined : "the first was charged not once"),
  },
  {
    name: "races-of-waits",
    hasty: true,
    people: [signaler([{ name: "go", data: "went" }]), decider],
    functions: {
      // Every lap another one may win; nothing that lost may hold up or answer the next lap.
      main: async (ctx, tools) => {
        const winners: string[] = [];
        for (let lap = 1; lap <= 3; lap += 1) {
          const first = await ctx.race({
            clock: (inner) => inner.sleep(1_000),
            caller: (inner) => inner.signal("go"),
            person: (inner) => gate(inner, "approved"),
            work: async (inner) => {
              await put(inner, tools, `work-${lap}`);
              await inner.sleep(500);
            },
          });
          winners.push(first.winner);
        }
        await charge(ctx, tools, `report-${winners.join()}`);
        return winners.join();
      },
    },
    agree: reported,
  },
  {
    name: "races-of-work",
    hasty: true,
    functions: {
      main: async (ctx, tools) => {
        const first = await ctx.race({
          effect: (inner) => put(inner, tools, "effect"),
          step: async (inner) => {
            await inner.sleep(1);
            return inner.step("step", () => "step");
          },
          turn: async (inner) => (await ask(inner, "hello")).stopReason,
          child: (inner) => child(inner, "leaf"),
          nested: async (inner) => {
            const own = await inner.race({ a: (deep) => put(deep, tools, "a"), b: (deep) => put(deep, tools, "b") });
            return caught(inner.within(1_000, (deep) => put(deep, tools, `after-${own.winner}`)));
          },
        });
        await charge(ctx, tools, `report-${first.winner}`);
        return first.winner;
      },
      leaf: async (ctx, tools) => {
        await put(ctx, tools, "leaf");
        return gate(ctx, null, { expiresInMs: 1_000 });
      },
    },
    agree: reported,
  },
  {
    name: "race-with-a-timer-of-its-own",
    hasty: true,
    functions: {
      // After a crash its own timer begins anew, and the race may be decided before the loser has asked again.
      main: async (ctx, tools) => {
        const first = await ctx.race({
          own: async (inner) => {
            await tools.world.timer(ctx.executionId, 300);
            await put(inner, tools, "late");
            return inner.signal("never");
          },
          clock: (inner) => inner.sleep(500),
        });
        await charge(ctx, tools, `report-${first.winner}`);
        return first.winner;
      },
    },
    agree: reported,
  },
  {
    name: "withins-in-branches",
    hasty: true,
    people: [truthful],
    functions: {
      main: async (ctx, tools) => {
        const ends = await ctx.all(
          ["x", "y"],
          (item) => item,
          async (item, inner) => caught(inner.within(2_000, (deep) => charge(deep, tools, `slow-${item}`))),
        );
        const output = ends.map((end) => ("value" in (end as object) ? "done" : "late")).join();
        await charge(ctx, tools, `report-${output}`);
        return output;
      },
    },
    agree: reported,
  },
  {
    name: "plain-race-in-a-loop",
    people: [signaler([{ name: "stop", data: "now" }])],
    functions: {
      // The waits that lost stay open; the signal is for the one that the loop listens to.
      main: async (ctx, tools) => {
        for (let lap = 1; lap < 50; lap += 1) {
          const waits = [ctx.signal("stop"), ctx.sleep(1_000).then(() => "tick")];
          const winner = await Promise.race(waits);
          if (winner === "now") {
            await charge(ctx, tools, "report-stopped");
            return "stopped";
          }
          await put(ctx, tools, `lap-${lap}`);
        }
        return "never stopped";
      },
    },
    agree: reported,
  },
  {
    name: "losers",
    functions: {
      main: async (ctx, tools) => {
        void charge(ctx, tools, "loser");
        void ctx.sleep(60_000);
        return put(ctx, tools, "winner");
      },
    },
    agree: ({ output, applied }) =>
      output === "winner!" && applied.winner === 1 && (applied.loser ?? 0) <= 1 ? undefined : JSON.stringify(applied),
  },
];
