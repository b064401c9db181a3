/** One schedule: a program, a seed, and what goes wrong at which tick. Runs it and says everything that must not be so. */

import { plus } from "../../../src/domain/budget.ts";
import type { EntryIndex } from "../../../src/domain/entry-index.ts";
import { emptyIndex, foldEntry } from "../../../src/domain/entry-index.ts";
import { fold } from "../../../src/domain/evolve.ts";
import { checkInvariants } from "../../../src/domain/invariants.ts";
import { canonicalJson } from "../../../src/domain/json.ts";
import { isTerminal } from "../../../src/domain/status.ts";
import { unbooked } from "./books.ts";
import type { End, Program } from "./program.ts";
import { agentOf } from "./program.ts";
import { seeded } from "./random.ts";
import { refusalsOf } from "./refused-commits.ts";
import { ROOT, SimWorld } from "./sim-world.ts";

/**
 * `crash` kills every process, `kill` one of them, `evict` takes them from memory after their disks have caught up;
 * `request` asks for an approval that no program asked for; `outage` kills all of them, and nothing runs for up to an hour;
 * `full` lets a commit of one of them fail, one of the next three, in the middle of whatever it does, and its process with it;
 * `refuse` takes the key to the rows of one of them away, for up to 20 minutes: its object refuses whatever it is asked.
 */
export type Harm = "crash" | "kill" | "evict" | "cancel" | "pause" | "request" | "outage" | "full" | "refuse";
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

