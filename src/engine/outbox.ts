/**
 * What an execution owes others, each message until its receiver has it, or refuses it for good. Sent after the commit that
 * made it; a receiver may get it twice and must not mind. What each message does is in `deliver.ts`.
 */
import { approvalRecord } from "../domain/approval.ts";
import { isLimited, plus } from "../domain/budget.ts";
import type { Message } from "../domain/consequences.ts";
import type { EntryError } from "../domain/entry.ts";
import type { EventData, Origin } from "../domain/event.ts";
import type { Refusal } from "../domain/fault.ts";
import { unreachable } from "../domain/json.ts";
import type { ExecutionState } from "../domain/state.ts";
import { isTerminal } from "../domain/status.ts";
import { fileKeys } from "../domain/stored-file.ts";
import { resultKey } from "../domain/stored-result.ts";
import { afterRefusal, isForNow } from "./deliver.ts";
import type { Journal } from "./journal.ts";
import type { Letter, OutboxRow, World } from "./ports.ts";
import { successorLetter } from "./successor.ts";

/** A state that is about to change again is not worth a row of the index: one that has not ended waits this long. */
const CALM_MS = 50;

/** Messages under way at once: a platform takes only so many open connections of one object. */
const MOST_AT_ONCE = 50;

type ChildMessage = Extract<Message, { to: "child" }>;

export class Outbox {
  readonly #journal: Journal;
  readonly #world: World;
  readonly #onNews: () => void;
  readonly #sending = new Map<string, Promise<void>>();
  /** Ids of messages that are to be sent now, in their order, and found no room yet. */
  readonly #queue = new Set<string>();
  /** From a change that the registry is to hear of, until it is sent what has become of it. */
  #calm: "nothing to tell" | "waiting" | "over" = "nothing to tell";

  /** `onNews`: called when a refusal became an event of our own log. */
  constructor(journal: Journal, world: World, onNews: () => void = () => {}) {
    this.#journal = journal;
    this.#world = world;
    this.#onNews = onNews;
  }

