/**
 * What approvals and timers cost when an execution has many: processor time to open and to decide all of them, a flush with
 * nothing to write beside all of them, and the size of the state. `node test/measure/gates.ts [500 1500 5000]`
 *
 * Runs the engine on a store in memory, so that only its own work is counted.
 */
import * as z from "zod";
import { defineAgent } from "../../src/define/agent.ts";
import type { OpenApproval } from "../../src/domain/execution/approval.ts";
import type { Event } from "../../src/domain/execution/event.ts";
import { parseEvent } from "../../src/domain/execution/event-text.ts";
import type { TimerClass } from "../../src/domain/execution/hold.ts";
import { timerClassOf } from "../../src/domain/execution/hold.ts";
import { DurableExecution } from "../../src/engine/execution/durable-execution.ts";
import type { Commit, Store, StoredTimers, World } from "../../src/engine/ports.ts";
import { DEFAULT_TIMING } from "../../src/engine/ports.ts";
import { ORIGIN } from "../support/log.ts";
import { storedTimersIn } from "../support/stored-timers.ts";

/** Keeps texts and nothing else: what the engine asks of it is read off the last commit. */
class MemoryStore implements Store {
  readonly #texts: string[] = [];
  largestState = 0;
  commits = 0;

  load() {
    return { state: undefined, outbox: new Map(), alarmAtMs: undefined };
  }
  readonly #approvals = new Map<string, OpenApproval>();
  readonly #timers = new Map<string, number>();
  /** Set in the order of their instants, so the first one is the earliest: read as an index is. */
  readonly timers: StoredTimers = {
    ...storedTimersIn(() => this.#timers),
    behind: (timerClass, after) => behind(this.#timers, { timerClass, after }),
  };
  /** Read as SQLite reads them: one by its key, or the first ones. */
  readonly approvals = {
    get: (gateId: string) => this.#approvals.get(gateId),
    first: (limit: number) => {
      const found: OpenApproval[] = [];
      for (const gate of this.#approvals.values()) if (found.push(gate) >= limit) break;
      return limit > 0 ? found : [];
    },
  };
  *rows(after: number) {
    for (let seq = after; seq < this.#texts.length; seq += 1) {
      const text = this.#texts[seq] ?? "";
      yield { events: [parseEvent(JSON.parse(text)) as Event], size: text.length };
    }
  }
  commit({ events, state, putApprovals = new Map(), removeApprovals = [], setTimers, clearTimers }: Commit): void {
    for (const name of clearTimers) this.#timers.delete(name);
    for (const [name, atMs] of setTimers) this.#timers.set(name, atMs);
    for (const { text } of events) this.#texts.push(text);
    for (const gateId of removeApprovals) this.#approvals.delete(gateId);
    for (const [gateId, gate] of putApprovals) this.#approvals.set(gateId, gate);
    this.commits += 1;
    // What a snapshot would write; looked at now and then, because looking costs more than what is measured.
    if (this.commits % 200 === 1) this.largestState = Math.max(this.largestState, JSON.stringify(state).length);
  }
  sync(): Promise<void> {
    return Promise.resolve();
  }
}

function* behind(
  timers: ReadonlyMap<string, number>,
  { timerClass, after }: { readonly timerClass: TimerClass; readonly after: number },
) {
  for (const [name, atMs] of timers) if (atMs > after && timerClassOf(name) === timerClass) yield { name, atMs };
}

function worldOf(count: number): World {
  let ids = 0;
  const agent = defineAgent({ id: "a", description: "", version: "1" }).reasoner(
    "f",
    { input: z.unknown(), output: z.unknown() },
    async (_input, ctx) => {
      const items = Array.from({ length: count }, (_, item) => `i${item}`);
      const all = await ctx.all(
        items,
        (item) => item,
        async (item, inner) => (await inner.pause({ payload: item })).decision,
      );
      return all.length;
    },
  );
  const definition = agent.functions.get("f");
  const never = () => Promise.reject(new Error("not asked for here"));
  return {
    now: () => Date.now(),
    random: () => 0.5,
    newId: () => `gate_${++ids}`,
    newExecutionId: () => `exec_${++ids}`,
    digest: (text: string) => text.slice(0, 22),
    drainMicrotasks: () => new Promise((resolve) => setImmediate(resolve)),
    later: (delayMs: number, fn: () => void) => {
      const timer = setTimeout(fn, delayMs);
      return () => clearTimeout(timer);
    },
    find: () => definition && { definition, version: "1" },
    deliver: async () => undefined,
    claimApproval: never,
    requestBudget: never,
    offers: never,
    services: {},
    readFile: never,
    writeFile: never,
    log: (level: string, message: string, fields: unknown) => {
      if (level === "error") process.stderr.write(`${message} ${JSON.stringify(fields)}\n`);
    },
  } as unknown as World;
}

const cpuMs = async (work: () => Promise<void> | void) => {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
};

async function until(is: () => boolean): Promise<void> {
  while (!is()) await new Promise((resolve) => setImmediate(resolve));
}

async function measure(count: number) {
  const store = new MemoryStore();
  const execution = new DurableExecution(store, worldOf(count), DEFAULT_TIMING);
  const opening = await cpuMs(async () => {
    await execution.accept({ type: "create", origin: { ...ORIGIN, tenant: "t" }, input: null });
    await until(() => execution.state?.status === "waiting");
    await execution.deliver();
  });
  const stateBytes = JSON.stringify(execution.state).length;
  const idle = await cpuMs(() => {
    for (let times = 0; times < 1_000; times += 1) void execution.journal.flush();
  });
  const gateIds = Array.from({ length: count }, (_, at) => `gate_${at + 1}`);
  const deciding = await cpuMs(async () => {
    for (const gateId of gateIds) {
      await execution.dispatch({ type: "decide_gate", gateId, decision: "approved", by: "bob" }, "bob");
      await until(() => execution.state?.status !== "running" || execution.state.suspended !== undefined);
    }
    await until(() => execution.state?.status === "succeeded");
  });
  const round = (ms: number) => Math.round(ms);
  return { gates: count, openMs: round(opening), idleFlushesMs: round(idle), decideMs: round(deciding), stateBytes };
}

const sizes = process.argv.slice(2).map(Number);
for (const count of sizes.length > 0 ? sizes : [500, 1_500, 5_000])
  process.stdout.write(`${JSON.stringify(await measure(count))}\n`);
