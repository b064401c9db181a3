/**
 * What a limiter keeps of its queue beside its slots, without a platform: tenant, name and rule.
 *
 * - What an operator set goes before what a definition says.
 * - Of definitions the youngest start speaks: an execution that was started before a deployment, and goes on after it, says
 *   the limit of its own time, which counts no longer.
 * - It alone writes to the index of its queue, one write after the other, each with what is so then: of two changes at once
 *   the index has both.
 */
import type { QueueChange } from "../../domain/intake/queue-change.ts";
import { changedRule } from "../../domain/intake/queue-change.ts";
import type { QueueRule } from "../../domain/intake/slot-book.ts";
import type { SlotMessage } from "../../domain/intake/slot-message.ts";

/** The tenant and the name of a queue: together they name its limiter. */
export interface QueueName {
  readonly tenant: string;
  readonly queue: string;
}

export interface KeptQueue {
  readonly whose: QueueName;
  /** As the definition said when the start of `declaredAtMs` was accepted. */
  readonly declared?: number | undefined;
  readonly declaredAtMs?: number;
  /** As an operator set it. */
  readonly set?: QueueRule | undefined;
  readonly registered?: boolean;
}

export interface QueueKeeperParts {
  readonly read: () => KeptQueue | undefined;
  readonly write: (kept: KeptQueue) => void;
  /** Removes all that the limiter has stored, slots too. */
  readonly erase: () => Promise<void>;
  readonly index: QueueIndex;
}

/** The queue in the index. Each resolves when it is written there. */
export interface QueueIndex {
  /** Lists the queue. */
  readonly register: (whose: QueueName) => Promise<void>;
  /** Takes the queue off the list. */
  readonly remove: (whose: QueueName) => Promise<void>;
  /** What an operator set; nothing: the definition's word counts again. */
  readonly set: (whose: QueueName, rule: QueueRule | undefined) => Promise<void>;
}

export class QueueKeeper {
  readonly #parts: QueueKeeperParts;
  #known: KeptQueue | undefined;
  #written: Promise<void> = Promise.resolve();

  constructor(parts: QueueKeeperParts) {
    this.#parts = parts;
  }

  /** Nothing before an execution, or an operator, has named the queue. */
  get kept(): KeptQueue | undefined {
    this.#known ??= this.#parts.read();
    return this.#known;
  }

  get whose(): QueueName {
    if (!this.kept) throw new Error("no execution has named this queue yet");
    return this.kept.whose;
  }

  get rule(): QueueRule {
    const { set, declared } = this.kept ?? {};
    return { limit: set?.limit ?? declared, paused: set?.paused };
  }

  /** What an execution says of the limit. */
  hear(message: SlotMessage): void {
    if (message.verb !== "ask") return;
    const { tenant, queue, sinceMs } = message;
    const { kept } = this;
    if (!kept) this.#keep({ whose: { tenant, queue: queue.name }, declared: queue.limit, declaredAtMs: sinceMs });
    else if (sinceMs >= (kept.declaredAtMs ?? Number.NEGATIVE_INFINITY)) {
      const next = { ...kept, declared: queue.limit, declaredAtMs: sinceMs };
      // Written where the limit is another: who said the same before is of no use after a death.
      if (kept.declared === queue.limit) this.#known = next;
      else this.#keep(next);
    }
  }

  /** An operator's word; it counts from here on. */
  change(whose: QueueName, change: QueueChange): void {
    this.#keep({ ...this.kept, whose, set: changedRule(this.kept?.set, change) });
  }

  /** Resolves when the index says what an operator has set. */
  publish(): Promise<void> {
    return this.#inTurn(({ whose, set }) => this.#parts.index.set(whose, set));
  }

  /** Resolves when the index lists it. */
  register(): Promise<void> {
    return this.#inTurn(async ({ whose, registered }) => {
      if (registered) return;
      await this.#parts.index.register(whose);
      this.#keep({ ...this.kept, whose, registered: true });
    });
  }

  /** Resolves when the index lists it no more and nothing is stored of it; what is asked for meanwhile keeps it. */
  forget(isIdle: () => boolean): Promise<void> {
    return this.#inTurn(async ({ whose }) => {
      if (!isIdle()) return;
      this.#keep({ ...this.kept, whose, registered: false });
      await this.#parts.index.remove(whose);
      if (!isIdle()) return;
      this.#known = undefined;
      await this.#parts.erase();
    });
  }

  #inTurn(write: (kept: KeptQueue) => Promise<void>): Promise<void> {
    const written = this.#written.then(async () => {
      if (this.kept) await write(this.kept);
    });
    this.#written = written.catch(() => {});
    return written;
  }

  #keep(kept: KeptQueue): void {
    this.#parts.write(kept);
    this.#known = kept;
  }
}
