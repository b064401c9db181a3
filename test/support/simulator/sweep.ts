/** Many schedules of one program: every crash point under several seeds, then mixtures; and the shrinking of a failure. */
import type { Program } from "./program.ts";
import { seeded } from "./random.ts";
import type { Harm, Outcome, Point, Schedule } from "./schedule.ts";
import { judge, runSchedule } from "./schedule.ts";

export interface Failure {
  readonly schedule: Schedule;
  readonly wrongs: readonly string[];
}
export interface Swept {
  readonly schedules: number;
  readonly failures: readonly Failure[];
}

export interface SweepOptions {
  /** At least this many schedules. */
  readonly schedules: number;
  readonly seed?: number;
  /** Stop after so many failures. Default 1. */
  readonly failures?: number;
}

const HARMS: readonly Harm[] = ["crash", "kill", "evict", "pause", "request", "crash", "kill", "full", "refuse"];

/** The undisturbed run: what every other schedule is compared with. */
export async function baselineOf(program: Program): Promise<Outcome> {
  return runSchedule({ program, seed: 0, points: [] });
}

export async function sweep(program: Program, options: SweepOptions): Promise<Swept> {
  const baseline = await baselineOf(program);
  const failures: Failure[] = [];
  let schedules = 0;
  for await (const schedule of schedulesOf(program, options.seed ?? 1)) {
    if (schedules >= options.schedules || failures.length >= (options.failures ?? 1)) break;
    schedules += 1;
    const wrongs = judge(schedule, baseline, await runSchedule(schedule));
    if (wrongs.length > 0) failures.push({ schedule, wrongs });
  }
  return { schedules, failures };
}

/** Seed by seed: undisturbed, every single crash point, as many single points of other harms, then pairs and triples. */
async function* schedulesOf(program: Program, firstSeed: number): AsyncGenerator<Schedule> {
  for (let seed = firstSeed; ; seed += 1) {
    const draw = seeded(seed * 7919);
    const { ticks } = await runSchedule({ program, seed, points: [] });
    const pick = <T>(list: readonly T[]): T => list[Math.floor(draw() * list.length)] as T;
    const point = (harm: Harm): Point => ({ harm, tick: Math.floor(draw() * (ticks * 1.5)) });
    yield { program, seed, points: [] };
    for (let tick = 0; tick <= ticks; tick += 1) yield { program, seed, points: [{ harm: "crash", tick }] };
    for (let tick = 0; tick <= ticks; tick += 1) {
      yield { program, seed, points: [{ harm: "kill", tick }] };
      yield { program, seed, points: [{ harm: "full", tick }] };
      yield { program, seed, points: [{ harm: "refuse", tick }] };
      yield { program, seed, points: [{ harm: pick(["evict", "pause", "cancel", "request"]), tick }] };
      yield { program, seed, points: [point("crash"), point(pick(HARMS))] };
      yield { program, seed, points: [point("cancel"), point(pick(HARMS))] };
      yield { program, seed, points: [point(pick(HARMS)), point(pick(HARMS)), point(pick(HARMS))] };
    }
  }
}

/** The smallest schedule found that still fails: fewer points, then a smaller seed, then earlier points. */
export async function shrink(failure: Failure): Promise<Failure> {
  const baseline = await baselineOf(failure.schedule.program);
  let best = failure;
  const better = async (schedule: Schedule): Promise<boolean> => {
    const wrongs = judge(schedule, baseline, await runSchedule(schedule));
    if (wrongs.length > 0) best = { schedule, wrongs };
    return wrongs.length > 0;
  };
  const { schedule } = failure;
  for (let drop = schedule.points.length - 1; drop >= 0; drop -= 1)
    await better({ ...best.schedule, points: best.schedule.points.filter((_, index) => index !== drop) });
  for (let seed = 1; seed < Math.min(30, schedule.seed); seed += 1) if (await better({ ...best.schedule, seed })) break;
  for (const index of best.schedule.points.keys()) {
    for (let tick = 0; tick < (best.schedule.points[index]?.tick ?? 0); tick += 1) {
      const points = best.schedule.points.map((point, at) => (at === index ? { ...point, tick } : point));
      if (await better({ ...best.schedule, points })) break;
    }
  }
  return best;
}

/** The line that runs it again. */
export function reproduction({ program, seed, points }: Schedule): string {
  const harms = points.map(({ harm, tick }) => `${harm}@${tick}`).join(",");
  return `node test/simulator/sweep.ts --program ${program.name} --seed ${seed}${harms ? ` --points ${harms}` : ""} --trace`;
}
