/** Many schedules of one program: every crash point under several seeds, then mixtures; and the shrinking of a failure. */
import type { Harm } from "./harms.ts";
import type { Program } from "./programs/program.ts";
import { seeded } from "./random.ts";
import type { Outcome, Point, Schedule } from "./schedule.ts";
import { judge, runSchedule } from "./schedule.ts";
import { pointsText } from "./schedule-text.ts";

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
  /** Run before the drawn ones, and counted with them. */
  readonly first?: readonly Schedule[];
  /** Of single points and mixtures. Default: crashes first. */
  readonly order?: Order;
}

type Order = "crashes first" | "mixed";

const FIRST_CHUNK = 3;
const OF_THE_WITNESS = 200;
/** Those that every program meets alone at each tick; the others take turns. */
const ALWAYS: readonly Harm[] = ["kill", "full", "refuse"];
/** Those that a program of several versions meets alone at each tick too. */
const OF_VERSIONS: readonly Harm[] = ["deploy", "side_by_side"];
const IN_TURN: readonly Harm[] = [
  ...["evict", "reset", "pause", "cancel", "request", "outage", "deploy", "side_by_side", "newer"],
  ...["back", "ahead", "no_alarm", "no_timers", "again", "again", "look"],
] as Harm[];
const MIXED: readonly Harm[] = [...ALWAYS, ...IN_TURN, "crash", "crash"].filter((harm) => harm !== "cancel") as Harm[];

/** The undisturbed run: what every other schedule is compared with. */
export async function baselineOf(program: Program, seed: number): Promise<Outcome> {
  return runSchedule({ program, seed: program.perSeed ? seed : 0, points: [] });
}

/** Judges schedules of one program, whose undisturbed run it keeps. */
class Judge {
  #baseline: { readonly seed: number; readonly outcome: Outcome } | undefined;

  async failure(schedule: Schedule): Promise<Failure | undefined> {
    const { program } = schedule;
    const seed = program.perSeed ? schedule.seed : 0;
    if (this.#baseline?.seed !== seed) this.#baseline = { seed, outcome: await baselineOf(program, seed) };
    const wrongs = judge(schedule, this.#baseline.outcome, await runSchedule(schedule));
    return wrongs.length > 0 ? { schedule, wrongs } : undefined;
  }
}

/** Runs one schedule beside its undisturbed run. */
export function failureOf(schedule: Schedule): Promise<Failure | undefined> {
  return new Judge().failure(schedule);
}

export async function sweep(program: Program, options: SweepOptions): Promise<Swept> {
  const judged = new Judge();
  const failures: Failure[] = [];
  let schedules = 0;
  for await (const schedule of firstThen(options.first ?? [], schedulesOf(program, options.seed ?? 1, options.order))) {
    if (schedules >= options.schedules || failures.length >= (options.failures ?? 1)) break;
    schedules += 1;
    const failure = await judged.failure(schedule);
    if (failure) failures.push(failure);
  }
  return { schedules, failures };
}

async function* firstThen(first: readonly Schedule[], others: AsyncGenerator<Schedule>): AsyncGenerator<Schedule> {
  yield* first;
  yield* others;
}

interface FirstFailureOptions extends Pick<SweepOptions, "schedules" | "seed"> {
  /** It is run first, and then more of its program. */
  readonly witness?: Schedule;
  /** Hears of each schedule before it is run. */
  readonly onSchedule?: (schedule: Schedule) => void;
}

/** The programs in turn, a few schedules each, then more of each, until one fails: for finding out whether any does. */
export async function firstFailure(
  programs: readonly Program[],
  { schedules, seed = 1, witness, onSchedule = () => {} }: FirstFailureOptions,
): Promise<{ readonly schedules: number; readonly failure: Failure | undefined }> {
  let total = 0;
  const tried = async (judged: Judge, schedule: Schedule) => {
    total += 1;
    onSchedule(schedule);
    return judged.failure(schedule);
  };
  const started = programs.map((program) => ({
    program,
    judged: new Judge(),
    source: schedulesOf(program, seed, "mixed"),
  }));
  const several = async ({ judged, source }: (typeof started)[number], count: number) => {
    for (let done = 0; done < count; done += 1) {
      const { value: schedule } = await source.next();
      const failure = schedule && (await tried(judged, schedule));
      if (failure) return failure;
    }
    return undefined;
  };
  const aimed = started.find(({ program }) => program === witness?.program);
  if (witness && aimed) {
    const failure = (await tried(aimed.judged, witness)) ?? (await several(aimed, OF_THE_WITNESS));
    if (failure) return { schedules: total, failure };
  }
  for (let chunk = FIRST_CHUNK; total < schedules; chunk *= 2) {
    for (const one of started) {
      const failure = await several(one, chunk);
      if (failure) return { schedules: total, failure };
    }
  }
  return { schedules: total, failure: undefined };
}

/**
 * Seed by seed: undisturbed, every single crash point, then all other points and mixtures of them in a drawn order; or, mixed,
 * all of them in a drawn order.
 */
async function* schedulesOf(
  program: Program,
  firstSeed: number,
  order: Order = "crashes first",
): AsyncGenerator<Schedule, undefined> {
  for (let seed = firstSeed; ; seed += 1) {
    const draw = seeded(seed * 7919);
    const { ticks } = await runSchedule({ program, seed, points: [] });
    const pick = <T>(list: readonly T[]): T => list[Math.floor(draw() * list.length)] as T;
    const point = (harm: Harm): Point => ({ harm, tick: Math.floor(draw() * (ticks * 1.5)) });
    yield { program, seed, points: [] };
    const others: Point[][] = [];
    for (let tick = 0; tick <= ticks; tick += 1) {
      const points: Point[] = [{ harm: "crash", tick }];
      if (order === "mixed") others.push(points);
      else yield { program, seed, points };
    }
    for (let tick = 0; tick <= ticks; tick += 1) {
      for (const harm of program.later ? [...ALWAYS, ...OF_VERSIONS] : ALWAYS) others.push([{ harm, tick }]);
      for (let count = 0; count < 4; count += 1) others.push([{ harm: pick(IN_TURN), tick }]);
      others.push([point("crash"), point(pick(MIXED))]);
      others.push([point("cancel"), point(pick(MIXED))]);
      others.push([point(pick(MIXED)), point(pick(MIXED)), point(pick(MIXED))]);
    }
    for (const points of shuffled(others, draw)) if (!isSpared(program, points)) yield { program, seed, points };
  }
}

function isSpared({ spared = [] }: Program, points: readonly Point[]): boolean {
  return spared.some((together) => together.every((harm) => points.some((point) => point.harm === harm)));
}

function shuffled<T>(list: readonly T[], draw: () => number): T[] {
  return list
    .map((item) => ({ item, place: draw() }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item);
}

/** The smallest schedule found that still fails: fewer points, then a smaller seed, then earlier points. */
export async function shrink(failure: Failure): Promise<Failure> {
  const judged = new Judge();
  let best = failure;
  const better = async (schedule: Schedule): Promise<boolean> => {
    const found = await judged.failure(schedule);
    if (found) best = found;
    return found !== undefined;
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
  const harms = pointsText(points);
  return `node test/simulator/sweep.ts --program ${program.name} --seed ${seed}${harms ? ` --points ${harms}` : ""} --trace`;
}
