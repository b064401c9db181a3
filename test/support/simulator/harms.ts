/** What may go wrong in the little platform, by name. Each harm happens at one tick of a schedule, while all programs rest. */
import { canonicalJson } from "../../../src/domain/values/json.ts";
import { refusalsOf } from "./actors/refused-commits.ts";
import { digestOf } from "./digest.ts";
import { repeatOne } from "./people/late-people.ts";
import type { SimWorld } from "./sim-world.ts";
import { ROOT } from "./sim-world.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

interface Struck {
  /** One of the executions. */
  readonly one: string;
  /** In [0, 1). */
  readonly draw: number;
}

const HARMS = {
  /** Every process dies. */
  crash: (world) => world.crash(),
  /** One process dies. */
  kill: (world, { one }) => world.crash([one]),
  /** The object of one of them is reset: who called it hears an error, and its disk is whole. */
  reset: (world, { one }) => world.evict([one]),
  /** They are taken from memory after their disks have caught up. */
  evict: (world) => world.evict(),
  /** Every process dies, and nothing runs for up to an hour. */
  outage: (world, { draw }) => {
    world.crash();
    world.now += Math.floor(draw * HOUR_MS);
  },
  /** Commits of one of them throw while its object lives, from one of the next three on. */
  full: (world, { one, draw }) => {
    const { room, times } = refusalsOf(draw);
    world.fillDisk(one, room, times);
  },
  /** The key to the rows of one of them is missing, for up to 20 minutes: its object refuses whatever it is asked. */
  refuse: (world, { one, draw }) => world.refuse(one, Math.floor(draw * 1_200_000)),
  cancel: (world) => world.dispatch(ROOT, { type: "cancel", by: "eve" }),
  pause: (world, { one }) => world.dispatch(one, { type: "pause", by: "eve" }),
  /** An approval is asked for that no program asked for. */
  request: (world, { one }) => {
    const payload = { answer: "approved" };
    const asked = { gateId: `asked_${world.ticks}`, payload, payloadDigest: digestOf(canonicalJson(payload)) };
    const until = { claimedUntilMs: world.now, expiresAtMs: world.now + 30 * DAY_MS };
    world.dispatch(one, { type: "request_approval", ...asked, ...until, by: "eve" });
  },
  /** The same code, or another version of it where a program has several. */
  deploy: (world, { draw }) => world.deploy(Math.floor(draw * world.versions)),
  /** Another version, or the same, beside the one that runs, for five minutes. */
  side_by_side: (world, { draw }) => world.rollOut(Math.floor(draw * world.versions)),
  /** Newer code wrote something into the log of one of them, and was rolled back. */
  newer: (world, { one }) => world.rollBack(one),
  /** The clock on the wall is set back by up to two days. */
  back: (world, { draw }) => world.stepClock(-Math.floor(draw * 2 * DAY_MS)),
  /** It is set forward by up to two days. */
  ahead: (world, { draw }) => world.stepClock(Math.floor(draw * 2 * DAY_MS)),
  /** The platform loses the alarm of one of them. */
  no_alarm: (world, { one }) => world.loseAlarm(one),
  /** A process forgets what it had planned. */
  no_timers: (world, { one }) => world.loseTimers(one),
  /** Somebody says again what was said, or comes too late. */
  again: (world, { draw }) => repeatOne(world, draw),
  /** Somebody looks for what does not exist: nothing may come of that (E10). */
  look: (world) => {
    const id = `exec_nobody_${world.ticks}`;
    const written = [world.actor(id).flush(), world.actor(id).onAlarm()];
    if (world.store(id).mark > 0 || written.some((one) => one !== undefined))
      world.wrongs.push(`E10: looking for ${id} wrote something`);
    world.crash([id]);
    world.stores.delete(id);
    world.readers.delete(id);
  },
} as const satisfies Record<string, (world: SimWorld, struck: Struck) => void>;

export type Harm = keyof typeof HARMS;

export function strike(world: SimWorld, harm: Harm, draw: number): void {
  const ids = [...world.stores.keys()];
  HARMS[harm](world, { one: ids[Math.floor(draw * ids.length)] ?? ROOT, draw });
}
