/** The limiters of the little platform: each has rows that outlive it, one alarm, and a memory that a crash takes. */
import { Limiter } from "../../../../src/actors/queues/limiter.ts";
import type { GrantSlot } from "../../../../src/domain/execution/command.ts";
import { USUAL_PRIORITY, usualFairness } from "../../../../src/domain/intake/queued-start.ts";
import type { QueueRule, SlotRecord } from "../../../../src/domain/intake/slot-book.ts";
import type { SlotMessage } from "../../../../src/domain/intake/slot-message.ts";
import type { Refusal } from "../../../../src/domain/values/fault.ts";
import type { DurableExecution } from "../../../../src/engine/execution/durable-execution.ts";
import type { SimClock } from "../clock/sim-clock.ts";
import type { Network } from "./network.ts";

interface Platform {
  readonly network: Network;
  actor(id: string): DurableExecution;
  refusal(id: string): Refusal | undefined;
}

interface Disk {
  readonly records: Map<string, SlotRecord>;
  rule: QueueRule;
  alarmAtMs: number | undefined;
  /** Its alarm is being handled: the platform repeats what a death has ended. */
  rings: boolean;
}

const known = new WeakMap<SimClock, SimLimiters>();

/** Those of a world, which its clock stands for. */
export function limitersOf(clock: SimClock): SimLimiters {
  const limiters = known.get(clock) ?? new SimLimiters(clock);
  known.set(clock, limiters);
  return limiters;
}

export class SimLimiters {
  readonly disks = new Map<string, Disk>();
  readonly #clock: SimClock;
  readonly #living = new Map<string, Limiter>();
  #platform: Platform | undefined;

  constructor(clock: SimClock) {
    this.#clock = clock;
  }

  async deliver(from: string, message: SlotMessage, platform: Platform): Promise<GrantSlot | undefined> {
    this.#platform = platform;
    const { queue, executionId: id } = message;
    const receive = (): GrantSlot | undefined => {
      const limiter = this.#limiter(queue.name);
      const disk = this.#disk(queue.name);
      if (message.verb === "give_back") {
        limiter.giveBack(id, message.upToEpoch);
        return undefined;
      }
      const { epoch, above, sinceMs, owner, priority = USUAL_PRIORITY } = message;
      const fairness = usualFairness({ tenant: message.tenant, owner });
      disk.rule = { limit: queue.limit };
      const granted = limiter.ask({ id, epoch, above, sinceMs, priority, fairness }, { limit: queue.limit });
      return granted ? { type: "grant_slot", queue: queue.name, epoch } : undefined;
    };
    const label = `${message.verb} ${queue.name} of ${id}`;
    return platform.network.call(from, { label, to: `limiter:${queue.name}`, receive });
  }

  /** Its process dies; what it was about to say is lost. */
  crash(name: string, lucky: () => boolean): void {
    this.#living.delete(name);
    this.#platform?.network.crash(`limiter:${name}`, lucky);
    const disk = this.disks.get(name);
    if (disk?.rings) Object.assign(disk, { rings: false, alarmAtMs: this.#clock.now });
    this.#arm(name);
  }

  #limiter(name: string): Limiter {
    const living = this.#living.get(name);
    if (living) return living;
    const disk = this.#disk(name);
    const limiter: Limiter = new Limiter({
      now: () => this.#clock.now,
      load: () => ({ records: [...disk.records.values()], rule: disk.rule }),
      commit: ({ put, removed, alarmAtMs }) => {
        if (this.#living.get(name) !== limiter) throw new Error("a dead limiter writes");
        for (const record of put) disk.records.set(record.id, record);
        for (const id of removed) disk.records.delete(id);
        if (alarmAtMs === undefined) return;
        disk.alarmAtMs = alarmAtMs;
        this.#arm(name);
      },
      isSet: () => true,
      failed: () => {},
      tell: (id, epoch) =>
        this.#ask(name, id, async (platform) => {
          const decided = await platform.actor(id).dispatch({ type: "grant_slot", queue: name, epoch }, "system");
          return decided.ok ? "yes" : "no";
        }),
      check: (id, epoch) =>
        this.#ask(name, id, async (platform) => {
          await platform.actor(id).flush();
          return platform.actor(id).wantsSlot(name, epoch) ? "yes" : "no";
        }),
    });
    this.#living.set(name, limiter);
    return limiter;
  }

  #disk(name: string): Disk {
    const disk = this.disks.get(name) ?? { records: new Map(), rule: {}, alarmAtMs: undefined, rings: false };
    this.disks.set(name, disk);
    return disk;
  }

  #ask(
    name: string,
    id: string,
    ask: (platform: Platform) => Promise<"yes" | "no">,
  ): Promise<"yes" | "no" | "unknown"> {
    const platform = this.#platform;
    if (!platform) return Promise.resolve("unknown");
    const receive = async () => (platform.refusal(id) ? "unknown" : ask(platform));
    return platform.network.call(`limiter:${name}`, { label: `limiter ${name} asks ${id}`, to: id, receive });
  }

  #arm(name: string): void {
    const disk = this.disks.get(name);
    const atMs = disk?.alarmAtMs;
    if (!disk || atMs === undefined) return;
    const run = () => {
      if (disk.alarmAtMs !== atMs) return;
      disk.alarmAtMs = undefined;
      disk.rings = true;
      const limiter = this.#limiter(name);
      void limiter.round().then(() => {
        if (this.#living.get(name) === limiter) disk.rings = false;
      });
    };
    const delayMs = Math.max(1, atMs - this.#clock.now);
    this.#clock.plan(delayMs, { run, owner: `limiter:${name}`, alive: () => disk.alarmAtMs === atMs, isEngine: false });
  }
}
