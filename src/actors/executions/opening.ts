/**
 * The execution of one object, in memory: read from its rows once, and given up when its storage takes no commits.
 *
 * - What cannot be opened (a key is missing, the rows were changed) is an answer and not a crash.
 * - An object that is given up ends with all who wait in it; the next call makes a new one, which reads the disk. How often
 *   that happened in a row is counted here, beside the objects: one that cannot write cannot count.
 */
import type { Result } from "../../domain/values/fault.ts";
import { accept, GIVEN_UP } from "../../domain/values/fault.ts";
import { DurableExecution } from "../../engine/execution/durable-execution.ts";
import { Growths } from "../../engine/growths.ts";
import { endOnTrouble, troubleOf } from "../../engine/journal/storage-trouble.ts";
import type { Timing, World } from "../../engine/ports.ts";
import type { Vault } from "../../vault/vault.ts";
import type { PlatformWorld } from "../platform/world.ts";
import { opened } from "../storage/opened.ts";
import { GivenUps } from "./given-up.ts";
import { SqliteStore } from "./journal.ts";
import type { LiveFeed } from "./live-feed.ts";
import type { ProgramWatch } from "./watched-programs.ts";
import { watched } from "./watched-programs.ts";
import { WorkLines } from "./work-lines.ts";

export interface OpeningParts {
  readonly ctx: DurableObjectState;
  readonly feed: LiveFeed;
  readonly vault: () => Result<Vault>;
  readonly world: (executionId: string) => PlatformWorld;
  readonly timing: () => Timing;
  readonly watch: () => ProgramWatch;
  /** Most bytes that the execution may store. */
  readonly mostBytes: () => number;
}

/** One for all objects of this process. */
const COUNTS = new GivenUps();
const GROWTHS = new Growths();

export class Opening {
  readonly #parts: OpeningParts;
  #opened: DurableExecution | undefined;
  #opening: Promise<Result<DurableExecution>> | undefined;

  constructor(parts: OpeningParts) {
    this.#parts = parts;
  }

  /** `executionId` is known from outside only before the first write. */
  async open(executionId?: string): Promise<Result<DurableExecution>> {
    // One that stands still is read anew once it may try to end again.
    if (this.#opened?.journal.standsStill && troubleOf(this.#trouble) !== "stand still") this.#opened = undefined;
    if (this.#opened) return accept(this.#opened);
    this.#opening ??= this.#load(executionId).finally(() => {
      this.#opening = undefined;
    });
    return this.#opening;
  }

  /** For the log. */
  get names(): { readonly execution_id?: string; readonly run_id?: string } {
    const origin = this.#opened?.state?.origin;
    return origin ? { execution_id: origin.id, run_id: origin.runId } : {};
  }

  get #trouble(): { readonly givenUp: number } {
    return { givenUp: COUNTS.countOf(this.#parts.ctx.id.toString()) };
  }

  async #load(executionId?: string): Promise<Result<DurableExecution>> {
    const { ctx, vault, feed, timing, mostBytes } = this.#parts;
    const found = vault();
    if (!found.ok) return found;
    const store = new SqliteStore(ctx.storage, found.value.sealerOf(ctx.id.toString()), mostBytes());
    if (!store.isNew) store.alarmAtMs = (await ctx.storage.getAlarm()) ?? undefined;
    const loaded = opened(() => store.load());
    if (!loaded.ok) return loaded;
    const { state } = loaded.value;
    const world = this.#world(state?.origin.id ?? executionId ?? "", state === undefined ? 0 : this.#trouble.givenUp);
    const execution = new DurableExecution(store, world, timing());
    const lines = new WorkLines(state?.status);
    execution.onCommit((events, after) => {
      COUNTS.clear(ctx.id.toString());
      feed.publish(events, after);
      for (const { level, message } of lines.of(events, after)) world.log(level, message, {});
    });
    this.#opened = execution;
    void endOnTrouble(execution.journal, world);
    return accept(execution);
  }

  #world(executionId: string, givenUp: number): World {
    const world = this.#parts.world(executionId);
    const log: World["log"] = (level, message, fields) => world.log(level, message, { ...this.names, ...fields });
    const onDelta: World["onDelta"] = (delta) => this.#parts.feed.delta(delta);
    const giveUp: World["giveUp"] = (error) => {
      log("error", "an object is given up", { error: String(error) });
      const { ctx } = this.#parts;
      COUNTS.note(ctx.id.toString());
      ctx.abort(`${GIVEN_UP}: ${String(error)}`);
    };
    const growth = GROWTHS.pageOf(this.#parts.ctx.id.toString(), world.now);
    const own = { ...world, log, onDelta, giveUp, givenUp, growth, forget: () => this.#forget() };
    return watched(own, this.#parts.watch(), () => this.#opened?.state?.origin);
  }

  /** The index has the tombstone: nothing remains here. */
  #forget(): void {
    this.#opened = undefined;
    const { ctx } = this.#parts;
    ctx.waitUntil(ctx.storage.deleteAlarm().then(() => ctx.storage.deleteAll()));
  }
}
