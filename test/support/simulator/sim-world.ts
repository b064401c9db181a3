/**
 * A whole little platform with one clock and one seed: actors on storages that lose their tail, an outside world that
 * counts what reaches it, people who answer, and a scheduler that picks the next thing to happen at random.
 *
 * Between any two operations one actor or all may be killed. Time moves when nothing else is pending; a hasty world's, before.
 */
import type { Decided } from "../../../src/domain/decide/decided.ts";
import type { CreateCommand, OutsideCommand } from "../../../src/domain/execution/command.ts";
import type { Event } from "../../../src/domain/execution/event.ts";
import type { Origin } from "../../../src/domain/execution/origin.ts";
import type { ExecutionState } from "../../../src/domain/execution/state.ts";
import type { TurnReply } from "../../../src/domain/model/conversation.ts";
import type { ApprovalRecord } from "../../../src/domain/read-models/approval-record.ts";
import type { Refusal } from "../../../src/domain/values/fault.ts";
import { accept, refuse } from "../../../src/domain/values/fault.ts";
import type { Json } from "../../../src/domain/values/json.ts";
import { DurableExecution } from "../../../src/engine/execution/durable-execution.ts";
import { GivenUp } from "../../../src/engine/journal/commits.ts";
import { endOnTrouble } from "../../../src/engine/journal/storage-trouble.ts";
import type { ModelPort } from "../../../src/engine/model-port.ts";
import { deliver } from "../../../src/engine/outbox/deliver.ts";
import type { Timing, World } from "../../../src/engine/ports.ts";
import { DEFAULT_TIMING } from "../../../src/engine/ports.ts";
import { Claims } from "./actors/claims.ts";
import { hasEnded } from "./actors/has-ended.ts";
import { Network } from "./actors/network.ts";
import { Reader } from "./actors/reader.ts";
import type { Joining, Platform } from "./actors/receivers.ts";
import { join, lent, receiversOf } from "./actors/receivers.ts";
import { RefusedCommits } from "./actors/refused-commits.ts";
import { RunningCode } from "./actors/running-code.ts";
import { SCOPE } from "./actors/scope.ts";
import { SimStore } from "./actors/sim-store.ts";
import { arrival, TAKES_ALL } from "./actors/webhook-host.ts";
import { standsStill } from "./checks/stands-still.ts";
import { firstToExpire, outOfTurn, overdue, unarmed } from "./checks/watchman.ts";
import { SimClock } from "./clock/sim-clock.ts";
import { digestOf } from "./digest.ts";
import type { Act } from "./people/act.ts";
import type { Reach } from "./providers/outside.ts";
import { Outside, Wire } from "./providers/outside.ts";
import type { Provider } from "./providers/sim-model.ts";
import { providedModel, scriptedModel } from "./providers/sim-model.ts";
import { SimNodes } from "./providers/sim-nodes.ts";
import { seeded } from "./random.ts";
import type { SimOptions } from "./sim-options.ts";

export type Person = (world: SimWorld) => readonly Act[];

type Extra = Partial<Origin> & Pick<CreateCommand, "files" | "webhook">;
type Told = Exclude<OutsideCommand, { type: "create" | "draw_budget" }>;
/** What a dead process hears. */
const NEVER = new Promise<never>(() => {});
export const ROOT = "exec_root";
/** How long two versions run side by side. */
const SIDE_BY_SIDE_MS = 300_000;
/** How late the sweeper finds an execution that owes a wake. */
const SWEPT_AFTER_MS = 60_000;

