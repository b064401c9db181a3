/**
 * A whole little platform with one clock and one seed: actors on storages that lose their tail, an outside world that
 * counts what reaches it, people who answer, and a scheduler that picks the next thing to happen at random.
 *
 * Between any two operations an actor, or all of them, may be killed. Time moves when nothing else is pending (in a hasty
 * world also before).
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { createHash } from "node:crypto";
import type { AgentDefinition } from "../../../src/define/agent.ts";
import type { AskRequest } from "../../../src/define/context.ts";
import type { ApprovalRecord } from "../../../src/domain/approval.ts";
import type { CreateCommand, OutsideCommand } from "../../../src/domain/command.ts";
import type { TurnReply } from "../../../src/domain/conversation.ts";
import type { Event, Origin } from "../../../src/domain/event.ts";
import type { Refusal } from "../../../src/domain/fault.ts";
import { accept, refuse } from "../../../src/domain/fault.ts";
import type { Json } from "../../../src/domain/json.ts";
import { canonicalJson } from "../../../src/domain/json.ts";
import type { Script } from "../../../src/domain/script.ts";
import type { ExecutionState } from "../../../src/domain/state.ts";
import { isTerminal } from "../../../src/domain/status.ts";
import { retentionEndsAtMs } from "../../../src/domain/tombstone.ts";
import { GivenUp } from "../../../src/engine/commits.ts";
import { deliver } from "../../../src/engine/deliver.ts";
import { DurableExecution } from "../../../src/engine/durable-execution.ts";
import type { Draw, ModelPort, Scope, Tempo, World } from "../../../src/engine/ports.ts";
import { DEFAULT_TEMPO } from "../../../src/engine/ports.ts";
import { endOnTrouble } from "../../../src/engine/storage-trouble.ts";
import { Claims } from "./claims.ts";
import { Network } from "./network.ts";
import type { Reach } from "./outside.ts";
import { Outside, Wire } from "./outside.ts";
import { seeded } from "./random.ts";
import type { Joining, Platform } from "./receivers.ts";
import { join, receiversOf } from "./receivers.ts";
import { RefusedCommits } from "./refused-commits.ts";
import { echo, scriptedReply } from "./scripted-reply.ts";
import { SimStore } from "./sim-store.ts";

interface Later {
  readonly atMs: number;
  readonly owner: string;
  readonly alive: () => boolean;
  readonly run: () => void;
}

/** Something a person may do now; offered anew at each tick, so people survive every crash. */
export interface Act {
  readonly label: string;
  /** Whose object is told something: while that one refuses, nobody has an answer, and the act waits. */
  readonly to: string;
  readonly run: () => void;
}
export type Person = (world: SimWorld) => readonly Act[];

/** Who answers turns, where a program wants to say what they cost. */
export interface Provider {
  readonly estimate: ModelPort["estimate"];
  /** A turn of an execution has reached it, and is worked on: whether anybody still hears the answer is another matter. */
  answer(id: string, request: AskRequest): TurnReply;
}

export interface SimOptions {
  readonly agents: (world: SimWorld) => readonly AgentDefinition[];
  readonly seed: number;
  readonly people?: readonly Person[];
  /** What tools need, beside `outside`: the wire of their execution. */
  readonly services?: Readonly<Record<string, unknown>>;
  readonly provider?: ((world: SimWorld) => Provider) | undefined;
  /** What the model answers, instead of what the definition says. */
  readonly script?: Script | undefined;
  /** The platform has no asynchronous context, or loses it everywhere. */
  readonly loses?: "the context";
  /** Time may move although something is pending. */
  readonly hasty?: boolean;
  readonly tempo?: Partial<Tempo>;
  /** The root's acceptance stays staged until its caller is answered. */
  readonly lazily?: boolean;
}

const storage = new AsyncLocalStorage<object | undefined>();
const SCOPE: Scope = { run: (value, fn) => storage.run(value, fn), current: () => storage.getStore() };

/** What a dead process hears. */
const NEVER = new Promise<never>(() => {});