export async function runSchedule({ program, seed, points }: Schedule): Promise<Outcome> {
  const world = new SimWorld({
    agents: (made) => [agentOf(program, made)],
    seed,
    people: program.people ?? [],
    hasty: program.hasty ?? false,
    provider: program.provider,
    lazily: seed % 2 === 1,
  });
  world.start("a.main", null, program.origin);
  const draw = seeded(seed ^ 0x5eed);
  try {
    for (let going = true; going; ) {
      for (const point of points) {
        if (point.tick !== world.ticks) continue;
        // A process dies only while it rests: what it does in one go is one thing.
        await world.quiet();
        harm(world, { harm: point.harm, draw: draw() });
      }
      going = await world.tick();
      if (world.ticks > MOST_TICKS) throw new Error(`still busy after ${MOST_TICKS} ticks`);
    }
  } catch (error) {
    world.wrongs.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
  return outcomeOf(world);
}

function harm(world: SimWorld, { harm, draw }: { harm: Harm; draw: number }): void {
  const ids = [...world.stores.keys()];
  const one = ids[Math.floor(draw * ids.length)] ?? ROOT;
  if (harm === "crash") world.crash();
  if (harm === "kill") world.crash([one]);
  if (harm === "full") {
    const { room, times } = refusalsOf(draw);
    world.fillDisk(one, room, times);
  }
  if (harm === "evict") world.evict();
  if (harm === "refuse") world.refuse(one, Math.floor(draw * 1_200_000));
  if (harm === "outage") {
    world.crash();
    world.now += Math.floor(draw * 3_600_000);
  }
  if (harm === "cancel") world.tell(ROOT, { type: "cancel", by: "eve" });
  if (harm === "pause") world.tell(one, { type: "pause", by: "eve" });
  if (harm === "request") {
    const asked = { gateId: `asked_${world.ticks}`, payload: { answer: "approved" }, payloadDigest: "asked" };
    const until = { claimedUntilMs: world.now, expiresAtMs: world.now + 3_600_000 };
    world.tell(one, { type: "request_approval", ...asked, ...until, by: "eve" });
  }
}

function outcomeOf(world: SimWorld): Outcome {
  const wrongs = [...world.wrongs];
  for (const [id, { view, owed }] of world.stores) {
    const { state, events, timers, alarmAtMs } = view;
    if (!state) continue;
    if (!isTerminal(state.status)) wrongs.push(`${id} never ended: ${state.status} ${state.reason ?? ""}`);
    if (owed.size > 0) wrongs.push(`${id} still owes ${[...owed.keys()].join()}`);
    if (canonicalJson(fold(events)) !== canonicalJson(state)) wrongs.push(`P5: folding ${id} does not give its state`);
    wrongs.push(...registryWrongs(world, id), ...approvalWrongs(world, id));
    const alarm = alarmAtMs === undefined ? {} : { alarmAtMs };
    for (const { promise, verdict, detail } of checkInvariants({ events, state, timers, now: world.now, ...alarm }))
      if (verdict === "violated") wrongs.push(`${promise}: ${id}: ${detail}`);
    const live = world.living().get(id)?.journal.index();
    const read = emptyIndex();
    for (const event of events) foldEntry(read, event);
    if (live && plain(live) !== plain(read)) wrongs.push(`P5: the journal of ${id} is not what its log says`);
  }
  wrongs.push(...unpaid(world), ...unbooked(world));
  return {
    world,
    wrongs,
    ticks: world.ticks,
    status: world.root.view.state?.status ?? "nothing",
    output: world.output(),
    applied: world.outside.applied(),
    order: world.outside.order,
  };
}

/** The registry has the end, and was never told anything that did not happen. */
function registryWrongs(world: SimWorld, id: string): string[] {
  const rows = world.registry.get(id) ?? [];
  const { events, state } = world.store(id).view;
  const invented = rows.filter((row) => canonicalJson(fold(events.slice(0, row.seq))) !== canonicalJson(row));
  const last = rows.reduce((newest, row) => Math.max(newest, row.seq), 0);
  const known = rows.find(({ seq }) => seq === last);
  return [
    ...invented.map(({ seq }) => `P5: the registry was told of ${id} at ${seq} what never happened`),
    ...(known?.status === state?.status ? [] : [`the registry has ${id} ${known?.status}, not ${state?.status}`]),
  ];
}

/** The registry knows how every gate of an ended execution ended. */
function approvalWrongs(world: SimWorld, id: string): string[] {
  const { events } = world.store(id).view;
  const ends = new Map(
    events.flatMap((event) => {
      if (event.type === "gate.decided") return [[event.data.gateId, event.data.verdict.decision] as const];
      return event.type === "gate.expired" ? [[event.data.gateId, "expired"] as const] : [];
    }),
  );
  return events.flatMap((event) => {
    if (event.type !== "gate.opened") return [];
    const { gateId } = event.data;
    const [known, wanted] = [world.approvals.get(gateId)?.status, ends.get(gateId) ?? "withdrawn"];
    return known === wanted ? [] : [`the registry has the approval ${gateId} ${known}, not ${wanted}`];
  });
}

/** P4 beyond the log: what the model was really asked is never more than what is counted as spent. */
function unpaid(world: SimWorld): string[] {
  const { state } = world.root.view;
  const { turns, tokens } = world.paid;
  if (!state) return [];
  // A turn that was under way at the end stays reserved when nobody was left to hear of it.
  const counted = plus(state.spent, state.reserved);
  if (counted.turns >= turns && counted.tokens >= tokens) return [];
  return [`P4: ${turns} turns and ${tokens} tokens were paid, but only ${JSON.stringify(counted)} is counted`];
}

function plain(index: EntryIndex): string {
  const { entries, open, completions, signals, keyOfChild, gates, said, draws, offers, successors } = index;
  const maps = [entries, keyOfChild, gates, draws, offers, successors].map((map) => Object.fromEntries<unknown>(map));
  const { rejectedSeq = null, seq, goingOn, cancelPassedOn } = index;
  const sets = [[...open].sort(), [...said], [...goingOn]];
  return canonicalJson([maps, sets, cancelPassedOn, completions, [...signals], rejectedSeq, seq]);
}

/** What this schedule did that it must not do, measured by the same program undisturbed. */
export function judge(schedule: Schedule, baseline: Outcome, outcome: Outcome): string[] {
  const { program, points } = schedule;
  const wrongs = [...outcome.wrongs];
  const broken = program.always?.(outcome);
  if (broken !== undefined) wrongs.push(broken);
  const cancelled = points.some(({ harm }) => harm === "cancel");
  if (cancelled && outcome.status === "cancelled") return wrongs;
  if (outcome.status !== baseline.status)
    wrongs.push(`ended ${outcome.status}, not ${baseline.status}: ${JSON.stringify(outcome.output)}`);
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
