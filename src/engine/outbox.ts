/**
 * What an execution owes others, each message until it is acknowledged. Sent after the commit that made it; a receiver
 * may get it twice and must not mind.
 */
import { isLimited } from "../domain/budget.ts";
import type { Message } from "../domain/consequences.ts";
import type { EntryError } from "../domain/entry.ts";
import { unreachable } from "../domain/json.ts";
import type { Journal } from "./journal.ts";
import type { Letter, OutboxRow, World } from "./ports.ts";

export class Outbox {
  readonly #journal: Journal;
  readonly #world: World;
  readonly #sending = new Map<string, Promise<void>>();

  constructor(journal: Journal, world: World) {
    this.#journal = journal;
    this.#world = world;
  }

  /** Sends what was never tried (or, from the alarm, all that is due). Never rejects. */
  async deliver({ dueOnly }: { readonly dueOnly: boolean }): Promise<void> {
    const now = this.#world.now();
    for (const [id, row] of this.#journal.outbox) {
      const wanted = row.nextAtMs <= now || (!dueOnly && row.attempts === 0);
      if (!wanted || this.#sending.has(id)) continue;
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
    if (next && next !== row && next.attempts === 0) await this.deliver({ dueOnly: false });
  }

  /** What the message says, read from the log; `undefined` when nobody needs it any more. */
  #letter(message: Message): Letter | undefined {
    const { state } = this.#journal;
    if (!state) return undefined;
    const { origin } = state;
    switch (message.to) {
      case "registry":
        return { to: "registry", state, alarmAtMs: this.#journal.alarmAtMs };
      case "child": {
        if (message.verb === "cancel") {
          return { to: "child", verb: "cancel", childId: message.childId, origin, reason: `parent ${state.status}` };
        }
        const event = this.#journal.event(message.seq);
        if (event?.type !== "child.started") return undefined;
        const { childId, target, digest, input, limits, grant } = event.data;
        const dot = target.lastIndexOf(".");
        const child = {
          id: childId,
          tenant: origin.tenant,
          owner: origin.owner,
          agent: target.slice(0, dot),
          fn: target.slice(dot + 1),
          kind: "reasoner" as const,
          version: "",
          runId: origin.runId,
          parentId: origin.id,
          owned: true,
          ...(origin.sessionId === undefined ? {} : { sessionId: origin.sessionId }),
          ...(origin.actorId === undefined ? {} : { actorId: origin.actorId }),
          digest,
          limits,
          ...(isLimited(state) ? { granted: grant } : {}),
          timeoutMs: origin.timeoutMs,
        };
        return { to: "child", verb: "start", childId, origin: child, input };
      }
      case "parent": {
        const { parentId } = origin;
        if (parentId === undefined) return undefined;
        if (message.verb === "waiting") return { to: "parent", verb: "waiting", origin, parentId, waiting: message.waiting };
        return { to: "parent", verb: "finished", origin, parentId, status: state.status, outcome: this.#outcome(), usage: state.spent };
      }
      default:
        return unreachable(message);
    }
  }

  #outcome(): Extract<Letter, { verb: "finished" }>["outcome"] {
    const { state } = this.#journal;
    const event = state?.resultSeq === undefined ? undefined : this.#journal.event(state.resultSeq);
    if (event?.type === "execution.succeeded") return { ok: true, value: event.data.output };
    if (event?.type === "execution.failed") {
      const { code, message, details } = event.data;
      const error: EntryError = { code, message, ...(details === undefined ? {} : { details }) };
      return { ok: false, error };
    }
    const status = state?.status ?? "failed";
    return { ok: false, error: { code: `child_${status}`, message: `the child execution ended ${status}: ${state?.reason ?? ""}` } };
  }
}