export const ROOT = "exec_root";
/** As the actor does. */
const UNOPENED_AGAIN_MS = 300_000;

export class SimWorld {
  now = 1_000_000;
  ticks = 0;
  /** Characters that executions have made digests of. */
  digested = 0;
  readonly outside = new Outside();
  readonly stores = new Map<string, SimStore>();
  /** Every row that reached the registry. */
  readonly registry = new Map<string, ExecutionState[]>();
  readonly owedWakes = new Map<string, number | undefined>();
  deployment: string | undefined;
  /** What the registry knows of each approval. */
  readonly approvals = new Map<string, ApprovalRecord>();
  readonly claims = new Claims();
  /** The file store: it never dies. */
  readonly files = new Map<string, Uint8Array>();
  /** What the model was really asked, whoever still heard the answer. */
  readonly paid = { turns: 0, tokens: 0 };
  readonly trace: string[] = [];
  /** What must never be: collected, so that a schedule reports all of it. */
  readonly wrongs: string[] = [];
  readonly #options: SimOptions;
  readonly #provider: Provider | undefined;
  #agents: readonly AgentDefinition[];
  readonly #draw: () => number;
  readonly #network = new Network((id) => this.store(id));
  readonly #find: World["find"] = (agent, fn) => {
    const found = this.#agents.find((known) => known.id === agent);
    const definition = found?.functions.get(fn);
    return found && definition ? { definition, version: found.version } : undefined;
  };
  /** Who refuses everything, and until when. */
  readonly #refusing = new Map<string, { readonly untilMs: number; readonly refusal: Refusal }>();
  readonly #flushing = new Set<string>();
  #command: CreateCommand | undefined;
  #actors = new Map<string, DurableExecution>();
  /** Where the log of each actor stood when it was loaded: older duties wait for their alarm. */
  readonly #loadedAt = new Map<string, number>();
  readonly #refused = new RefusedCommits(this.trace, (id) => this.crash([id]));
  #laters: Later[] = [];
  #resting = 0;
  #ids = 0;

  constructor(options: SimOptions) {
    this.#options = options;
    this.#draw = seeded(options.seed);
    this.#agents = options.agents(this);
    this.#provider = options.provider?.(this);
  }

  get #platform(): Platform {
    const { registry, owedWakes, approvals, files } = this;
    const find = this.#find;
    const [actor, refusal] = [(id: string) => this.actor(id), (id: string) => this.#refusal(id)];
    return { network: this.#network, registry, owedWakes, approvals, files, find, actor, refusal };
  }

  get root(): SimStore {
    return this.store(ROOT);
  }

  /** What the root gave, or the code of its error. */
  output(): Json {
    const { state, events } = this.root.view;
    const result = state?.resultSeq === undefined ? undefined : events[state.resultSeq - 1];
    return result?.type === "execution.succeeded" ? result.data.output : (state?.errorCode ?? null);
  }

  store(id: string): SimStore {
    let store = this.stores.get(id);
    if (!store) {
      store = new SimStore(() => {
        this.#refused.committed(id);
        this.#flushLater(id);
      });
      this.stores.set(id, store);
    }
    return store;
  }

  /** The living object of an execution; made on first use, as the platform does. */
  actor(id: string): DurableExecution {
    let actor = this.#actors.get(id);
    if (!actor) {
      const alive = this.#network.lifeOf(id);
      const world = this.#world(id, alive);
      actor = new DurableExecution(this.store(id).handle(alive), world, { ...DEFAULT_TEMPO, ...this.#options.tempo });
      actor.onCommit((events) => alive() && this.#told(id, events));
      this.#actors.set(id, actor);
      this.#loadedAt.set(id, actor.state?.seq ?? 0);
      void endOnTrouble(actor.journal, world);
    }
    return actor;
  }

  /** Who listens hears what the log says, whatever programs did with their copies. */
  #told(id: string, events: readonly Event[]): void {
    const { log } = this.store(id).view;
    const said = canonicalJson(events);
    if (said !== canonicalJson(log.at(-1)?.map((text): unknown => JSON.parse(text))))
      this.wrongs.push(`P5: a listener of ${id} heard what its log does not say: ${said}`);
  }

  living(): ReadonlyMap<string, DurableExecution> {
    return this.#actors;
  }

  start(target: string, input: Json, { files, ...extra }: Partial<Origin> & Pick<CreateCommand, "files"> = {}): void {
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
    this.#command = { type: "create", origin, input, ...(files ? { files } : {}) };
    this.#call();
  }

  /** The caller's request, which is repeated until it is answered; then it is on disk. */
  #call(): void {
    if (!this.#command) return;
    if (this.#refusal(ROOT)) return void this.#later(ROOT, { delayMs: 60_000, run: () => this.#call() });
    const command = this.#command;
    const lazily = this.#options.lazily ?? false;
    if (!this.#try(() => (lazily ? this.actor(ROOT).start(command) : this.actor(ROOT).accept(command)))) return;
    const told = () => {
      this.root.flushed(this.root.mark);
      this.#command = undefined;
    };
    const answer = () => {
      const written = this.actor(ROOT).settle();
      if (written === undefined) told();
      else written.then(told, () => {});
    };
    this.#network.put({ label: "answer to the caller", owner: ROOT, run: answer });
  }

  /** New code: every process is replaced, and functions may have come and gone. */
  deploy(): void {
    this.#agents = this.#options.agents(this);
    this.evict();
  }

  tell(id: string, command: Exclude<OutsideCommand, { type: "create" | "draw_budget" }>): void {
    if (this.#refusal(id)) return;
    // A signal's caller hears nothing before the commit; who heard nothing asks again.
    this.#try(() => this.actor(id).tell(command, "person"));
  }

  /** The code of an execution starts another one that names it as its parent. */
  join(parentId: string, joining: Joining): Promise<string | null> {
    return join(parentId, { parentId, joining, platform: this.#platform });
  }

  /** False when the object was given up in the middle of it. */
  #try(act: () => unknown): boolean {
    const failed = (error: unknown) => {
      if (!(error instanceof GivenUp)) throw error;
    };
    try {
      const done = act();
      if (done instanceof Promise) done.catch(failed);
      return true;
    } catch (error) {
      failed(error);
      return false;
    }
  }

  /** The disk of one of them has room for so many commits; so many that come then are refused, while its object lives. */
  fillDisk(id: string, room: number, times = 1): void {
    this.#refused.refuse(id, this.store(id), { room, times });
  }

  /** The outside, as the present incarnation of an execution reaches it. */
  wire(id: string): Wire {
    const reach: Reach = (request) => {
      this.#mayReach(id, request.label);
      return this.#network.request(id, request);
    };
    return new Wire(this.outside, reach, (key) => this.underWay(key));
  }

  /** Whoever begins something with the outside may do so: E6 for itself, P3 for all below a cancel. What a try goes on with ("again") was begun before. */
  #mayReach(id: string, label: string): void {
    const { status } = this.store(id).view.state ?? {};
    const wrong = (why: string) => this.wrongs.push(`${id} reaches the outside (${label}) ${why}`);
    if (status !== "running" && label !== "look" && !label.startsWith("again ")) wrong(`while it is ${status}`);
    const ended = this.#isBelowRoot(id) && this.root.view.state?.status === "cancelled";
    if (ended && this.actor(ROOT).pendingAfterCancel().length === 0) wrong("after the cancel is quiesced (P3)");
  }

  /** Whoever follows the root, and all below it, is not the root's. */
  #isBelowRoot(id: string): boolean {
    const parentId = this.store(id).view.state?.origin.parentId;
    return parentId === undefined ? id === ROOT : this.#isBelowRoot(parentId);
  }

  /** True while a request for this key is on its way: nobody can know yet whether it will be done. */
  underWay(key: string): boolean {
    return this.#network.operations.some((operation) => operation.key === key);
  }

  /** SIGKILL of one actor's process, or of all: memory and calls are gone, disks keep what had reached them. */
  crash(ids: Iterable<string> = [...this.stores.keys()]): void {
    for (const id of ids) {
      this.trace.push(`CRASH ${id}`);
      this.store(id).crash(this.#draw());
      this.#flushing.delete(id);
      this.#refused.died(id);
      this.#actors.delete(id);
      this.#network.crash(id, () => this.#draw() < 0.5);
      this.#laters = this.#laters.filter(({ owner }) => owner !== id);
      if (id === ROOT) this.#call();
    }
  }

  /** A new process, which for so long does nothing but refuse; by default because the key to its rows is missing. */
  refuse(id: string, forMs: number, refusal = refuse("encryption_key_missing", "this process lacks the key")): void {
    this.trace.push(`REFUSES ${id} for ${forMs}: ${refusal.code}`);
    this.#refusing.set(id, { untilMs: this.now + forMs, refusal });
    this.crash([id]);
  }

  #refusal(id: string): Refusal | undefined {
    const { untilMs = 0, refusal } = this.#refusing.get(id) ?? {};
    return untilMs > this.now ? refusal : undefined;
  }

  /** Evicts politely: memory is gone, the disk has everything. */
  evict(): void {
    for (const store of this.stores.values()) store.flushed(store.mark);
    this.crash();
  }

  /** One thing happens: an operation, a person's act, or time moves. False when the world is still for good. */
  async tick(): Promise<boolean> {
    await this.quiet();
    this.#look();
    this.ticks += 1;
    const { operations } = this.#network;
    const acts = this.#acts();
    const choices = operations.length + acts.length;
    if (choices === 0 || (this.#options.hasty && this.#draw() < 0.1)) return this.#moveTime() || choices > 0;
    const index = Math.floor(this.#draw() * choices);
    const act = acts[index - operations.length];
    if (act) {
      this.trace.push(act.label);
      act.run();
      return true;
    }
    const [operation] = operations.splice(index, 1);
    if (!operation) return true;
    this.trace.push(operation.label);
    this.#try(() => this.#network.run(operation));
    return true;
  }

  /** A timer of a program's own, or of the outside: nothing of the engine knows of it, and it dies with its process. */
  timer(id: string, ms: number): Promise<void> {
    const alive = this.#network.lifeOf(id);
    return new Promise((run) => {
      this.#laters.push({ atMs: this.now + ms, owner: id, alive, run });
    });
  }

  /** All programs have come to rest. */
  async quiet(): Promise<void> {
    do await new Promise((resolve) => setImmediate(resolve));
    while (this.#resting > 0);
  }

  #acts(): Act[] {
    return (this.#options.people ?? []).flatMap((person) => person(this)).filter(({ to }) => !this.#refusal(to));
  }

  /** P1 at every quiet moment: what is committed and has not ended has an alarm. */
  #look(): void {
    for (const [id, { view, durable }] of this.stores) {
      for (const { state, alarmAtMs } of [view, durable]) {
        if (state && !isTerminal(state.status) && alarmAtMs === undefined && !this.#refused.rings(id))
          this.wrongs.push(`P1: ${id} is ${state.status} at ${state.seq} and no alarm is armed`);
      }
    }
  }

  #flushLater(id: string): void {
    if (this.#flushing.has(id)) return;
    this.#flushing.add(id);
    const run = () => {
      this.#flushing.delete(id);
      this.store(id).flushed(this.store(id).mark);
    };
    this.#network.put({ label: `flush ${id}`, owner: id, run });
  }

  #moveTime(): boolean {
    for (const [id, store] of this.stores) if (!this.#refused.rings(id)) store.settleAlarm();
    const alarms = [...this.stores].flatMap(([id, { view }]) => {
      return view.alarmAtMs === undefined ? [] : [{ id, atMs: view.alarmAtMs }];
    });
    const next = alarms.sort((a, b) => a.atMs - b.atMs)[0];
    const later = this.#laters.sort((a, b) => a.atMs - b.atMs)[0];
    if (later && (!next || later.atMs <= next.atMs)) {
      this.#laters.shift();
      this.now = Math.max(this.now, later.atMs);
      this.trace.push(`later of ${later.owner}`);
      if (later.alive()) this.#try(later.run);
      return true;
    }
    if (!next) return this.#moveToKeys() || this.#sweep();
    this.#overslept();
    this.now = Math.max(this.now, next.atMs);
    this.trace.push(`alarm ${next.id} at ${this.now}`);
    if (this.#refusal(next.id)) this.store(next.id).putOff(this.now + UNOPENED_AGAIN_MS);
    else if (this.actor(next.id).journal.standsStill) {
      this.#refused.lookAgain(next.id, this.store(next.id), this.now);
      this.#actors.delete(next.id);
      this.actor(next.id);
    } else {
      this.store(next.id).takeAlarm();
      this.#try(() => this.#refused.ring(next.id, this.actor(next.id)));
    }
    return true;
  }

  /** Nothing is planned: then the sweeper comes at the end of somebody's retention. */
  #sweep(): boolean {
    const { retentionMs } = { ...DEFAULT_TEMPO, ...this.#options.tempo };
    const ends = [...this.stores].flatMap(([id, { view }]) => {
      const endsAtMs = view.state && retentionEndsAtMs(view.state, retentionMs);
      return endsAtMs === undefined ? [] : [{ id, endsAtMs }];
    });
    const first = ends.sort((a, b) => a.endsAtMs - b.endsAtMs)[0];
    if (!first) return false;
    this.now = Math.max(this.now + 60_000, first.endsAtMs);
    this.trace.push(`the end of retention of ${first.id} at ${this.now}`);
    this.#try(() => void this.actor(first.id).expire());
    return true;
  }

  /** Nothing is planned: then people come back when those who refused have their keys again. */
  #moveToKeys(): boolean {
    const until = Math.max(...[...this.#refusing.values()].map(({ untilMs }) => untilMs), 0);
    if (until <= this.now) return false;
    this.now = until;
    return true;
  }

  /** Nothing is pending and time is about to move: who ought to be doing something now? A net is no excuse. */
  #overslept(): void {
    if (this.#network.operations.length > 0) return;
    for (const [id, { state, busy, journal }] of this.#actors) {
      const loadedAt = this.#loadedAt.get(id) ?? 0;
      const working = state?.status === "running" && state.suspended === undefined && state.seq > loadedAt;
      if (working && !busy && !this.#isPutOff(id) && journal.alarmAtMs !== undefined && journal.alarmAtMs > this.now)
        this.wrongs.push(`lost wake-up: ${id} is running at ${state.seq} and does nothing`);
      for (const [name, { attempts, message }] of journal.outbox)
        if (attempts === 0 && message.seq > loadedAt && journal.isCommitted(name) && !this.#isPutOff(id))
          this.wrongs.push(`${id} holds the message ${name} and did not send it`);
      this.#misled(id, journal);
    }
  }

  /** Nothing is on its way and nothing is owed: then a parent knows which of its children wait for a person. */
  #misled(id: string, journal: DurableExecution["journal"]): void {
    const { state } = journal;
    if (!state || isTerminal(state.status)) return;
    const entries = journal.index();
    for (const key of entries.open) {
      const { childId, childWaiting = false } = entries.entries.get(key) ?? {};
      const child = childId === undefined ? undefined : this.stores.get(childId)?.view;
      if (!child?.state || child.outbox.has("parent:waiting") || isTerminal(child.state.status)) continue;
      if (childWaiting !== (child.state.status === "waiting"))
        this.wrongs.push(`${id} takes its child ${childId} for ${childWaiting ? "waiting" : "going on"}`);
    }
  }

  #isPutOff(id: string): boolean {
    return this.#laters.some(({ owner }) => owner === id);
  }

  #world(id: string, alive: () => boolean): World {
    return {
      ...(this.#options.loses === "the context" ? {} : { scope: SCOPE }),
      now: () => this.now,
      random: () => this.#draw(),
      newId: (prefix) => `${prefix}_${this.#nextId()}`,
      newExecutionId: () => `exec_${this.#nextId()}`,
      digest: (text) => {
        this.digested += text.length;
        return createHash("sha256").update(text).digest("base64url").slice(0, 22);
      },
      ...(this.deployment === undefined ? {} : { deployment: this.deployment }),
      rest: () => this.#rest(),
      later: (delayMs, run) => {
        if (!alive()) return () => {};
        // A fresh turn waits for no clock: it is one more thing that may happen next.
        if (delayMs === 0) this.#network.put({ label: `turn of ${id}`, owner: id, run });
        return delayMs === 0 ? () => {} : this.#later(id, { delayMs, run });
      },
      find: this.#find,
      readFile: (key) => {
        const request = { label: `read ${key}`, work: () => this.files.get(key) };
        return alive() ? this.#network.request(id, request) : NEVER;
      },
      writeFile: (key, bytes) => {
        const work = () => {
          this.files.set(key, bytes);
        };
        return alive() ? this.#network.request(id, { label: `write ${key}`, work }) : NEVER;
      },
      post: (letter) => (alive() ? deliver(letter, receiversOf(id, this.#platform)) : NEVER),
      claimApproval: (origin, approval) => {
        const request = { label: `claim ${approval}`, work: () => this.claims.take(origin, approval, this.now) };
        return alive() ? this.#network.request(id, request) : NEVER;
      },
      draw: (draw) => {
        const call = { label: `draw of ${id}`, to: draw.parentId, receive: () => this.#draws(draw) };
        return alive() ? this.#network.call(id, call) : NEVER;
      },
      offers: (origin, page) => {
        const { restartedFrom: source } = origin;
        if (!alive() || !source) return NEVER;
        const query = { reuse: source.reuse, inputChanged: source.inputChanged, ...page };
        const receive = () => this.#refusal(source.id) ?? accept(this.actor(source.id).offers.page(query));
        return this.#network.call(id, { label: `offers to ${id}`, to: source.id, receive });
      },
      model: this.#model(id),
      services: { ...this.#options.services, outside: () => this.wire(id) },
      ...this.#refused.worldOf(id, this.store(id), alive),
      log: (level, message, fields) => {
        if (level === "error" && alive()) this.wrongs.push(`${id}: ${message}: ${fields.stack}`);
      },
    };
  }

  #later(owner: string, { delayMs, run }: { readonly delayMs: number; readonly run: () => void }): () => void {
    const later = { atMs: this.now + delayMs, owner, alive: this.#network.lifeOf(owner), run };
    this.#laters.push(later);
    return () => {
      this.#laters = this.#laters.filter((other) => other !== later);
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

  async #draws({ origin, parentId, drawId, amount }: Draw) {
    const refused = this.#refusal(parentId);
    if (refused) return refused;
    const decided = await this.actor(parentId).lend({ type: "draw_budget", childId: origin.id, drawId, amount });
    return decided.ok ? ({ ok: true } as const) : refuse(decided.code, decided.detail);
  }

  #model(id: string): ModelPort {
    const provider = this.#provider;
    if (provider) {
      const ask = (request: AskRequest) =>
        this.#network.request(id, { label: "turn", work: () => provider.answer(id, request) });
      return { estimate: (request) => provider.estimate(request), ask };
    }
    return {
      estimate: () => ({ inputTokens: 10, costUsd: 0.01 }),
      ask: (request, options) => {
        const script = this.#options.script ?? options.script;
        const label = `turn ${JSON.stringify(request.messages)}`;
        const work = () => {
          this.paid.turns += 1;
          this.paid.tokens += 12;
          const reply: TurnReply = {
            ...(script ? scriptedReply(script, request) : echo(request)),
            inputTokens: 5,
            outputTokens: 7,
            cacheReadTokens: 0,
            cacheWriteTokens: 0,
            costUsd: 0.004,
            model: "simulated",
            simulated: true,
          };
          return reply;
        };
        return this.#network.request(id, { label, work });
      },
    };
  }
}
