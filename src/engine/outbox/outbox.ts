/**
 * What an execution owes others, each message until its receiver has it, or refuses it for good. Sent after the commit that
 * made it; a receiver may get it twice and must not mind. What each message does is in `deliver.ts`.
 *
 * What goes to an address that a caller named has a lane of its own, a bounded number of tries, and a line in the log for each
 * (`posting.ts`): no message to an execution or to the index waits for it.
 */
import type { GrantSlot } from "../../domain/execution/command.ts";
import { PARENT_ENDED } from "../../domain/execution/command.ts";
import type { OutboxEntry } from "../../domain/execution/outbox-entry.ts";
import { isTerminal } from "../../domain/execution/status.ts";
import type { Refusal } from "../../domain/values/fault.ts";
import type { Journal } from "../journal/journal.ts";
import { awaitsResume } from "../journal/next-wake.ts";
import type { OutboxMessage } from "../message.ts";
import type { Answer, OutboxRow, World } from "../ports.ts";
import { dispatchSettled } from "../work/settle-work.ts";
import { afterRefusal, isForNow } from "./deliver.ts";
import { Handovers } from "./handovers.ts";
import { Lane } from "./lane.ts";
import { messageOf } from "./outbox-message.ts";
import { isPost, isToOutside, MOST_POSTS_AT_ONCE, posted } from "./posting.ts";

/** A state that is about to change again is not worth a row of the index: one that has not ended waits this long. */
const CALM_MS = 50;
/** Messages under way at once: a platform takes only so many open connections of one object. */
const MOST_AT_ONCE = 50;
/** A call that is not answered by then was lost: the message is sent again. */
const LOST_AFTER_MS = 30_000;
/** A parent whose program waits for this end is not kept waiting longer for tries that do not stop. */
const TRIES_STOP_WITHIN_MS = 30_000;

interface OutboxOptions {
  /** Called when a refusal became an event of our own log. */
  readonly onNews: () => void;
  /** Whether tries of this execution still run in this process. */
  readonly triesRun: () => boolean;
  /** Called when the index has a row, with the wake that it was told of. */
  readonly onIndexed: (owedWakeAtMs: number | undefined) => void;
}
const NOTHING_ELSE: OutboxOptions = { onNews: () => {}, triesRun: () => false, onIndexed: () => {} };

export class Outbox {
  readonly #journal: Journal;
  readonly #world: World;
  readonly #options: OutboxOptions;
  readonly #handovers: Handovers;
  readonly #calls = new Lane(MOST_AT_ONCE);
  readonly #posts = new Lane(MOST_POSTS_AT_ONCE);
  /** Messages that wait for tries to end. */
  readonly #held = new Set<string>();
  /** From a change that the registry is to hear of, until it is sent what has become of it. */
  #calm: "nothing to tell" | "waiting" | "over" = "nothing to tell";

  constructor(journal: Journal, world: World, options = NOTHING_ELSE) {
    this.#journal = journal;
    this.#world = world;
    this.#options = options;
    this.#handovers = new Handovers(journal, world, () => options.onNews());
  }

