/**
 * A whole little platform with one clock and one seed: actors on storages that lose their tail, an outside world that
 * counts what reaches it, and a scheduler that picks the next thing to happen at random.
 *
 * Every pending thing is an operation: a disk flush, a request reaching the outside, an answer coming back, a letter
 * between actors. Between any two operations the process may be killed. Requests and letters leave only after the flush
 * of what their sender had committed (the output gate).
 */
import { createHash } from "node:crypto";
import type { Origin } from "../../../src/domain/event.ts";
import { refuse } from "../../../src/domain/fault.ts";
import type { Json } from "../../../src/domain/json.ts";
import { isTerminal } from "../../../src/domain/status.ts";
import type { AgentDefinition } from "../../../src/define/agent.ts";
import { DurableExecution } from "../../../src/engine/durable-execution.ts";
import { DEFAULT_TEMPO, type Draw, type Letter, type ModelPort, type World } from "../../../src/engine/ports.ts";
import { Outside } from "./outside.ts";
import { seeded } from "./random.ts";
import { SimStore } from "./sim-store.ts";

interface Operation {
  readonly label: string;
  readonly run: () => void;
  /** The storage that must be on disk before this may leave; its flush happens first. */
  readonly gate?: SimStore;
}

interface Later {
  readonly atMs: number;
  readonly run: () => void;
}

const ROOT = "exec_root";

export class SimWorld {
  now = 1_000_000;
  /** How often the process was killed. */
  crashes = 0;
  steps = 0;
  readonly outside: Outside;
  readonly stores = new Map<string, SimStore>();
  readonly trace: string[] = [];
  readonly #agents: readonly AgentDefinition[];
  readonly #draw: () => number;
  #actors = new Map<string, DurableExecution>();
  #operations: Operation[] = [];
  #laters: Later[] = [];
  #incarnation = 0;
  #resting = 0;
  #ids = 0;

  constructor(agents: (world: SimWorld) => readonly AgentDefinition[], seed: number) {
    this.#draw = seeded(seed);
    this.outside = new Outside(this);
    this.#agents = agents(this);
  }

  get root(): SimStore {
    return this.store(ROOT);
  }

  store(id: string): SimStore {
    let store = this.stores.get(id);
    if (!store) {
      const made = new SimStore(() => this.#enqueueFlush(id, made));
      this.stores.set(id, made);
      store = made;
    }
    return store;
  }

  /** The living object of an execution; made on first use, as the platform does. */
  actor(id: string): DurableExecution {
    let actor = this.#actors.get(id);
    if (!actor) {
      actor = new DurableExecution(this.store(id), this.#world(id), DEFAULT_TEMPO);
      this.#actors.set(id, actor);
    }
    return actor;
  }

  start(target: string, input: Json, extra: Partial<Origin> = {}): void {
    const dot = target.lastIndexOf(".");
    const origin: Origin = {
      id: ROOT,
      tenant: "t",
      owner: "caller",
      agent: target.slice(0, dot),
      fn: target.slice(dot + 1),
      kind: "reasoner",
      version: "1",
      runId: "run",
      owned: false,
      digest: "d",
      limits: {},
      timeoutMs: 604_800_000,
      ...extra,
    };
    this.actor(ROOT).start({ type: "create", origin, input }, { lazily: false });
    // The caller heard 202, so that much is on disk.
    this.root.flushed();
  }

  /** Adds something that may happen at any later moment. Dies with the process. */
  soon(label: string, run: () => void, gate?: SimStore): void {
    this.#operations.push({ label, run, ...(gate ? { gate } : {}) });
  }

  /** SIGKILL: all objects, timers in memory and calls under way are gone; disks keep what was flushed. */
  crash(): void {
    this.crashes += 1;
    this.#incarnation += 1;
    this.#actors = new Map();
    this.#operations = [];
    this.#laters = [];
    for (const store of this.stores.values()) store.crash();
    this.trace.push("CRASH");
  }

  /** Evicts politely: memory is gone, the disk has everything. */
  evict(): void {
    for (const store of this.stores.values()) store.flushed();
    this.crash();
    this.trace.push("(evicted)");
  }

  /** One operation, or, with none pending, time moves to the next alarm. False when the world is still for good. */
  async step(): Promise<boolean> {
    await this.quiet();
    const index = Math.floor(this.#draw() * this.#operations.length);
    const [operation] = this.#operations.splice(index, 1);
    if (!operation) return this.#moveTime();
    this.steps += 1;
    if (operation.gate?.dirty) operation.gate.flushed();
    this.trace.push(operation.label);
    operation.run();
    return true;
  }

  /** Runs until the root has ended and nothing is left to do, or `limit` steps have passed. */
  async run(limit = 5_000): Promise<void> {
    for (let taken = 0; taken < limit; taken += 1) if (!(await this.step())) return;
    throw new Error(`still busy after ${limit} steps`);
  }

  /** All programs have come to rest. */
  async quiet(): Promise<void> {
    let still = 0;
    while (still < 2) {
      await new Promise((resolve) => setImmediate(resolve));
      still = this.#resting === 0 ? still + 1 : 0;
    }
  }

  #enqueueFlush(id: string, store: SimStore): void {
    this.soon(`flush ${id}`, () => store.flushed(), store);
  }

  #moveTime(): boolean {
    const alarms = [...this.stores].flatMap(([id, store]) => {
      const { alarmAtMs } = store.load();
      return alarmAtMs === undefined ? [] : [{ id, atMs: alarmAtMs }];
    });
    const next = alarms.sort((a, b) => a.atMs - b.atMs)[0];
    const later = this.#laters.sort((a, b) => a.atMs - b.atMs)[0];
    if (later && (!next || later.atMs <= next.atMs)) {
      this.#laters.shift();
      this.now = Math.max(this.now, later.atMs);
      later.run();
      return true;
    }
    if (!next || this.#ended()) return false;
    this.now = Math.max(this.now, next.atMs);
    this.store(next.id).takeAlarm();
    this.trace.push(`alarm ${next.id} at ${this.now}`);
    this.actor(next.id).onAlarm();
    return true;
  }

  #ended(): boolean {
    for (const store of this.stores.values()) {
      const { state, outbox } = store.load();
      if (state && (!isTerminal(state.status) || outbox.size > 0)) return false;
    }
    return true;
  }

  #world(id: string): World {
    const born = this.#incarnation;
    const alive = () => this.#incarnation === born;
    return {
      now: () => this.now,
      random: () => this.#draw(),
      newId: (prefix) => `${prefix}_${this.#nextId()}`,
      newExecutionId: () => `exec_${this.#nextId()}`,
      digest: (text) => createHash("sha256").update(text).digest("base64url").slice(0, 22),
      rest: () => this.#rest(),
      later: (delayMs, run) => {
        if (alive()) this.#laters.push({ atMs: this.now + delayMs, run });
      },
      find: (agent, fn) => {
        const found = this.#agents.find((known) => known.id === agent);
        const definition = found?.functions.get(fn);
        return found && definition ? { definition, version: found.version } : undefined;
      },
      post: (letter) => this.#gated(id, `letter ${letter.to}`, alive, () => this.#receive(letter)),
      draw: (draw) => this.#gated(id, "draw", alive, () => this.#receiveDraw(draw)),
      model: this.#model(id, alive),
      log: () => {},
    };
  }

