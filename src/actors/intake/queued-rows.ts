/**
 * What the index hears of a queue: a row for each execution that has waited for a second, so that lists show it, and that
 * the shard has something to do, so that the cron handler wakes it when its alarm does not come. Most wait shorter, and
 * cost nothing here.
 */
import { parseExecutionId } from "../../domain/execution/execution-id.ts";
import type { ExecutionState } from "../../domain/execution/state.ts";
import { stateOf } from "../../domain/intake/ticket.ts";
import type { WaitingTicket } from "../../domain/intake/waiting-tickets.ts";
import type { IntakeShard } from "./intake-shard.ts";

export interface ShardName {
  readonly tenant: string;
  readonly shard: number;
}

export interface QueuedRowParts {
  readonly shard: Pick<IntakeShard, "tickets" | "open">;
  /** Resolves when the index has the row, or when it is held for it. */
  readonly record: (state: ExecutionState) => Promise<void>;
  /** Lists the shard as one that has something to do, or as one that has not. */
  readonly list: (name: ShardName, hasWork: boolean) => Promise<void>;
  readonly now: () => number;
  readonly log: (level: "warn", message: string, fields: Readonly<Record<string, unknown>>) => void;
}

const WAITED_MS = 1_000;
const AT_ONCE = 50;

export class QueuedRows {
  readonly #parts: QueuedRowParts;
  readonly #told = new WeakSet<WaitingTicket>();
  #listed: ShardName | undefined;
  #looks = false;

  constructor(parts: QueuedRowParts) {
    this.#parts = parts;
  }

  /** Called when something came: looked at once it has waited. */
  look(): void {
    if (this.#looks) return;
    this.#looks = true;
    setTimeout(() => {
      void this.#tell()
        .catch((error: unknown) =>
          this.#parts.log("warn", "the index was not told of a queue", { error: String(error) }),
        )
        .finally(() => {
          this.#looks = false;
          if (this.#parts.shard.tickets.depth > 0) this.look();
        });
    }, WAITED_MS);
  }

  /** After a death the list may still name the shard. */
  woken(): void {
    const { tickets } = this.#parts.shard;
    const [first] = tickets.waitingSince(this.#parts.now());
    this.#listed ??= first && this.#nameOf(first);
    if (tickets.depth > 0) this.look();
  }

  async #tell(): Promise<void> {
    const { shard, list, now } = this.#parts;
    const [first] = shard.tickets.waitingSince(now() - WAITED_MS);
    if (!first) return this.#unlist();
    const name = this.#nameOf(first);
    if (name && !this.#listed) {
      await list(name, true);
      this.#listed = name;
    }
    await this.#record();
  }

  async #unlist(): Promise<void> {
    if (!this.#listed || this.#parts.shard.tickets.depth > 0) return;
    await this.#parts.list(this.#listed, false);
    this.#listed = undefined;
  }

  async #record(): Promise<void> {
    const { shard, record, now } = this.#parts;
    let some: Promise<void>[] = [];
    for (const waiting of [...shard.tickets.waitingSince(now() - WAITED_MS)]) {
      if (this.#told.has(waiting) || shard.tickets.get(waiting.id) !== waiting) continue;
      const ticket = shard.open(waiting);
      const state = ticket.ok ? stateOf(ticket.value) : undefined;
      this.#told.add(waiting);
      if (state) some.push(record(state));
      if (some.length < AT_ONCE) continue;
      await Promise.all(some);
      some = [];
    }
    await Promise.all(some);
  }

  /** A shard is told its number by the ids of its tickets. */
  #nameOf({ id, tenant }: WaitingTicket): ShardName | undefined {
    const shard = parseExecutionId(id)?.shard;
    return shard === undefined ? undefined : { tenant, shard };
  }
}
