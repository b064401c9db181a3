/**
 * One drawn schedule of a queue: callers, shards that die, objects that answer late or not at all, cancels, repeated starts,
 * fewer shards. `runSchedule` returns what is wrong with its end: nothing lost, nothing twice, nothing left.
 */
import type { ShardParts } from "../../../src/actors/intake/intake-shard.ts";
import { IntakeShard } from "../../../src/actors/intake/intake-shard.ts";
import { decide } from "../../../src/domain/decide/decide.ts";
import type { CreateCommand } from "../../../src/domain/execution/command.ts";
import type { Event, NewEvent } from "../../../src/domain/execution/event.ts";
import { systemPrincipal } from "../../../src/domain/execution/principal.ts";
import type { ExecutionState } from "../../../src/domain/execution/state.ts";
import { emptyIndex } from "../../../src/domain/fold/entry-index.ts";
import { evolve } from "../../../src/domain/fold/evolve.ts";
import type { Result } from "../../../src/domain/values/fault.ts";
import { accept, refuse } from "../../../src/domain/values/fault.ts";
import { DEFAULT_LIMITS } from "../../../src/domain/values/limits.ts";
import { Vault } from "../../../src/vault/vault.ts";
import { seeded } from "../simulator/random.ts";
import { commandOf } from "./command.ts";
import { SmallDisk } from "./small-disk.ts";

const TENANT = "acme";
const SEALER = new Vault({ sealing: undefined, opening: new Map() }).sealerOf("shard");
const SHARDS = 2;
const caller = systemPrincipal(TENANT);

export interface Options {
  readonly seed: number;
  readonly starts: number;
  readonly crashes: number;
}

/** An execution's object: the real decision and the real fold, without a program. */
class Execution {
  state: ExecutionState | undefined;
  created = 0;
  begun = 0;

  apply(events: readonly NewEvent[], now: number): void {
    for (const event of events) {
      this.state = evolve(this.state, {
        ...event,
        seq: (this.state?.seq ?? 0) + 1,
        atMs: now,
        actor: "x",
        v: 1,
      } as Event);
      if (event.type === "execution.created") this.created += 1;
    }
  }

  /** As the engine does: what is queued and awaits no turn begins. */
  goOn(now: number): void {
    const { state } = this;
    if (state?.status === "queued" && !state.awaitsTurn) this.apply([{ type: "execution.started", data: {} }], now);
    if (this.state?.status === "running" && this.begun === 0) this.begun += 1;
    else if (state?.status === "queued" && !state.awaitsTurn) this.begun += 1;
  }

  start(command: CreateCommand, now: number): Result<null> {
    const decided = decide({ state: this.state, index: emptyIndex }, command, now);
    if (!decided.ok) return decided;
    this.apply(decided.events, now);
    this.goOn(now);
    return accept(null);
  }

  cancel(now: number): Result<null> {
    const decided = decide({ state: this.state, index: emptyIndex }, { type: "cancel", by: "ann" }, now);
    if (!decided.ok) return decided;
    this.apply(decided.events, now);
    return accept(null);
  }
}

class Schedule {
  readonly #random: () => number;
  readonly #options: Options;
  readonly #disks = Array.from({ length: SHARDS }, () => new SmallDisk());
  readonly #lives = Array.from({ length: SHARDS }, () => 0);
  readonly #shards: IntakeShard[] = [];
  readonly #objects = new Map<string, Execution>();
  readonly #accepted = new Set<string>();
  readonly #refused = new Set<string>();
  readonly #cancelled = new Map<string, number>();
  /** What goes on in its own time: replies on their way. */
  readonly #late: (() => void)[] = [];
  #now = 1_000_000;
  #started = 0;

  constructor(options: Options) {
    this.#options = options;
    this.#random = seeded(options.seed);
    for (let at = 0; at < SHARDS; at += 1) this.#boot(at);
  }

  #draw(count: number): number {
    return Math.floor(this.#random() * count);
  }