  #nextId(): string {
    this.#ids += 1;
    return `x${this.#ids}`;
  }

  #rest(): Promise<void> {
    this.#resting += 1;
    return new Promise((resolve) => {
      setImmediate(() => {
        this.#resting -= 1;
        resolve();
      });
    });
  }

  /** A call that leaves an actor: its request waits for the disk, its answer is one more operation. */
  #gated<T>(id: string, label: string, alive: () => boolean, receive: () => T | Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      if (!alive()) return;
      const gate = this.store(id);
      this.soon(
        `${label} from ${id}`,
        async () => {
          try {
            const answer = await receive();
            this.soon(`answer to ${id}`, () => resolve(answer));
          } catch (error) {
            this.soon(`error to ${id}`, () => reject(error));
          }
        },
        gate,
      );
    });
  }

  /** Effects use this to reach the outside from inside a program. */
  reach<T>(label: string, work: () => T): Promise<T> {
    return new Promise((resolve) => {
      this.soon(label, () => {
        // The output gate holds what leaves until everything written before is on disk.
        for (const store of this.stores.values()) store.flushed();
        const answer = work();
        this.soon(`${label} answered`, () => resolve(answer));
      });
    });
  }

  #receive(letter: Letter): void {
    if (letter.to === "registry") return;
    if (letter.to === "parent") {
      const parent = this.actor(letter.parentId);
      const childId = letter.origin.id;
      if (letter.verb === "waiting") parent.tell({ type: "child_waiting", childId, waiting: letter.waiting }, "system");
      else parent.tell({ type: "child_finished", childId, status: letter.status, outcome: letter.outcome, usage: letter.usage }, "system");
      this.store(letter.parentId).flushed();
      return;
    }
    const child = this.actor(letter.childId);
    if (letter.verb === "start") child.start({ type: "create", origin: letter.origin, input: letter.input }, { lazily: false });
    else if (child.state) child.tell({ type: "cancel", reason: letter.reason, by: "parent" }, "parent");
    this.store(letter.childId).flushed();
  }

  async #receiveDraw(draw: Draw) {
    const { origin, parentId, drawId, amount } = draw;
    const decided = await this.actor(parentId).draw({ type: "draw_budget", childId: origin.id, drawId, amount });
    this.store(parentId).flushed();
    return decided.ok ? ({ ok: true } as const) : refuse(decided.code, decided.detail);
  }

  #model(id: string, alive: () => boolean): ModelPort {
    return {
      estimate: () => ({ inputTokens: 10, costUsd: 0.01 }),
      ask: (request) =>
        this.#gated(id, "model", alive, () => {
          this.outside.count(`turn ${JSON.stringify(request.messages)}`);
          return { content: request.messages, stopReason: "end_turn", inputTokens: 5, outputTokens: 7, costUsd: 0.004 };
        }),
    };
  }
}
