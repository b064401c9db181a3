/** The way of a memory's changes to the feed of its tenant. */
import type { ForwardedChanges } from "../../domain/memory/entry.ts";
import type { Result } from "../../domain/values/fault.ts";
import { owedChanges } from "./memory-feed.ts";
import type { MemoryJournal } from "./memory-journal.ts";

interface Parts {
  /** Names this memory there. */
  readonly source: string;
  readonly forward: () => (tenant: string, forwarded: ForwardedChanges) => Promise<Result<number>>;
  readonly log: (entry: Readonly<Record<string, unknown>>) => void;
}

export class MemoryForwarding {
  readonly #parts: Parts;
  #under: Promise<void> | undefined;
  /** Tries since the last that went well. */
  failures = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** One at a time: the feed takes the changes of a memory in their order. */
  all(journal: MemoryJournal): Promise<void> {
    this.#under ??= this.#all(journal).finally(() => {
      this.#under = undefined;
    });
    return this.#under;
  }

  async #all(journal: MemoryJournal): Promise<void> {
    const { source, forward, log } = this.#parts;
    try {
      while (journal.owes && journal.place) {
        const changes = owedChanges(journal);
        const taken = await forward()(journal.place.tenant, { source, changes });
        if (!taken.ok) throw new Error(taken.detail);
        journal.fed = Math.max(journal.fed, changes.at(-1)?.seq ?? 0);
      }
      this.failures = 0;
    } catch (error) {
      // The alarm tries again.
      this.failures += 1;
      if (this.failures === 5)
        log({ level: "error", message: "a tenant's feed of memory takes nothing", error: String(error) });
    }
  }
}