  /** Sends what is due, and what was never tried; of both only what is committed. Never rejects. */
  async deliver(): Promise<void> {
    const now = this.#world.now();
    for (const [id, row] of this.#journal.outbox) {
      if (this.#sending.has(id) || !this.#journal.isCommitted(id)) continue;
      const wanted = row.nextAtMs <= now || (row.attempts === 0 && !this.#mayChange(row));
      if (wanted) this.#queue.add(id);
    }
    this.#fill();
    while (this.#queue.size > 0) await Promise.race(this.#sending.values());
    await Promise.all(this.#sending.values());
  }

  /** As many at once as may be; the others as these come back. */
  #fill(): void {
    for (const id of this.#queue) {
      if (this.#sending.size >= MOST_AT_ONCE) return;
      this.#queue.delete(id);
      const row = this.#journal.outbox.get(id);
      if (!row || this.#sending.has(id)) continue;
      const sent = this.#send(id, row).catch((error: unknown) => this.#unwritten(id, error));
      this.#sending.set(id, sent);
    }
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

  /** It may have arrived, and nothing says so: it is sent again by whoever opens this log next. */
  #unwritten(id: string, error: unknown): void {
    this.#world.log("error", "what came of a message could not be written", { id, error: String(error) });
  }

  async #send(id: string, row: OutboxRow): Promise<void> {
    try {
      const letter = this.#letter(row.message);
      const refusal = letter && (await this.#world.post(letter));
      if (refusal) this.#refused(id, row, refusal);
      else this.#journal.acknowledge(id, row);
    } catch (error) {
      this.#world.log("warn", "a message could not be delivered", { id, attempts: row.attempts, error: String(error) });
      this.#journal.postpone(id, row);
    } finally {
      this.#sending.delete(id);
      this.#fill();
    }
    // A newer message under the same id came while this one was under way.
    const next = this.#journal.outbox.get(id);
    if (next && next !== row) await this.deliver();
  }

  /** For now: it stays, and is sent again later. For good: it goes, and our own log says what follows from that. */
  #refused(id: string, row: OutboxRow, refusal: Refusal): void {
    const { code, detail } = refusal;
    this.#world.log("warn", "a message was refused", { id, attempts: row.attempts, code, detail });
    if (isForNow(code)) return this.#journal.postpone(id, row);
    const follows = afterRefusal(row.message, refusal);
    if (follows) this.#journal.dispatch(follows, "system");
    this.#journal.acknowledge(id, row);
    if (!follows) return;
    this.#journal.flush();
    this.#onNews();
  }

  /** What the message says, read from the log; `undefined` when nobody needs it any more. */
  #letter(message: Message): Letter | undefined {
    const state = this.#journal.committed;
    if (!state) return undefined;
    switch (message.to) {
      case "registry":
        return { to: "registry", state, alarmAtMs: this.#journal.alarmAtMs };
      case "approval":
        return this.#approval(state, message);
      case "child":
        return this.#toChild(state, message);
      case "parent": {
        const { origin, status } = state;
        const { parentId } = origin;
        if (parentId === undefined) return undefined;
        if (message.verb === "waiting") {
          const { to, verb, waiting, seq } = message;
          return { to, verb, origin, parentId, waiting, seq };
        }
        // What is still reserved at the end may have been paid already: it counts as spent (P4).
        const usage = plus(state.spent, state.reserved);
        return { to: "parent", verb: "finished", origin, parentId, status, outcome: this.#outcome(), usage };
      }
      case "files":
        return message.what === "result"
          ? { to: "files", verb: "remove", keys: [resultKey(state.origin)] }
          : this.#uploads(state);
      case "successor":
        return successorLetter(this.#journal, message.seq);
      default:
        return unreachable(message);
    }
  }

  #uploads({ origin }: ExecutionState): Letter | undefined {
    const created = this.#journal.event(1);
    const files = created?.type === "execution.created" ? created.data.files : undefined;
    if (!files) return undefined;
    return { to: "files", verb: "remove", keys: fileKeys(origin, files) };
  }

  #approval(state: ExecutionState, { openedSeq, seq }: Extract<Message, { to: "approval" }>): Letter | undefined {
    const opened = this.#journal.event(openedSeq);
    const last = this.#journal.event(seq);
    if (opened?.type !== "gate.opened" || !last) return undefined;
    return { to: "approval", record: approvalRecord(state, opened, last) };
  }

  #toChild(state: ExecutionState, { verb, childId, seq }: ChildMessage): Letter | undefined {
    const index = this.#journal.index();
    const entry = index.entries.get(index.keyOfChild.get(childId) ?? "");
    const event = this.#journal.event(verb === "start" ? seq : (entry?.startedSeq ?? 0));
    if (event?.type !== "child.started") return undefined;
    const child = { to: "child", childId, origin: childOrigin(state, event.data), input: event.data.input } as const;
    return verb === "start" ? { ...child, verb } : { ...child, verb, reason: `parent ${state.status}` };
  }

  #outcome(): Extract<Letter, { verb: "finished" }>["outcome"] {
    const state = this.#journal.committed;
    const event = state?.resultSeq === undefined ? undefined : this.#journal.event(state.resultSeq);
    if (event?.type === "execution.succeeded") return outcomeOf(event.data);
    if (event?.type === "execution.failed") {
      const { code, message, details } = event.data;
      const error: EntryError = { code, message, ...(details === undefined ? {} : { details }) };
      return { ok: false, error };
    }
    const status = state?.status ?? "failed";
    const message = `the child execution ended ${status}: ${state?.reason ?? ""}`;
    return { ok: false, error: { code: `child_${status}`, message } };
  }
}

/** A parent's journal holds what a row holds: a result that is larger is an error to it, which says where to read it. */
function outcomeOf({
  output,
  stored,
}: EventData<"execution.succeeded">): Extract<Letter, { verb: "finished" }>["outcome"] {
  if (!stored) return { ok: true, value: output };
  const message = `the child's output has ${stored.size} bytes, which is more than a parent's journal takes: read it from the child`;
  return { ok: false, error: { code: "value_too_large", message } };
}

/** A child as its parent's log describes it: the same for its start and for a cancel that overtakes the start. */
function childOrigin(state: ExecutionState, child: EventData<"child.started">): Origin {
  const { origin } = state;
  const dot = child.target.lastIndexOf(".");
  return {
    id: child.childId,
    tenant: origin.tenant,
    owner: origin.owner,
    agent: child.target.slice(0, dot),
    fn: child.target.slice(dot + 1),
    kind: "reasoner",
    version: "",
    runId: origin.runId,
    parentId: origin.id,
    owned: true,
    ...(origin.sessionId === undefined ? {} : { sessionId: origin.sessionId }),
    ...(origin.baseUrl === undefined ? {} : { baseUrl: origin.baseUrl }),
    ...(origin.actorId === undefined ? {} : { actorId: origin.actorId }),
    digest: child.digest,
    limits: child.limits,
    ...following(origin, child),
    ...(isLimited(state) && !child.adopted ? { granted: child.grant } : {}),
    timeoutMs: origin.timeoutMs,
  };
}

/** The child of an execution that follows another follows that one's child; its input is the same, or it would not fit. */
function following({ restartedFrom }: Origin, { follows }: EventData<"child.started">): Pick<Origin, "restartedFrom"> {
  if (!restartedFrom || follows === undefined) return {};
  const { runId, reuse } = restartedFrom;
  return { restartedFrom: { id: follows, runId, reuse, inputChanged: false } };
}
