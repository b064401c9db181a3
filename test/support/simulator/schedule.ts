/** One schedule: a program, a seed, and what goes wrong at which tick. Runs it and says everything that must not be so. */
import { plus } from "../../../src/domain/execution/budget.ts";
import type { Event } from "../../../src/domain/execution/event.ts";
import { isTerminal } from "../../../src/domain/execution/status.ts";
import type { EntryIndex } from "../../../src/domain/fold/entry-index.ts";
import { emptyIndex, foldEntry } from "../../../src/domain/fold/entry-index.ts";
import { fold } from "../../../src/domain/fold/evolve.ts";
import { checkInvariants } from "../../../src/domain/invariants/invariants.ts";
import { canonicalJson } from "../../../src/domain/values/json.ts";
import { MAX_ROW_BYTES, utf8Bytes } from "../../../src/domain/values/json-text.ts";
import { unbooked } from "./checks/books.ts";
import { digestOf } from "./digest.ts";
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
        for (const id of world.stores.keys()) world.wrongs.push(...brokenPromises(world, id));
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
  const wrongs = [...world.wrongs];
  for (const [id, { view, owed }] of world.stores) {
    const { state, events } = view;
    if (!state) continue;
    // Whoever reads along has a connection again, and its journal is read from the disk if nothing else has asked for it.
    world.actor(id);
    if (!isTerminal(state.status)) wrongs.push(`${id} never ended: ${state.status} ${state.reason ?? ""}`);
    if (owed.size > 0) wrongs.push(`${id} still owes ${[...owed.keys()].join()}`);
    wrongs.push(...registryWrongs(world, id), ...approvalWrongs(world, id), ...brokenPromises(world, id));
    wrongs.push(...hastyTries(id, events));
    wrongs.push(...(world.readers.get(id)?.wrongs(id, events) ?? []), ...unreadable(id, view.log));
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

/** What the checker of promises finds on the rows of an execution as they are now. */
function brokenPromises(world: SimWorld, id: string): string[] {
  const { isPutOff, view } = world.store(id);
  const { state, events, timers, outbox, alarmAtMs, ...rows } = view;
  if (!state) return [];
  const gates = [...rows.gates.values()];
  const alarm = alarmAtMs === undefined ? {} : { alarmAtMs };
  const now = Math.max(world.now, state.updatedAtMs);
  const reports = checkInvariants({ events, state, timers, outbox, approvals: gates, digest: digestOf, now, ...alarm });
  const isAlarmLate = isPutOff || world.rings(id) || (alarmAtMs === undefined && world.hasLostAlarm(id));
  return reports.flatMap(({ promise, verdict, detail }) =>
    verdict === "violated" && !(promise === "P1" && isAlarmLate) ? [`${promise}: ${id}: ${detail}`] : [],
  );
}

/** Tries that began before the wait after the one before was over (P8). */
function hastyTries(id: string, events: readonly Event[]): string[] {
  const waits = new Map<string, number>();
  return events.flatMap(({ type, atMs, data }) => {
    const failed = type === "step.failed" || type === "tool.failed" || type === "turn.failed";
    if (failed && data.retryAtMs !== undefined) waits.set(data.key, data.retryAtMs);
    if (type !== "step.started" && type !== "tool.started" && type !== "turn.started") return [];
    const untilMs = waits.get(data.key) ?? 0;
    waits.delete(data.key);
    return atMs >= untilMs ? [] : [`P8: "${data.key}" of ${id} began try ${data.attempt} before its wait was over`];
  });
}

/** Rows that the platform would not take, and events that nobody can read back. */
function unreadable(id: string, log: readonly (readonly string[])[]): string[] {
  const texts = log.flat();
  const tooLarge = texts.some((text) => text.length > MAX_ROW_BYTES / 3 && utf8Bytes(text) > MAX_ROW_BYTES);
  return tooLarge ? [`${id} holds a row that is too large`] : [];
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
  const {
    entries,
    open,
    completions,
    signals,
    keyOfChild,
    approvals: gates,
    recorded: said,
    draws,
    offers,
    successors,
  } = index;
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
