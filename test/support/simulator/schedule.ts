/** One schedule: a program, a seed, and what goes wrong at which tick. Runs it and says everything that must not be so. */
import { canonicalJson } from "../../../src/domain/values/json.ts";
import { wrongsOf } from "./checks/all-checks.ts";
import type { Harm } from "./harms.ts";
import { strike } from "./harms.ts";
import type { End, Program } from "./programs/program.ts";
import { agentOf } from "./programs/program.ts";
import { seeded } from "./random.ts";
import { SimWorld } from "./sim-world.ts";

export interface Point {
  readonly harm: Harm;
  readonly tick: number;
}

export interface Schedule {
  readonly program: Program;
  readonly seed: number;
  readonly points: readonly Point[];
}

export interface Outcome extends End {
  readonly ticks: number;
  readonly wrongs: readonly string[];
}

const MOST_TICKS = 3_000;
/** Far enough from 1970 for a clock that is set back. */
const BEGINS_AT_MS = Date.UTC(2026, 0, 1);

export async function runSchedule({ program, seed, points }: Schedule): Promise<Outcome> {
  const world = new SimWorld({
    agents: (made) => [agentOf(program, made)],
    seed,
    people: program.people ?? [],
    hasty: program.hasty ?? false,
    provider: program.provider,
    lazily: seed % 2 === 1,
    versions: 1 + (program.later ?? []).length,
    beginsAtMs: BEGINS_AT_MS,
  });
  world.start("a.main", null, program.origin);
  const draw = seeded(seed ^ 0x5eed);
  try {
    for (let going = true; going; ) {
      for (const point of points) {
        if (point.tick !== world.ticks) continue;
        // A process dies only while it rests: what it does in one go is one thing.
        await world.quiet();
        strike(world, point.harm, draw());
        await world.quiet();
        world.wrongs.push(...wrongsOf(world, "after each harm"));
      }
      going = await world.tick();
      if (world.ticks > MOST_TICKS) throw new Error(`still busy after ${MOST_TICKS} ticks`);
    }
  } catch (error) {
    world.wrongs.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
  return outcomeOf(world);
}

function outcomeOf(world: SimWorld): Outcome {
  return {
    world,
    wrongs: [...world.wrongs, ...wrongsOf(world, "at the end")],
    ticks: world.ticks,
    status: world.root.view.state?.status ?? "nothing",
    output: world.output(),
    applied: world.outside.applied(),
    order: world.outside.order,
  };
}

/** What this schedule did that it must not do, measured by the same program undisturbed. */
export function judge(schedule: Schedule, baseline: Outcome, outcome: Outcome): string[] {
  const { program, points } = schedule;
  const wrongs = [...outcome.wrongs];
  const broken = program.always?.(outcome);
  if (broken !== undefined) wrongs.push(broken);
  const cancelled = points.some(({ harm }) => harm === "cancel");
  if (cancelled && outcome.status === "cancelled") return wrongs;
  if (outcome.status !== baseline.status && !program.mayFail)
    wrongs.push(`ended ${outcome.status}, not ${baseline.status}: ${JSON.stringify(outcome.output)}`);
  if (program.agreeWith) {
    const disagreement = program.agreeWith(outcome, baseline);
    return disagreement === undefined ? wrongs : [...wrongs, disagreement];
  }
  if (program.agree) {
    const disagreement = program.agree(outcome);
    return disagreement === undefined ? wrongs : [...wrongs, disagreement];
  }
  const differs = (what: string, a: unknown, b: unknown) => {
    if (canonicalJson(a) !== canonicalJson(b)) wrongs.push(`${what} ${canonicalJson(a)}, not ${canonicalJson(b)}`);
  };
  differs("output", outcome.output, program.output ?? baseline.output);
  differs("did outside", outcome.applied, baseline.applied);
  return wrongs;
}