  #boot(at: number): void {
    const disk = this.#disks[at] as SmallDisk;
    const life = (this.#lives[at] ?? 0) + 1;
    this.#lives[at] = life;
    const isAlive = () => this.#lives[at] === life;
    const parts: ShardParts = {
      store: disk.open(isAlive),
      sealer: () => accept(SEALER),
      begin: (ticket, how) => this.#begin(how === "made" ? { ...ticket, awaitsTurn: true } : ticket),
      unknown: () => undefined,
      slot: async () => true,
      room: () => (this.#draw(4) === 0 ? new Promise((resolve) => this.#late.push(resolve)) : undefined),
      now: () => this.#now,
      pause: () => this.#passes(),
      limits: { ...DEFAULT_LIMITS, queuedStarts: 12 },
      setAlarm: (atMs) => isAlive() && disk.setAlarm(atMs),
      log: () => {},
    };
    this.#shards[at] = new IntakeShard(parts);
  }

  /** The way to an object and back: lost before it, lost behind it, refused, or late. */
  async #begin(command: CreateCommand): Promise<Result<unknown>> {
    await this.#passes();
    const fate = this.#draw(12);
    if (fate === 0) throw new Error("the request was lost");
    if (fate === 1) return refuse("overloaded", "too much");
    const object = this.#objects.get(command.origin.id) ?? new Execution();
    this.#objects.set(command.origin.id, object);
    const result = object.start(command, this.#now);
    await this.#passes();
    if (fate === 2) throw new Error("the reply was lost");
    return result;
  }

  #passes(): Promise<void> {
    return new Promise((resolve) => this.#late.push(resolve));
  }

  async run(): Promise<string[]> {
    const { starts, crashes } = this.#options;
    let left = crashes;
    for (let step = 0; this.#started < starts || step < starts * 4; step += 1) {
      await this.#step(left > 0 && this.#draw(10) === 0);
      if (left > 0 && this.#draw(12) === 0) {
        left -= 1;
        this.#crash(this.#draw(SHARDS));
      }
    }
    await this.#settle();
    return this.#faults();
  }

  async #step(onlyFlush: boolean): Promise<void> {
    const what = onlyFlush ? 3 : this.#draw(8);
    if (what <= 1 && this.#started < this.#options.starts) this.#start();
    else if (what === 2) void this.#cancelOne();
    else if (what === 3) (this.#disks[this.#draw(SHARDS)] as SmallDisk).flush();
    else if (what === 4) this.#repeat();
    else if (what === 5) this.#elapse(this.#draw(2_500));
    else this.#arrive();
    await settled();
  }

  /** In the second half fewer shards take starts: the other one drains. */
  #start(): void {
    const shards = this.#started * 2 < this.#options.starts ? SHARDS : 1;
    const at = this.#draw(shards);
    const id = `exec_${at}_${this.#started}`;
    this.#started += 1;
    void (this.#shards[at] as IntakeShard).accept(commandOf(id)).then((accepted) => {
      if (accepted.ok) this.#accepted.add(id);
      else this.#refused.add(id);
    });
  }

  #shardOf(id: string): IntakeShard {
    return this.#shards[Number(id.split("_")[1])] as IntakeShard;
  }

  /** As the router does: the object is made from the ticket, then asked. */
  async #cancelOne(): Promise<void> {
    const ids = [...this.#accepted].filter((id) => !this.#cancelled.has(id));
    const id = ids[this.#draw(Math.max(1, ids.length))];
    if (id === undefined || this.#draw(3) > 0) return;
    const refusal = await this.#shardOf(id)
      .make(caller, id)
      .catch(() => refuse("unavailable", "it died"));
    const object = this.#objects.get(id);
    if (refusal || !object) return;
    const before = object.begun;
    if (object.cancel(this.#now).ok) this.#cancelled.set(id, before);
  }

  /** A start that comes once more: from a shard that died before it could note that it had sent it. */
  #repeat(): void {
    const ids = [...this.#objects.keys()];
    const id = ids[this.#draw(Math.max(1, ids.length))];
    const object = id === undefined ? undefined : this.#objects.get(id);
    if (id && object?.state && !object.state.awaitsTurn) object.start(commandOf(id), this.#now);
  }

  #arrive(): void {
    const [resolve] = this.#late.splice(this.#draw(Math.max(1, this.#late.length)), 1);
    resolve?.();
  }

  #elapse(ms: number): void {
    this.#now += ms;
    for (const [at, disk] of this.#disks.entries()) {
      if (disk.alarmAtMs === undefined || disk.alarmAtMs > this.#now) continue;
      disk.takeAlarm();
      void (this.#shards[at] as IntakeShard).wake().catch(() => {});
    }
  }

  #crash(at: number): void {
    (this.#disks[at] as SmallDisk).crash();
    this.#boot(at);
  }

  /** No crash any more: everything that waits has to end by alarms and answers alone. */
  async #settle(): Promise<void> {
    for (let round = 0; round < 3_000; round += 1) {
      this.#arrive();
      await settled();
      if (round % 7 === 0) for (const disk of this.#disks) disk.flush();
      if (this.#late.length === 0) this.#elapse(1_000);
      if (this.#isQuiet()) return;
    }
  }

  #isQuiet(): boolean {
    const isEmpty = this.#shards.every((shard) => shard.tickets.depth === 0);
    return isEmpty && this.#late.length === 0 && this.#disks.every((disk) => !disk.isDirty && disk.rowCount === 0);
  }

  #faults(): string[] {
    const faults: string[] = [];
    for (const id of this.#accepted) {
      const object = this.#objects.get(id);
      const before = this.#cancelled.get(id);
      if (object?.created !== 1) faults.push(`${id} was accepted and made ${object?.created ?? 0} times`);
      else if (before === undefined && object.begun !== 1) faults.push(`${id} began ${object.begun} times`);
      else if (before !== undefined && object.begun !== before) faults.push(`${id} began after its cancel`);
    }
    for (const [id, { begun }] of this.#objects) if (begun > 1) faults.push(`${id} began ${begun} times`);
    for (const id of this.#refused) if (this.#objects.has(id)) faults.push(`${id} was refused and made`);
    for (const [at, disk] of this.#disks.entries()) {
      disk.flush();
      disk.crash();
      this.#boot(at);
      const { depth } = (this.#shards[at] as IntakeShard).tickets;
      if (depth > 0 || disk.rowCount > 0) faults.push(`shard ${at} still holds ${depth} of ${disk.rowCount} rows`);
    }
    return faults;
  }
}

/** All microtasks are done. */
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

/** What is wrong at the end of the schedule; nothing when all is right. */
export function runSchedule(options: Options): Promise<string[]> {
  return new Schedule(options).run();
}
