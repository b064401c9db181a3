/**
 * One schedule of executions under concurrency limits: children that nest and fan out under the limits of their parents, and
 * at any moment a crash of one of them, of all, or of a limiter. Returns what must never be; nothing when all is right.
 */
import * as z from "zod";
import { defineAgent } from "../../../../src/define/agent.ts";
import type { Context } from "../../../../src/define/context.ts";
import { lacksSlot } from "../../../../src/domain/execution/slot-needs.ts";
import { isTerminal } from "../../../../src/domain/execution/status.ts";
import { limitersOf } from "../actors/sim-limiters.ts";
import { decider, truthful } from "../people/people.ts";
import { seeded } from "../random.ts";
import { SimWorld } from "../sim-world.ts";

export interface LimitSchedule {
  readonly seed: number;
  readonly limit: number;
  readonly agentLimit?: number | undefined;
  readonly nesting: number;
  readonly fanOut: number;
  /** Of a tick, that it is a crash. */
  readonly crashes: number;
  /** A crash of everything at this tick, and of nothing else. */
  readonly crashAt?: number;
}

const MOST_TICKS = 60_000;

export function scheduleOf(seed: number): LimitSchedule {
  const draw = seeded(seed);
  const pick = <T>(...of: readonly T[]) => of[Math.floor(draw() * of.length)] as T;
  return {
    seed,
    limit: pick(1, 1, 2, 3),
    agentLimit: pick(undefined, undefined, 1, 2, 4),
    nesting: pick(0, 1, 2, 5),
    fanOut: pick(1, 2, 3, 20),
    crashes: pick(0, 0.005, 0.02, 0.05),
  };
}

/** Programs: `main` is under the agent's limit only, `job` under its own too. */
function agentOf(world: SimWorld, { limit, agentLimit, nesting, fanOut }: LimitSchedule) {
  const agent = defineAgent({
    id: "a",
    description: "",
    version: "1",
    ...(agentLimit === undefined ? {} : { concurrency: agentLimit }),
  });
  const any = { input: z.unknown(), output: z.unknown() };
  agent.reasoner("job", { ...any, concurrency: limit }, async (depth: unknown, ctx: Context) => {
    const level = Number(depth);
    await ctx.effect("work", null, { idempotent: true }, (attempt) =>
      world.wire(ctx.executionId).idempotent("work", attempt),
    );
    if (level % 3 === 1) await ctx.sleep(5_000);
    const levels = [...(level > 0 ? [level - 1] : []), ...(level === 2 ? [0] : [])];
    const below = await ctx.all(
      levels,
      (_, n) => `${n}`,
      (each, branch) => branch.call("a.job", each),
    );
    await ctx.step("sum", () => below.length);
    return level;
  });
  agent.reasoner("main", any, async (_input: unknown, ctx: Context) => {
    const jobs = Array.from({ length: fanOut }, (_, n) => (n === 0 ? nesting : n % 2));
    return (
      await ctx.all(
        jobs,
        (_, n) => `${n}`,
        (depth, branch) => branch.call("a.job", depth),
      )
    ).length;
  });
  return agent;
}

export async function runLimitSchedule(schedule: LimitSchedule): Promise<readonly string[]> {
  const { seed, crashes, crashAt, agentLimit } = schedule;
  const world = new SimWorld({ seed, people: [decider, truthful], agents: (made) => [agentOf(made, schedule)] });
  world.start("a.main", null, agentLimit === undefined ? {} : { queues: [{ name: "a", limit: agentLimit }] });
  const draw = seeded(seed + 1_000_003);
  const limiters = limitersOf(world.clock);
  const wrongs = new Set<string>();
  for (let tick = 0; await world.tick(); tick += 1) {
    if (tick > MOST_TICKS) return [...wrongs, "it goes on for ever"];
    for (const wrong of slotsAmiss(world)) wrongs.add(wrong);
    if (tick === crashAt || (crashAt === undefined && tick < 3_000 && draw() < crashes)) crashOne(world, draw);
  }
  for (const [id, { view }] of world.stores)
    if (!view.state || !isTerminal(view.state.status))
      wrongs.add(`${id} did not end: ${view.state?.status} ${view.state?.reason}`);
  for (const [name, { records }] of limiters.disks)
    if (records.size > 0) wrongs.add(`${name} leaks ${[...records.keys()]}`);
  if (world.output() !== schedule.fanOut)
    wrongs.add(`the root gave ${JSON.stringify(world.output())} ${world.root.view.state?.errorMessage}`);
  return [...wrongs, ...world.wrongs];
}

/** Of an execution, of all, or of a limiter. */
export function crashOne(world: SimWorld, draw: () => number): void {
  const ids = [...world.stores.keys()];
  const names = [...limitersOf(world.clock).disks.keys()];
  const name = names[Math.floor(draw() * names.length)];
  const what = draw();
  if (what < 0.3 && name !== undefined) limitersOf(world.clock).crash(name, () => draw() < 0.5);
  else if (what < 0.8) world.crash([ids[Math.floor(draw() * ids.length)] ?? "exec_root"]);
  else {
    world.crash();
    for (const each of names) limitersOf(world.clock).crash(each, () => draw() < 0.5);
  }
}

/** No more slots than the limit says, and who goes on has one of each queue. */
export function slotsAmiss(world: SimWorld): string[] {
  const wrongs: string[] = [];
  const { disks } = limitersOf(world.clock);
  for (const [name, { records, rule }] of disks) {
    const slots = new Set([...records.values()].flatMap(({ slot }) => (slot === undefined ? [] : [slot])));
    if (slots.size > (rule.limit ?? Number.POSITIVE_INFINITY)) wrongs.push(`${name}: ${slots.size} slots are taken`);
  }
  for (const [id, { view }] of world.stores) {
    const { state } = view;
    if (!state?.slot || state.slot.off || lacksSlot(state)) continue;
    for (const { name } of state.origin.queues ?? []) {
      const record = disks.get(name)?.records.get(id);
      if (record?.slot === undefined || record.epoch !== state.slot.epoch) wrongs.push(`${id} has no slot of ${name}`);
    }
  }
  return wrongs;
}
