/**
 * What a limiter keeps of its queue beside its slots: whose it is, and its rule, without a platform.
 *
 * - What an operator set goes before what a definition says.
 * - Of definitions the youngest start speaks: an execution that was started before a deployment, and goes on after it, says
 *   the limit of its own time, which counts no longer.
 */
import type { QueueRule } from "../../domain/intake/slot-book.ts";
import type { SlotMessage } from "../../domain/intake/slot-message.ts";

/** Whose limiter this is. */
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
}

export class QueueKeeper {
  readonly #parts: QueueKeeperParts;
  #known: KeptQueue | undefined;

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
    if (!kept) this.keep({ whose: { tenant, queue: queue.name }, declared: queue.limit, declaredAtMs: sinceMs });
    else if (sinceMs >= (kept.declaredAtMs ?? Number.NEGATIVE_INFINITY)) {
      const next = { ...kept, declared: queue.limit, declaredAtMs: sinceMs };
      // Written where the limit is another: who said the same before is of no use after a death.
      if (kept.declared === queue.limit) this.#known = next;
      else this.keep(next);
    }
  }

  keep(kept: KeptQueue): void {
    this.#parts.write(kept);
    this.#known = kept;
  }
}
