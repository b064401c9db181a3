/**
 * The kit for agents that poll under drawn faults: answers that are lost before or after the server has heard, refusals for now, and
 * processes that die at any request. Whatever comes, nothing is done twice in silence, nothing is lost, and each end is told once.
 */
import { describe, it } from "vitest";
import * as z from "zod";
import type { AgentStore, Outcome, PollingAgent } from "../../src/agent/index.ts";
import { createPollingAgent, memoryStore } from "../../src/agent/index.ts";
import { problem, ScriptedServer } from "../support/agent/scripted-server.ts";

const TASKS = 12;
const RUNS = 20;
const TIMING = { firstBackoffMs: 1, maxBackoffMs: 3, answerMs: 5_000 };

/** Mulberry32: the same seed, the same draws. */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** What an action does to the outside: `known` leaves a trace there that a check finds. */
type Kind = "idempotent" | "known" | "unknown";
const KINDS: readonly Kind[] = ["idempotent", "known", "unknown"];

class World {
  readonly server = new ScriptedServer();
  readonly store: AgentStore = { ...memoryStore(), isDurable: true };
  /** How often each task was done outside. */
  readonly done = new Map<string, number>();
  readonly #random: () => number;
  #agent: PollingAgent | undefined;
  deaths = 0;

  constructor(seed: number) {
    this.#random = dice(seed);
  }

  kindOf(taskId: string): Kind {
    return KINDS[Number(taskId.slice(5)) % KINDS.length] ?? "unknown";
  }

  /** A process; it dies at a drawn request, before or after the server has heard of it. */
  async begin(): Promise<void> {
    const random = this.#random;
    let isDead = false;
    const die = (): Promise<never> => {
      isDead = true;
      this.deaths += 1;
      void this.begin();
      return new Promise(() => {});
    };
    const mortal = this.deaths < 8;
    const fetch: typeof globalThis.fetch = async (input, init) => {
      const draw = random();
      if (isDead || (mortal && draw < 0.04)) return isDead ? new Promise(() => {}) : die();
      if (draw < 0.1) throw new TypeError("no network");
      if (draw < 0.13) return problem(429, "rate_limited");
      if (draw < 0.16) return problem(500, "internal_error");
      const answer = await this.server.fetch(input, init);
      if (isDead) return new Promise(() => {});
      if (draw < 0.22) throw new TypeError("connection reset");
      if (mortal && draw < 0.25) return die();
      return answer;
    };
    const touch = async (taskId: string): Promise<object> => {
      if (isDead) return new Promise(() => {});
      this.done.set(taskId, (this.done.get(taskId) ?? 0) + 1);
      if (mortal && random() < 0.1) return die();
      await Promise.resolve();
      return { done: taskId };
    };
    const input = z.object({});
    const check = async (taskId: string): Promise<Outcome> =>
      this.done.has(taskId) ? { happened: true, output: { done: taskId } } : { happened: false };
    this.#agent = createPollingAgent({
      ...{
        url: "http://errand.test",
        id: "agent",
        fetch,
        timing: TIMING,
        store: this.store,
        signals: false,
        concurrency: 3,
      },
      actions: {
        idempotent: { input, idempotent: true, run: async (_params, { taskId }) => touch(taskId) as Promise<never> },
        known: {
          input,
          run: async (_params, { taskId }) => touch(taskId) as Promise<never>,
          checkOutcome: async (_params, { taskId }) => check(taskId),
        },
        unknown: { input, run: async (_params, { taskId }) => touch(taskId) as Promise<never> },
      },
    });
    await this.#agent.start();
  }

  /** The ends that the server has, by task. */
  ends(): Map<string, string[]> {
    const ends = this.server.events.filter(({ event_id }) => event_id.endsWith(":end"));
    return Map.groupBy(ends, ({ task_id }) => task_id) as never;
  }

  stop(): Promise<void> {
    return this.#agent?.stop({ graceMs: 0 }) ?? Promise.resolve();
  }
}

describe("drawn faults and deaths", () => {
  it.concurrent.for(Array.from({ length: RUNS }, (_, seed) => seed + 1))(
    "leave nothing undone and nothing done twice: seed %i",
    async (seed, { expect }) => {
      const world = new World(seed);
      world.server.offersAgain = true;
      for (let n = 0; n < TASKS; n += 1) world.server.give({ task_id: `task_${n}`, action: world.kindOf(`task_${n}`) });
      void world.begin();
      await expect.poll(() => [world.ends().size, world.server.work.length], { interval: 5 }).toEqual([TASKS, 0]);
      await expect.poll(async () => await world.store.load(), { interval: 5 }).toEqual({});
      await world.stop();
      for (const [taskId, ends] of world.ends()) {
        expect([taskId, ends.length]).toEqual([taskId, 1]);
        const [end] = ends as unknown as { event_type: string; error_type?: string }[];
        const count = world.done.get(taskId) ?? 0;
        if (end?.event_type === "task_complete") expect([taskId, count > 0]).toEqual([taskId, true]);
        else expect([taskId, world.kindOf(taskId), end?.error_type]).toEqual([taskId, "unknown", "in_doubt"]);
        if (world.kindOf(taskId) !== "idempotent") expect([taskId, count <= 1]).toEqual([taskId, true]);
      }
    },
  );
});
