import type { ArchivePlace } from "../../domain/read-models/tombstone.ts";
import { retentionEndsAtMs } from "../../domain/read-models/tombstone.ts";
import type { Timing, World } from "../ports.ts";
import { traceOf } from "../trace.ts";
import type { Journal } from "./journal.ts";

/** An archive that took a log not is asked again after this long. */
const ARCHIVED_AGAIN_MS = 3_600_000;

/**
 * The end of an execution's retention: its log goes, and where there is an archive, into it first. The sweeper finds in the
 * index whose time has come.
 */
export class LogRemoval {
  readonly #journal: Journal;
  readonly #world: World;
  /** The deployment's word, until the sweeper says the tenant's. */
  #retentionMs: number;
  #archiving: Promise<void> | undefined;
  #notBeforeMs = 0;

  constructor(journal: Journal, world: World, { retentionMs }: Timing) {
    this.#journal = journal;
    this.#world = world;
    this.#retentionMs = retentionMs;
  }

  /** Resolves when it is removed, or when that failed: then a later call tries again. Never rejects. */
  async removeWhenDue(retentionMs = this.#retentionMs): Promise<void> {
    this.#retentionMs = retentionMs;
    const { archive } = this.#world;
    if (!this.#isDue() || this.#world.now() < this.#notBeforeMs) return;
    if (!archive) return void this.#remove({});
    this.#archiving ??= this.#archive(archive)
      .catch((error: unknown) => {
        this.#notBeforeMs = this.#world.now() + ARCHIVED_AGAIN_MS;
        this.#world.log("error", "a log could not be archived", { stack: traceOf(error) });
      })
      .finally(() => {
        this.#archiving = undefined;
      });
    await this.#archiving;
  }

  /** Its time has come, and nothing holds it up: no message, no timer, nothing that is not on disk. */
  #isDue(): boolean {
    const { state, isIdle } = this.#journal;
    const endsAtMs = state && retentionEndsAtMs(state, this.#retentionMs);
    return isIdle && endsAtMs !== undefined && endsAtMs <= this.#world.now();
  }

  async #archive(archive: NonNullable<World["archive"]>): Promise<void> {
    const { state, chain } = this.#journal;
    if (!state || !chain) return;
    // A note may come meanwhile: it is in no archive yet, so all of it is put there again later.
    const isSame = () => this.#journal.state?.seq === state.seq;
    const place = await archive({ state, chain }).catch((error: unknown) => {
      if (isSame()) throw error;
      return undefined;
    });
    if (place && isSame() && this.#isDue()) this.#remove({ archive: place });
  }

  #remove(where: { readonly archive?: ArchivePlace }): void {
    this.#journal.dispatch({ type: "archive_log", retentionMs: this.#retentionMs, ...where }, "system");
    void this.#journal.flush();
  }
}
