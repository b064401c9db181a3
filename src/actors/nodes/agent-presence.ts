/**
 * Which agents of a tenant would take work now, and what each does: so that a subtask that asks for a role is left to those of it. In
 * memory alone: a directory that begins anew knows only of the polls that wait.
 *
 * - An agent is there while a poll of it waits, and for a third of a lease after its last one.
 * - One that holds a subtask, and of which no poll waits, is at its limit.
 */
import type { Reserved } from "../../domain/execution/work-command.ts";
import type { PollingAgent } from "../../domain/node/polling-agent.ts";
import type { WorkOffer } from "../../domain/node/work-offer.ts";
import type { Able } from "./waiting-polls.ts";

/** Roles that one poll is told of at most. */
const MOST_ROLES = 100;

interface Seen {
  readonly polledAtMs: number;
  /** The actions that its last poll named; absent: all that it registered. */
  readonly named: readonly string[] | undefined;
}

/** One of which a poll waits polls without end. */
type Free = Able & { readonly polledAtMs: number };

interface Parts {
  /** As it is now; not active where it gets no new work. `undefined`: it was removed, or cannot be read. */
  readonly able: (id: string, named: readonly string[] | undefined) => Able | undefined;
  /** Agents of which a poll waits. */
  readonly waiting: () => ReadonlyMap<string, Able>;
  /** Whether it holds a subtask of any execution. */
  readonly isHolding: (id: string) => boolean;
}

export class AgentPresence {
  readonly #parts: Parts;
  readonly #seen = new Map<string, Seen>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Its poll came. */
  polled(id: string, named: readonly string[] | undefined, nowMs: number): void {
    this.#seen.set(id, { polledAtMs: nowMs, named });
  }

  forget(id: string): void {
    this.#seen.delete(id);
  }

  /** What of these offers is left to others than this agent: roles that are asked for, with the actions that a free agent of each does. */
  reservedFor(
    { id, role: own }: Pick<PollingAgent, "id" | "role">,
    offers: readonly WorkOffer[],
    nowMs: number,
  ): Reserved[] {
    const others = offers.flatMap(({ asks = [], leaseMs = 0, agentId }) => {
      const roles = agentId === undefined ? asks.filter(({ role }) => role !== own) : [];
      return roles.length === 0 ? [] : [{ roles, sinceMs: nowMs - leaseMs / 3 }];
    });
    // An agent is read once for a poll, and no agent where no offer asks for another role.
    const free = others.length === 0 ? [] : this.#free(id, Math.min(...others.map(({ sinceMs }) => sinceMs)));
    const reserved = new Map<string, Set<string>>();
    for (const { roles, sinceMs } of others) {
      const there = free.filter(({ polledAtMs }) => polledAtMs >= sinceMs);
      for (const { role, actions } of roles) {
        const able = there.filter((other) => other.role === role);
        const left = actions.filter((action) => able.some(({ does }) => does.has(action)));
        if (left.length > 0) reserved.set(role, new Set([...(reserved.get(role) ?? []), ...left]));
      }
    }
    return [...reserved].slice(0, MOST_ROLES).map(([role, actions]) => ({ role, actions: [...actions] }));
  }

  /** Agents that would take work now, without this one. */
  #free(id: string, sinceMs: number): Free[] {
    const { able, waiting, isHolding } = this.#parts;
    const waits = waiting();
    const held = [...waits].flatMap(([other, one]) =>
      other === id ? [] : { ...one, polledAtMs: Number.POSITIVE_INFINITY },
    );
    const seen = [...this.#seen].flatMap(([other, { polledAtMs, named }]) => {
      if (polledAtMs < sinceMs || waits.has(other) || other === id || isHolding(other)) return [];
      const one = able(other, named);
      return one ? { ...one, polledAtMs } : [];
    });
    return [...held, ...seen].filter(({ isActive }) => isActive);
  }
}
