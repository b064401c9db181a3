/**
 * A shard on one machine, in virtual time: accepting and beginning take turns on one processor, each for so long. Nothing here
 * waits for real time.
 */
import type { ShardParts } from "../../../src/actors/intake/intake-shard.ts";
import { IntakeShard } from "../../../src/actors/intake/intake-shard.ts";
import type { Result } from "../../../src/domain/values/fault.ts";
import { accept } from "../../../src/domain/values/fault.ts";
import { DEFAULT_LIMITS } from "../../../src/domain/values/limits.ts";
import { Vault } from "../../../src/vault/vault.ts";
import { commandOf } from "./command.ts";

const SEALER = new Vault({ sealing: undefined, opening: new Map() }).sealerOf("shard");

/** Others come between the parts of a begin: its request, its commit, its answer. */
const PARTS = 3;

export interface Costs {
  /** Of the processor, milliseconds. */
  readonly acceptMs: number;
  readonly beginMs: number;
  /** Of what is done for an execution after the shard has heard that it began: its row in the index. */
  readonly afterMs: number;
  /** Of the request and of the answer of an accept, between which others come: default 1. With 2 what begins beside an answer has begun when its caller comes again. */
  readonly wireParts?: number;
}

interface Due {
  readonly atMs: number;
  readonly resolve: () => void;
}

export class OneMachine {
  readonly #costs: Costs;
  readonly #due: Due[] = [];
  #freeAtMs = 0;
  #started = 0;
  now = 0;
  accepted = 0;
  begun = 0;
  readonly shard: IntakeShard;

  constructor(costs: Costs, parts: Partial<ShardParts> = {}) {
    this.#costs = costs;
    this.shard = new IntakeShard({
      store: {
        marks: () => [],
        commands: () => undefined,
        write: () => {},
        sync: () => this.#work(this.#acceptPartMs),
      },
      sealer: () => accept(SEALER),
      begin: () => this.begin(),
      unknown: () => undefined,
      slot: async () => true,
      room: () => undefined,
      now: () => this.now,
      pause: (ms) => this.pause(ms),
      limits: DEFAULT_LIMITS,
      setAlarm: (atMs) => void this.pause(atMs - this.now).then(() => this.shard.wake()),
      log: () => {},
      ...parts,
    });
  }

  async begin(): Promise<Result<null>> {
    for (let part = 0; part < PARTS; part += 1) await this.#work(this.#costs.beginMs / PARTS);
    this.begun += 1;
    void this.#work(this.#costs.afterMs);
    return accept(null);
  }

  pause(ms: number): Promise<void> {
    return new Promise((resolve) => this.#due.push({ atMs: this.now + Math.max(0, ms), resolve }));
  }

  /** In the order in which it is asked for. */
  #work(ms: number): Promise<void> {
    this.#freeAtMs = Math.max(this.now, this.#freeAtMs) + ms;
    return this.pause(this.#freeAtMs - this.now);
  }

  get #acceptPartMs(): number {
    const { acceptMs, wireParts = 1 } = this.#costs;
    return acceptMs / (2 * wireParts + 1);
  }

  async #wire(): Promise<void> {
    for (let part = 0; part < (this.#costs.wireParts ?? 1); part += 1) await this.#work(this.#acceptPartMs);
  }

  async start(): Promise<void> {
    const command = commandOf(`exec_${++this.#started}`);
    await this.#wire();
    await this.shard.accept(command);
    this.accepted += 1;
    await this.#wire();
  }

  /** Goes on until it is so, or nothing is due any more. */
  async until(isSo: () => boolean): Promise<void> {
    for (;;) {
      await new Promise<void>((resolve) => setImmediate(resolve));
      if (isSo() || this.#due.length === 0) return;
      const next = this.#due.reduce((first, one) => (one.atMs < first.atMs ? one : first));
      this.#due.splice(this.#due.indexOf(next), 1);
      this.now = Math.max(this.now, next.atMs);
      next.resolve();
    }
  }
}