export class SimWorld {
  readonly clock: SimClock;
  readonly seed: number;
  ticks = 0;
  /** Characters that executions have made digests of. */
  digested = 0;
  deployments = 0;
  /** Names the code that runs: that of `version`, of the versions that a program has. */
  deployment: string | undefined;
  version = 0;
  readonly outside = new Outside();
  readonly nodes: SimNodes;
  readonly stores = new Map<string, SimStore>();
  /** Every row that reached the registry. */
  readonly registry = new Map<string, ExecutionState[]>();
  readonly owedWakes = new Map<string, number | undefined>();
  /** What the registry knows of each approval. */
  readonly approvals = new Map<string, ApprovalRecord>();
  readonly claims = new Claims();
  readonly files = new Map<string, Uint8Array>();
  /** What the model was really asked, whoever still heard the answer. */
  readonly paid = { turns: 0, tokens: 0 };
  readonly trace: string[] = [];
  /** What must never be: collected, so that a schedule reports all of it. */
  readonly wrongs: string[] = [];
  webhookHost = TAKES_ALL;
  readonly #options: SimOptions<SimWorld>;
  readonly #timing: Timing;
  /** Acts of people that were answered with yes: what they made is in the log, whatever crashes. */
  readonly acknowledged: { readonly id: string; readonly seq: number; readonly type: string }[] = [];
  readonly readers = new Map<string, Reader>();
  readonly #provider: Provider | undefined;
  readonly #code: RunningCode;
  readonly #draw: () => number;
  readonly #network = new Network((id) => this.store(id));
  /** Who refuses everything, and until when. */
  readonly #refusing = new Map<string, { readonly untilMs: number; readonly refusal: Refusal }>();
  readonly #flushing = new Set<string>();
  #command: CreateCommand | undefined;
  #actors = new Map<string, DurableExecution>();
  /** Where the log of each actor stood when it was loaded: older duties wait for their alarm. */
  readonly #loadedAt = new Map<string, number>();
  readonly #refused = new RefusedCommits(this.trace, (id) => this.crash([id]));
  /** When the sweeper looks at those whose alarm the platform lost. */
  readonly #lost = new Map<string, number>();
  /** Whose plans of the process were forgotten, until its next alarm. */
  readonly #forgetful = new Set<string>();
  #resting = 0;
  #ids = 0;

  constructor(options: SimOptions<SimWorld>) {
    this.#options = options;
    this.#timing = { ...DEFAULT_TIMING, ...options.timing };
    this.seed = options.seed;
    this.clock = new SimClock(options.beginsAtMs ?? 1_000_000);
    this.#draw = seeded(options.seed);
    this.nodes = new SimNodes(this);
    this.#code = new RunningCode(options.agents(this));
    this.#provider = options.provider?.(this);
  }

  get now(): number {
    return this.clock.now;
  }
  set now(atMs: number) {
    this.clock.now = atMs;
  }

