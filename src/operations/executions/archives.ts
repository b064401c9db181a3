/**
 * Logs of executions that are kept no longer. An archive is checked from end to end before the first event is handed out:
 * so a reader gets all of what was written, or a refusal that says what is wrong with it.
 */
import type { NextHead } from "../../domain/execution/chain.ts";
import type { Event } from "../../domain/execution/event.ts";
import type { Principal } from "../../domain/execution/principal.ts";
import { ArchiveDamaged, archivedEvents } from "../../domain/read-models/archive.ts";
import type { Refusal, Result } from "../../domain/values/fault.ts";
import { accept, refuse } from "../../domain/values/fault.ts";
import type { ExecutionClient, TextStore } from "../ports.ts";

interface ArchiveParts {
  readonly client: Pick<ExecutionClient, "archive">;
  readonly store: Pick<TextStore, "readText">;
  /** Makes the heads of an execution's chain. */
  readonly chainOf: (tenant: string, executionId: string) => NextHead;
  readonly digest: (text: string) => string;
  /** What a fault of the store says to a reader; `undefined` when it is no fault of the archive's. */
  readonly refusalOf: (error: unknown) => Refusal | undefined;
}

export class Archives {
  readonly #parts: ArchiveParts;

  constructor(parts: ArchiveParts) {
    this.#parts = parts;
  }

  /** The events, read anew each time; rejects when the store cannot be reached. */
  async read(caller: Principal, executionId: string): Promise<Result<() => AsyncGenerator<Event>>> {
    const place = await this.#parts.client.archive(caller, executionId);
    if (!place.ok) return place;
    const { key, head } = place.value;
    const { tenant } = caller;
    const check = { tenant, id: executionId, head, digest: this.#parts.digest };
    const events = async function* events(this: Archives): AsyncGenerator<Event> {
      const pieces = await this.#parts.store.readText(key);
      if (!pieces) throw new ArchiveMissing();
      yield* archivedEvents(pieces, { ...check, next: this.#parts.chainOf(tenant, executionId) });
    }.bind(this);
    const wrong = await this.#looked(events(), key);
    return wrong ?? accept(events);
  }

  /** What is wrong with it; nothing when all of it is as it was written. */
  async #looked(events: AsyncGenerator<Event>, key: string): Promise<Refusal | undefined> {
    try {
      for await (const _event of events);
      return undefined;
    } catch (error) {
      if (error instanceof ArchiveMissing)
        return refuse("gone", `the archive ${key} of this execution was removed from the file store`);
      if (error instanceof ArchiveDamaged)
        return refuse("archive_damaged", `the archive ${key} is not what was written: ${error.message}`);
      const refusal = this.#parts.refusalOf(error);
      if (!refusal) throw error;
      return refusal;
    }
  }
}

class ArchiveMissing extends Error {}