  /**
   * Sends what is due, and what was never tried; of both only what is committed. Resolves when all of it was tried, but for
   * what goes to addresses of callers. Never rejects.
   */
  async deliver(): Promise<void> {
    this.#handovers.sendCommitted();
    const now = this.#world.now();
    for (const lane of [this.#calls, this.#posts]) lane.giveUp(LOST_AFTER_MS, now);
    for (const [id, row] of this.#journal.outbox) {
      const lane = this.#laneOf(row);
      if (lane.sending.has(id) || !this.#journal.isCommitted(id)) continue;
      if (awaitsResume(row, this.#journal.state) || this.#awaitsTries(id, row)) continue;
      const wasHeld = this.#held.delete(id);
      const wanted = wasHeld || row.nextAtMs <= now || (row.attempts === 0 && !this.#mayChange(row));
      if (wanted) lane.queue.add(id);
    }
    this.#fill(this.#posts);
    this.#fill(this.#calls);
    await this.#calls.isEmpty();
  }

  /** Looks for the receivers of what is asked and not written yet; `undefined` where there is nothing to wait for. */
  readonly ahead = (): Promise<unknown> | undefined => this.#handovers.ahead();

  #laneOf({ message }: OutboxRow): Lane {
    return isPost(message) ? this.#posts : this.#calls;
  }

  /** As many at once as may be; the others as these come back. */
  #fill(lane: Lane): void {
    const send = (id: string) => {
      const row = this.#journal.outbox.get(id);
      return row && this.#send(id, row).catch((error: unknown) => this.#unwritten(id, error));
    };
    lane.fill(send, this.#world.now());
  }

  /**
   * An end is told when nothing of it runs any more: a cancel of the parent is quiesced only then (P3). A parent that ended
   * us waits for nothing else; any other one only for so long.
   */
  #awaitsTries(id: string, row: OutboxRow): boolean {
    const { committed } = this.#journal;
    const { message } = row;
    const tellsEnd = message.to === "parent" && message.verb === "finished";
    // A slot that is given back early would let another execution begin beside a try that has not ended.
    if ((!tellsEnd && !this.#givesBack(message)) || !committed) return false;
    const now = this.#world.now();
    const isPatient = committed.reason?.startsWith(PARENT_ENDED) === true;
    const isOver = !isPatient && now >= (committed.finishedAtMs ?? now) + TRIES_STOP_WITHIN_MS;
    if (isOver || !this.#options.triesRun()) return false;
    this.#held.add(id);
    if (row.nextAtMs <= now) this.#journal.postpone(id, row);
    return true;
  }

  #givesBack(message: OutboxEntry): boolean {
    const { committed } = this.#journal;
    return message.to === "limiter" && committed?.slot?.off === true;
  }

  #mayChange(row: OutboxRow): boolean {
    const { committed } = this.#journal;
    if (row.message.to !== "registry" || !committed || isTerminal(committed.status)) return false;
    if (this.#calm === "over") {
      this.#calm = "nothing to tell";
      return false;
    }
    if (this.#calm === "nothing to tell")
      this.#world.later(CALM_MS, () => {
        this.#calm = "over";
        void this.deliver();
      });
    this.#calm = "waiting";
    return true;
  }

  /** The message may have arrived, and the log does not say so: the process that opens this log next sends it again. */
  #unwritten(id: string, error: unknown): void {
    this.#world.log("error", "what came of a message could not be written", { id, error: String(error) });
  }

  async #send(id: string, row: OutboxRow): Promise<void> {
    try {
      const { message: entry } = row;
      if (entry.to === "node") return await this.#handovers.deliver(id, row, entry);
      const message = messageOf(this.#journal, entry);
      // Also for one that is not needed any more: its place among those under way is taken after this call returns.
      if (message && isToOutside(message))
        return posted(this.#journal, { id, row, message, what: await this.#world.post(message) });
      await this.#answered(id, row, { message, answer: await (message && this.#world.deliver(message)) });
    } catch (error) {
      this.#world.log("warn", "a message could not be delivered", { id, attempts: row.attempts, error: String(error) });
      this.#journal.postpone(id, row);
    } finally {
      const lane = this.#laneOf(row);
      lane.isBack(id);
      this.#fill(lane);
    }
    // A newer message under the same id came while this one was under way.
    const next = this.#journal.outbox.get(id);
    if (next && next !== row) await this.deliver();
  }

  async #answered(
    id: string,
    row: OutboxRow,
    { message, answer }: { readonly message: OutboxMessage | undefined; readonly answer: Answer },
  ): Promise<void> {
    if (answer && "type" in answer) return await this.#granted(id, row, answer);
    if (answer) return this.#refused(id, row, answer);
    this.#journal.acknowledge(id, row);
    if (message?.to === "registry") this.#options.onIndexed(message.owedWakeAtMs);
  }

  /** The receiver's answer is a command to us. What came too late is refused, and the receiver hears of that elsewhere. */
  async #granted(id: string, row: OutboxRow, answer: GrantSlot): Promise<void> {
    this.#journal.dispatch(answer, "system");
    this.#journal.acknowledge(id, row);
    // On disk before its program goes on: a death of the program has to count (E7).
    await this.#journal.flush();
    await this.#journal.sync();
    this.#options.onNews();
  }

  /** For now: it stays, and is sent again later. For good: it goes, and our own log says what follows from that. */
  #refused(id: string, row: OutboxRow, refusal: Refusal): void {
    const { code, detail } = refusal;
    this.#world.log("warn", "a message was refused", { id, attempts: row.attempts, code, detail });
    if (isForNow(code)) return this.#journal.postpone(id, row);
    const follows = afterRefusal(row.message, refusal);
    if (follows) dispatchSettled(this.#journal, follows, "system");
    this.#journal.acknowledge(id, row);
    if (!follows) return;
    void this.#journal.flush();
    this.#options.onNews();
  }
}
