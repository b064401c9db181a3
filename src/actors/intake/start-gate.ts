/**
 * One gate a machine before objects are made: starts that wait in queues take turns by tenant, each when there is room for
 * one more live object. So a burst of one tenant is queued, and another tenant's next start does not wait for all of it.
 */
import { Queue } from "../../domain/execution/queue.ts";

export interface GateParts {
  /** Takes the room of one object, if there is one. */
  readonly enters: (executionId: string) => boolean;
  /** On a timer of the caller's own. */
  readonly pause: (ms: number) => Promise<void>;
}

/** Room comes when objects that rest leave the memory. */
const LOOK_AGAIN_MS = 100;

interface Waiting {
  readonly id: string;
  entered: boolean;
}

export class StartGate {
  readonly #parts: GateParts;
  /** By tenant; whose turn is next stands first. */
  readonly #waiting = new Map<string, Queue<Waiting>>();

  constructor(parts: GateParts) {
    this.#parts = parts;
  }

  /** Nothing when there is room now and no other start waits for it. */
  room(tenant: string, id: string): Promise<void> | undefined {
    if (this.#waiting.size === 0 && this.#parts.enters(id)) return undefined;
    const own = this.#waiting.get(tenant) ?? new Queue<Waiting>();
    const waiting: Waiting = { id, entered: false };
    own.add(waiting);
    this.#waiting.set(tenant, own);
    return this.#entered(waiting);
  }

  /** Each looks for all, on a timer of its own: one that dies, in another object of this isolate, holds none of them up. */
  async #entered(waiting: Waiting): Promise<void> {
    while (!waiting.entered) {
      await this.#parts.pause(LOOK_AGAIN_MS);
      if (!waiting.entered) this.#letIn();
    }
  }

  #letIn(): void {
    for (const [tenant, own] of this.#waiting) {
      const next = own.take();
      this.#waiting.delete(tenant);
      if (!next) continue;
      if (!this.#parts.enters(next.id)) return this.#putBack(tenant, own, next);
      next.entered = true;
      // Behind the others: a Map is walked in the order of insertion, and what is added meanwhile comes last.
      if (own.size > 0) this.#waiting.set(tenant, own);
    }
  }

  /** In front of the others of its tenant, whose turn it is still. */
  #putBack(tenant: string, own: Queue<Waiting>, next: Waiting): void {
    const again = new Queue<Waiting>();
    again.add(next);
    for (const waiting of own.takeMany(own.size)) again.add(waiting);
    const others = [...this.#waiting];
    this.#waiting.clear();
    this.#waiting.set(tenant, again);
    for (const [name, queue] of others) this.#waiting.set(name, queue);
  }
}
