/** A world with one root and programs written where they are tested. */
import * as z from "zod";
import { defineAgent } from "../../../src/define/agent.ts";
import type { Context } from "../../../src/define/context.ts";
import type { CreateCommand } from "../../../src/domain/execution/command.ts";
import type { Origin } from "../../../src/domain/execution/origin.ts";
import { decider, truthful } from "./people/people.ts";
import type { SimOptions } from "./sim-options.ts";
import { SimWorld } from "./sim-world.ts";

export type Programs = Record<string, (ctx: Context, world: SimWorld, input: unknown) => Promise<unknown>>;

/** A world whose code can be replaced, as a deployment does. */
export function worldOf(
  programs: { now: Programs },
  extra: Partial<Origin> &
    Pick<CreateCommand, "files" | "webhook"> &
    Partial<Pick<SimOptions<SimWorld>, "seed" | "people" | "timing" | "loses">> = {},
): SimWorld {
  const { seed = 7, people = [decider, truthful], timing = {}, loses, ...origin } = extra;
  const world = new SimWorld({
    seed,
    people,
    timing,
    ...(loses ? { loses } : {}),
    agents: (made) => {
      const agent = defineAgent({ id: "a", description: "", version: "1" });
      for (const name of Object.keys(programs.now)) {
        const run = async (input: unknown, ctx: Context) => programs.now[name]?.(ctx, made, input);
        agent.reasoner(name, { input: z.unknown(), output: z.unknown() }, run);
      }
      return [agent];
    },
  });
  world.start("a.main", null, origin);
  return world;
}

/** Ticks until it is so, or until nothing happens any more. */
export async function run(world: SimWorld, until: () => boolean = () => false): Promise<void> {
  for (let tick = 0; tick < 2_000; tick += 1) {
    await world.quiet();
    if (until() || !(await world.tick())) return;
  }
  throw new Error("still busy");
}

export const types = (world: SimWorld) => world.root.view.events.map(({ type }) => type);
/** An effect that is done at each call. */
export const charge = (ctx: Context, world: SimWorld, name = "charge") =>
  ctx.effect(name, null, {}, (attempt) => world.wire(ctx.executionId).plain(name, attempt));