  get versions(): number {
    return this.#options.versions ?? 1;
  }
  #platformOf(id: string): Platform {
    return { world: this, network: this.#network, find: this.#code.find(id) };
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
      const reader = new Reader();
      const flushed = (mark: number) => reader.flushed(mark);
      const committed = () => {
        this.#refused.committed(id);
        this.#flushLater(id);
      };
      store = new SimStore(committed, flushed);
      this.stores.set(id, store);
      this.readers.set(id, reader);
    }
    return store;
  }

  actor(id: string): DurableExecution {
    let actor = this.#actors.get(id);
    if (!actor) {
      const alive = this.#network.lifeOf(id);
      this.#code.load(id, this.#draw);
      const world = this.#world(id, alive);
      actor = new DurableExecution(this.store(id).handle(alive), world, this.#timing);
      actor.onCommit((events) => alive() && this.#told(id, events));
      this.#actors.set(id, actor);
      this.#loadedAt.set(id, actor.state?.seq ?? 0);
      this.#forgetful.delete(id);
      const reader = this.readers.get(id);
      reader?.reconnect(actor.journal.eventsAfter(reader.lastSeq));
      void endOnTrouble(actor.journal, world);
    }
    return actor;
  }

  /** Who listens hears what the log says, whatever programs did with their copies. */
  #told(id: string, events: readonly Event[]): void {
    const { mark, view } = this.store(id);
    this.readers.get(id)?.dispatch(mark, events);
    const said = JSON.stringify(events);
    if (said !== `[${view.log.at(-1)?.join()}]`) this.wrongs.push(`P5: ${id} told what its log does not say: ${said}`);
  }

  living(): ReadonlyMap<string, DurableExecution> {
    return this.#actors;
  }

  start(target: string, input: Json, { files, webhook, ...extra }: Extra = {}): void {
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
    this.#command = { type: "create", origin, input, ...(files ? { files } : {}), ...(webhook ? { webhook } : {}) };
    this.#call();
  }

  /** The caller's request, which is repeated until it is answered; then it is on disk. */
  #call(): void {
    if (!this.#command) return;
    if (this.refusal(ROOT)) return void this.#plan(ROOT, { delayMs: 60_000, run: () => this.#call(), isEngine: false });
    const command = this.#command;
    const lazily = this.#options.lazily ?? false;
    if (!this.try(() => (lazily ? this.actor(ROOT).start(command) : this.actor(ROOT).accept(command)))) return;
    const told = () => {
      this.root.flushed(this.root.mark);
      this.#command = undefined;
    };
    const answer = () => {
      const written = this.actor(ROOT).flush();
      if (written === undefined) told();
      else written.then(told, () => {});
    };
    this.#network.put({ label: "answer to the caller", owner: ROOT, run: answer });
  }

  /** New code: every process is replaced, and functions may have come and gone. */
  deploy(version = this.version): void {
    this.#code.replace(this.#deployed(version));
    this.evict();
  }

  /** New code beside the old for five minutes: some processes are replaced at once, and each new one runs one of the two. */
  rollOut(version: number): void {
    this.#code.rollOut(this.#deployed(version));
    this.evict([...this.stores.keys()].filter(() => this.#draw() < 0.5));
    const run = () => this.evict(this.#code.endRollOut());
    this.clock.plan(SIDE_BY_SIDE_MS, { owner: "the platform", alive: () => true, run, isEngine: false });
  }

  #deployed(version: number) {
    this.deployments += 1;
    const deployment = `deployment ${this.deployments}`;
    this.deployment = deployment;
    this.version = version;
    this.trace.push(`DEPLOYED version ${version}: ${deployment}`);
    return { deployment, agents: this.#options.agents(this) };
  }

  dispatch(id: string, command: Told): void {
    if (this.refusal(id)) return;
    // A signal's caller hears nothing before the commit; who heard nothing asks again.
    this.try(() => {
      const actor = this.actor(id);
      const first = (actor.state?.seq ?? 0) + 1;
      const alive = this.#network.lifeOf(id);
      return actor
        .dispatch(command, "person")
        .then((decided) => void (alive() && this.#acknowledge(id, decided, first)));
    });
  }

  /** The answer leaves when what it tells is on disk. */
  #acknowledge(id: string, decided: Decided, first: number): void {
    const made = decided.ok ? decided.events : [];
    const run = () => void this.acknowledged.push(...made.map(({ type }, at) => ({ id, seq: first + at, type })));
    if (made.length > 0) this.#network.put({ label: `${id} says yes`, owner: id, mark: this.store(id).mark, run });
  }

  /** The code of an execution starts another one that names it as its parent. */
  join(parentId: string, joining: Joining): Promise<string | null> {
    return join(parentId, { parentId, joining, platform: this.#platformOf(parentId) });
  }

  /** False when the object was given up in the middle of it. */
  try(act: () => unknown): boolean {
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
      const pending = () => this.actor(ROOT).pendingAfterCancel();
      this.wrongs.push(...outOfTurn(this.stores, { id, label: request.label, root: ROOT, pending }));
      return this.#network.request(id, request);
    };
    return new Wire(this.outside, reach, (key) => this.underWay(key));
  }

  /** Hears each answer that a program gets: none while its execution is held (E6). */
  listener(id: string): () => void {
    const alive = this.#network.lifeOf(id);
    return () => {
      const state = this.#actors.get(id)?.state;
      if (alive() && state && standsStill(state))
        this.wrongs.push(`E6: the program of ${id} is answered: ${state.status}`);
    };
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
      this.clock.forget(id, "all");
      if (id === ROOT) this.#call();
    }
  }

  /** A new process, which for so long does nothing but refuse; by default because the key to its rows is missing. */
  refuse(id: string, forMs: number, refusal = refuse("encryption_key_missing", "this process lacks the key")): void {
    this.trace.push(`REFUSES ${id} for ${forMs}: ${refusal.code}`);
    this.#refusing.set(id, { untilMs: this.now + forMs, refusal });
    this.crash([id]);
  }

  refusal(id: string): Refusal | undefined {
    const refusing = this.#refusing.get(id);
    return refusing && refusing.untilMs > this.now ? refusing.refusal : undefined;
  }

  /** Somebody sets the clock on the wall; what the platform planned by it comes earlier or later. */
  stepClock(ms: number): void {
    this.trace.push(`CLOCK ${ms}`);
    this.clock.step(ms);
  }

  /** The platform loses the alarm of one of them. */
  loseAlarm(id: string): void {
    const atMs = this.store(id).loseAlarm();
    if (atMs === undefined) return;
    this.trace.push(`ALARM LOST ${id}`);
    this.#lost.set(id, Math.max(atMs, this.now) + SWEPT_AFTER_MS);
  }

  /** What the engine planned in the process of one of them is forgotten: its alarm is the net under that. */
  loseTimers(id: string): void {
    this.trace.push(`TIMERS LOST ${id}`);
    this.clock.forget(id, "the engine's");
    this.#forgetful.add(id);
  }

  /** Evicts politely: memory is gone, the disk has everything; who called hears an error. */
  evict(ids: readonly string[] = [...this.stores.keys()]): void {
    for (const id of ids) this.store(id).flushed(this.store(id).mark);
    this.crash(ids);
  }

  /** Newer code ran for a moment, wrote something of its own into the log of one of them, and was taken back. */
  rollBack(id: string): void {
    for (const store of this.stores.values()) store.flushed(store.mark);
    this.trace.push(`ROLLED BACK ${id}`);
    this.store(id).writtenByNewerCode();
    this.crash();
  }

  /** One thing happens: an operation, a person's act, or time moves. False when the world is still for good. */
  async tick(): Promise<boolean> {
    await this.quiet();
    this.wrongs.push(...unarmed(this.#watched));
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
    this.try(() => this.#network.run(operation));
    return true;
  }

  /** A timer of a program's own, or of the outside: nothing of the engine knows of it, and it dies with its process. */
  timer(id: string, delayMs: number): Promise<void> {
    return new Promise((run) => void this.#plan(id, { delayMs, run, isEngine: false }));
  }

  /** All programs have come to rest. */
  async quiet(): Promise<void> {
    do await new Promise((resolve) => setImmediate(resolve));
    while (this.#resting > 0);
  }

  #acts(): Act[] {
    return (this.#options.people ?? []).flatMap((person) => person(this)).filter(({ to }) => !this.refusal(to));
  }

  /** The sweeper has not come yet. */
  hasLostAlarm(id: string): boolean {
    return this.#lost.has(id);
  }

  /** Its alarm's handler has not returned. */
  rings(id: string): boolean {
    return this.#refused.rings(id);
  }

  get #watched() {
    const { now, stores } = this;
    const isLost = (id: string) => this.hasLostAlarm(id) || this.rings(id);
    const isPutOff = (id: string) => this.clock.hasPlans(id) || this.#forgetful.has(id);
    const latestHeartbeatMs = this.clock.latestMs + this.#timing.heartbeatMs;
    return { now, stores, actors: this.#actors, loadedAt: this.#loadedAt, isLost, isPutOff, latestHeartbeatMs };
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
    const alarm = this.clock.earliest([...this.stores].map(([id, { view }]) => [id, view.alarmAtMs]));
    const sweep = this.clock.earliest(this.#lost);
    const later = this.clock.next;
    const first = Math.min(later?.dueMs ?? Infinity, alarm?.dueMs ?? Infinity, sweep?.dueMs ?? Infinity);
    if (later && later.dueMs <= first) {
      this.clock.take(later);
      this.trace.push(`later of ${later.owner}`);
      if (later.alive()) this.try(later.run);
      return true;
    }
    if (sweep && sweep.dueMs <= first) return this.#sweep(sweep);
    if (!alarm) return this.#moveToKeys() || this.#expire();
    if (this.#network.operations.length === 0) this.wrongs.push(...overdue(this.#watched));
    this.clock.passTo(alarm.dueMs);
    this.trace.push(`alarm ${alarm.id} at ${this.now}`);
    if (this.refusal(alarm.id)) this.store(alarm.id).notOpened(this.now);
    else if (this.actor(alarm.id).journal.standsStill) this.#lookAgain(alarm.id);
    else {
      this.store(alarm.id).takeAlarm();
      this.#wake(alarm.id);
    }
    return true;
  }

  #lookAgain(id: string): void {
    this.#refused.lookAgain(id, this.store(id), this.now);
    this.#actors.delete(id);
    this.actor(id);
  }

  #expire(): boolean {
    const first = firstToExpire(this.stores, this.#timing.retentionMs);
    if (!first) return false;
    this.now = Math.max(this.now + 60_000, first.endsAtMs);
    this.trace.push(`the end of retention of ${first.id} at ${this.now}`);
    this.try(() => void this.actor(first.id).expire());
    return true;
  }

  #wake(id: string): void {
    this.try(() => this.#refused.ring(id, this.actor(id)));
  }

  /** The sweeper wakes what owes a wake, as if its alarm had gone off; what refuses is woken again the next time. */
  #sweep({ id, dueMs }: { readonly id: string; readonly dueMs: number }): true {
    this.clock.passTo(dueMs);
    this.trace.push(`poke ${id} at ${this.now}`);
    const store = this.store(id);
    const refuses = this.refusal(id) !== undefined;
    if (!refuses && store.view.alarmAtMs === undefined) this.#wake(id);
    // Until its disk has another alarm: a crash could lose the one that its object has set.
    if (refuses || store.owesWake || store.dirty) this.#lost.set(id, this.now + SWEPT_AFTER_MS);
    else this.#lost.delete(id);
    return true;
  }

  /** Nothing is planned: then people come back when those who refused have their keys again. */
  #moveToKeys(): boolean {
    const until = Math.max(...[...this.#refusing.values()].map(({ untilMs }) => untilMs), 0);
    if (until <= this.now) return false;
    this.now = until;
    return true;
  }

  #world(id: string, alive: () => boolean): World {
    const ask = <T>(request: { readonly label: string; readonly work: () => T }): Promise<T> =>
      alive() ? this.#network.request(id, request) : NEVER;
    const platform = this.#platformOf(id);
    const deployment = this.#code.deploymentOf(id, this.deployment);
    return {
      ...this.#refused.worldOf(id, this.store(id), alive),
      ...(this.#options.loses === "the context" ? {} : { scope: SCOPE }),
      now: () => this.now,
      random: () => this.#draw(),
      newId: (prefix) => `${prefix}_x${++this.#ids}`,
      newExecutionId: () => `exec_x${++this.#ids}`,
      digest: (text) => {
        this.digested += text.length;
        return digestOf(text);
      },
      ...(deployment === undefined ? {} : { deployment }),
      drainMicrotasks: () => this.#rest(),
      later: (delayMs, run) => {
        if (!alive()) return () => {};
        // A fresh turn waits for no clock: it is one more thing that may happen next.
        if (delayMs === 0) this.#network.put({ label: `turn of ${id}`, owner: id, run });
        return delayMs === 0 ? () => {} : this.#plan(id, { delayMs, run, isEngine: true });
      },
      ...{ find: platform.find, builtIns: undefined },
      readFile: (key) => ask({ label: `read ${key}`, work: () => this.files.get(key) }),
      writeFile: (key, bytes) => {
        const work = () => void this.files.set(key, bytes);
        return ask({ label: `write ${key}`, work });
      },
      deliver: (message) => (alive() ? deliver(message, receiversOf(id, platform)) : NEVER),
      post: (post) => ask(arrival(post, this.webhookHost, this.#draw)),
      claimApproval: (origin, approval) => {
        const work = () => this.claims.take(origin, approval, this.now);
        return ask({ label: `claim ${approval}`, work });
      },
      hasEnded: async (_origin, other) => hasEnded(this.stores.get(other)),
      requestBudget: (draw) => {
        const call = { label: `draw of ${id}`, to: draw.parentId, receive: () => lent(draw, platform) };
        return alive() ? this.#network.call(id, call) : NEVER;
      },
      offers: ({ restartedFrom: source }, page) => {
        if (!alive() || !source) return NEVER;
        const query = { reuse: source.reuse, inputChanged: source.inputChanged, from: source.from, ...page };
        const receive = () => this.refusal(source.id) ?? accept(this.actor(source.id).offers.page(query));
        return this.#network.call(id, { label: `offers to ${id}`, to: source.id, receive });
      },
      ...{ ...(this.#options.memory && { memory: this.#options.memory }), model: this.#model(id) },
      nodes: this.nodes.port(id, alive, (request) => this.#network.request(id, request)),
      services: { ...this.#options.services, outside: () => this.wire(id) },
      log: (level, message, fields) => {
        if (level === "error" && alive()) this.wrongs.push(`${id}: ${message}: ${fields.stack}`);
      },
    };
  }

  #plan(owner: string, { delayMs, ...rest }: { delayMs: number; run: () => void; isEngine: boolean }) {
    return this.clock.plan(delayMs, { ...rest, owner, alive: this.#network.lifeOf(owner) });
  }

  async #rest(): Promise<void> {
    this.#resting += 1;
    await new Promise((resolve) => setImmediate(resolve));
    this.#resting -= 1;
  }

  #model(id: string): ModelPort {
    const send = (label: string, work: () => TurnReply) => this.#network.request(id, { label, work });
    if (this.#provider) return providedModel(id, this.#provider, send);
    return scriptedModel(this.#options.script, this.paid, send);
  }
}
