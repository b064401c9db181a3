/**
 * What an execution owes others, each message until it is acknowledged. Sent after the commit that made it; a receiver
 * may get it twice and must not mind.
 */
import { isLimited, plus } from "../domain/budget.ts";
import type { Message } from "../domain/consequences.ts";
import type { EntryError } from "../domain/entry.ts";
import type { EventData, Origin } from "../domain/event.ts";
import { unreachable } from "../domain/json.ts";
import type { ExecutionState } from "../domain/state.ts";
import type { Journal } from "./journal.ts";
import type { Letter, OutboxRow, World } from "./ports.ts";

type ChildMessage = Extract<Message, { to: "child" }>;

export class Outbox {
  readonly #journal: Journal;
  readonly #world: World;
  readonly #sending = new Map<string, Promise<void>>();

  constructor(journal: Journal, world: World) {
    this.#journal = journal;
    this.#world = world;
  }

  /** Sends what is due, and what was never tried; of both only what is committed. Never rejects. */
  async deliver(): Promise<void> {
    const now = this.#world.now();
    for (const [id, row] of this.#journal.outbox) {
      const wanted = row.nextAtMs <= now || row.attempts === 0;
      if (!wanted || this.#sending.has(id) || !this.#journal.isCommitted(id)) continue;
      this.#sending.set(id, this.#send(id, row));
    }
    await Promise.all(this.#sending.values());
  }

  async #send(id: string, row: OutboxRow): Promise<void> {
    try {
      const letter = this.#letter(row.message);
      if (letter) await this.#world.post(letter);
      this.#journal.acknowledge(id, row);
    } catch (error) {
      this.#world.log("warn", "a message could not be delivered", { id, attempts: row.attempts, error: String(error) });
      this.#journal.postpone(id, row);
    } finally {
      this.#sending.delete(id);
    }
    // A newer message under the same id came while this one was under way.
    const next = this.#journal.outbox.get(id);
    if (next && next !== row) await this.deliver();
  }

  /** What the message says, read from the log; `undefined` when nobody needs it any more. */
  #letter(message: Message): Letter | undefined {
    const state = this.#journal.committed;
    if (!state) return undefined;
    switch (message.to) {
      case "registry":
        return { to: "registry", state, alarmAtMs: this.#journal.alarmAtMs };
      case "child":
        return this.#toChild(state, message);
      case "parent": {
        const { origin, status } = state;
        const { parentId } = origin;
        if (parentId === undefined) return undefined;
        if (message.verb === "waiting")
          return { to: "parent", verb: "waiting", origin, parentId, waiting: message.waiting };
        // What is still reserved at the end may have been paid already: it counts as spent (P4).
        const usage = plus(state.spent, state.reserved);
        return { to: "parent", verb: "finished", origin, parentId, status, outcome: this.#outcome(), usage };
      }
      default:
        return unreachable(message);
    }
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
    if (event?.type === "execution.succeeded") return { ok: true, value: event.data.output };
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
    owned: !child.adopted,
    ...(origin.sessionId === undefined ? {} : { sessionId: origin.sessionId }),
    ...(origin.actorId === undefined ? {} : { actorId: origin.actorId }),
    digest: child.digest,
    limits: child.limits,
    ...(isLimited(state) && !child.adopted ? { granted: child.grant } : {}),
    timeoutMs: origin.timeoutMs,
  };
}
