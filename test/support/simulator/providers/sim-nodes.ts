/**
 * Remote agents in the little platform: one receiver, which has processes one after the other. What it is handed may not reach
 * it, may be answered at once, or with a report later; its answer may be lost. It repeats its reports, and dies.
 */
import type { Origin } from "../../../../src/domain/execution/origin.ts";
import type { Handover, Sent } from "../../../../src/domain/node/handover.ts";
import { accept, refuse } from "../../../../src/domain/values/fault.ts";
import type { Json } from "../../../../src/domain/values/json.ts";
import type { NodePort, RemoteTarget } from "../../../../src/engine/node-port.ts";
import type { SimStore } from "../actors/sim-store.ts";
import { seeded } from "../random.ts";
import type { Outside } from "./outside.ts";

export interface Job {
  readonly id: string;
  readonly key: string;
  readonly attempt: number;
  readonly token: string;
  readonly name: string;
  readonly once: boolean;
  state: "works" | "done" | "dead";
  repeated: number;
  said: boolean;
}

interface NodesWorld {
  readonly seed: number;
  readonly outside: Outside;
  /** What must never be. */
  readonly wrongs: string[];
  store(id: string): SimStore;
}

type Request = <T>(request: { readonly label: string; readonly key?: string; readonly work: () => T }) => Promise<T>;

const MOST_LIVES = 3;

export class SimNodes {
  readonly #world: NodesWorld;
  readonly #draw: () => number;
  #life = 1;
  /** What each function of the agent `node` is; absent: there is no such agent. */
  offers: RemoteTarget | undefined;
  readonly jobs: Job[] = [];
  /** Execution and key of all that it was told to give up. */
  readonly cancelled = new Set<string>();

  constructor(world: NodesWorld) {
    this.#world = world;
    this.#draw = seeded(world.seed ^ 0x0de5);
  }

  get instance(): string {
    return `process ${this.#life}`;
  }
  get mayDie(): boolean {
    return this.#life < MOST_LIVES && this.jobs.some(({ state }) => state === "works");
  }

  /** A new process takes the place of this one, which does nothing more. */
  die(): void {
    this.#life += 1;
    for (const job of this.jobs) if (job.state === "works") job.state = "dead";
  }

  port(id: string, alive: () => boolean, request: Request): NodePort {
    const never = new Promise<never>(() => {});
    const asked = <T>(label: string, work: () => T) => (alive() ? request({ label, work }) : never);
    return {
      // What a child is called by there is a function of this deployment.
      find: async () => refuse("target_not_found", "no node has it"),
      locate: (origin) =>
        asked(`where is the node of ${id}`, () => {
          const draw = this.#draw();
          if (draw < 0.05) throw new Error("the registry does not answer");
          if (draw < 0.15) return refuse("unavailable", "the node is down");
          const { instance } = this;
          const send = (handover: Handover) =>
            asked(`hand over ${handover.key} of ${id}`, () => this.#arrive(origin, handover));
          return accept({ instance, send });
        }),
      cancel: (_origin, { key }) => asked(`cancel ${key} of ${id}`, () => void this.cancelled.add(`${id} ${key}`)),
    };
  }

  #arrive({ id }: Origin, { key, attempt, token, input }: Handover): Sent {
    const draw = this.#draw();
    if (draw < 0.2) return { how: "unreached", message: "connection refused" };
    this.#arrived(id, key, attempt);
    if (this.jobs.some((job) => job.token === token)) this.#world.wrongs.push(`P2: ${id} handed ${key} over twice`);
    const { name, once } = input as { name: string; once: boolean };
    const job: Job = { id, key, attempt, token, name, once, state: "works", repeated: 0, said: false };
    this.jobs.push(job);
    if (draw < 0.35) {
      this.do(job);
      const value = answerOf(job);
      return draw < 0.3 ? { how: "finished", outcome: { ok: true, value } } : { how: "unknown", message: "cut" };
    }
    return draw < 0.45 ? { how: "unknown", message: "the connection was cut" } : { how: "accepted" };
  }

  /** P2: a process that reads this log must know that it may have arrived. */
  #arrived(id: string, key: string, attempt: number): void {
    const { durable } = this.#world.store(id);
    const isSaid = durable.events.some(
      ({ type, data }) => type === "external.sending" && data.key === key && data.attempt === attempt,
    );
    if (!isSaid) this.#world.wrongs.push(`P2: ${id} handed ${key} over, and its disk does not say so`);
  }

  /** What it was handed is really done. */
  do(job: Job): void {
    job.state = "done";
    this.#world.outside.apply(job.name, `${job.id}:${job.key}`, { once: job.once });
  }
}

export const answerOf = ({ name }: Job): Json => `${name}!`;
