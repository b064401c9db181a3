/** The parts of one memory, made when it is first asked: what cannot be opened is an answer and not a crash. */
import type { Principal } from "../../domain/execution/principal.ts";
import type { ActorPlace } from "../../domain/memory/entry.ts";
import type { Result } from "../../domain/values/fault.ts";
import { accept, refuse } from "../../domain/values/fault.ts";
import type { Vault } from "../../vault/vault.ts";
import { opened } from "../storage/opened.ts";
import { MemoryEntries } from "./memory-entries.ts";
import { MemoryJournal } from "./memory-journal.ts";
import { MemoryVectors } from "./memory-vectors.ts";

export interface OpenMemory {
  readonly journal: MemoryJournal;
  readonly entries: MemoryEntries;
  readonly vectors: MemoryVectors;
}

export interface MemoryOpeningParts {
  readonly ctx: DurableObjectState;
  readonly vault: () => Result<Vault>;
  readonly mostBytes: () => number;
}

export class MemoryOpening {
  readonly #parts: MemoryOpeningParts;
  #opening: Promise<Result<OpenMemory>> | undefined;

  constructor(parts: MemoryOpeningParts) {
    this.#parts = parts;
  }

  /** For the alarm, which has no caller. */
  async open(): Promise<Result<OpenMemory>> {
    this.#opening ??= this.#load();
    const found = await this.#opening;
    // The keys may be in order the next time.
    if (!found.ok) this.#opening = undefined;
    return found;
  }

  /** The one check: whose memory it is was said when it was first written to. */
  async enter(caller: Principal, place: ActorPlace): Promise<Result<OpenMemory>> {
    if (caller.tenant !== place.tenant) return unknown();
    const found = await this.open();
    if (!found.ok) return found;
    const { place: known } = found.value.journal;
    return known === undefined || isSame(known, place) ? found : unknown();
  }

  async #load(): Promise<Result<OpenMemory>> {
    const { ctx, vault, mostBytes } = this.#parts;
    const found = vault();
    if (!found.ok) return found;
    const sealer = found.value.sealerOf(ctx.id.toString());
    const made = opened(() => new MemoryJournal(ctx.storage, sealer, mostBytes()), "this memory");
    if (!made.ok) return made;
    const journal = made.value;
    if (!journal.isNew) journal.alarmAtMs = (await ctx.storage.getAlarm()) ?? undefined;
    return accept({ journal, entries: new MemoryEntries(journal), vectors: new MemoryVectors(journal) });
  }
}

function isSame(a: ActorPlace, b: ActorPlace): boolean {
  return a.tenant === b.tenant && a.scope === b.scope && a.owner === b.owner && a.scopeId === b.scopeId;
}

function unknown() {
  return refuse("not_found", "there is no such memory");
}
