/**
 * Polls that wait for work, each on a hibernating socket: they keep nothing in memory, and outlive a directory that sleeps. What
 * they hear is one word; where the work is they ask for then.
 *
 * - As many are woken as there are subtasks ready: first those of a role that is asked for, then those that wait longest.
 * - One that gets nothing in a quarter of a second passes it on: the next ones are woken.
 * - After a sleep it is not known what each can do now: then it counts as able to do what its agent registered.
 */
import type { PollingAgent } from "../../domain/node/polling-agent.ts";
import type { WorkOffer } from "../../domain/node/work-offer.ts";
import { mayDo } from "../../domain/node/work-offer.ts";

/** The word that a poll hears when there may be work for it. */
export const WAKE = "work";
const PASS_ON_MS = 250;
/** Longer than any poll waits. */
const LONGEST_MS = 40_000;
const TAG = "poll:";
/** Polls that may be given work of every execution of the tenant; no id of an agent holds a space. */
const OF_ANY = "of any execution";
/** As the platform counts states of sockets. */
const OPEN = 1;

export type Able = Pick<PollingAgent, "isActive" | "role"> & { readonly does: ReadonlySet<string> };

interface Parts {
  readonly ctx: Pick<DurableObjectState, "getWebSockets" | "acceptWebSocket" | "getTags">;
  /** An agent as it is now, with the actions of those named that it registered; `undefined`: it is not there. */
  readonly able: (agentId: string, actions: readonly string[] | undefined) => Able | undefined;
  readonly now: () => number;
  readonly after: (ms: number, run: () => void) => void;
}

interface NewPoll {
  readonly agentId: string;
  readonly actions: readonly string[] | undefined;
  /** True when there may be work already. */
  readonly isDue: boolean;
  /** Its key may be given work of every execution of the tenant. */
  readonly mayAny: boolean;
}

interface Asked {
  readonly atMs: number;
  readonly seq: number;
}

interface Round {
  offer: WorkOffer;
  readonly asked: Map<WebSocket, Asked>;
  isTimed: boolean;
}

export class WaitingPolls {
  readonly #parts: Parts;
  readonly #named = new WeakMap<WebSocket, readonly string[] | undefined>();
  readonly #since = new WeakMap<WebSocket, number>();
  /** By execution, while its work is passed on. */
  readonly #rounds = new Map<string, Round>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** The answer to an upgrade request. */
  accept({ agentId, actions, isDue, mayAny }: NewPoll): Response {
    const { 0: client, 1: server } = new WebSocketPair();
    this.#parts.ctx.acceptWebSocket(server, [TAG + agentId, ...(mayAny ? [OF_ANY] : [])]);
    this.#named.set(server, actions);
    const sinceMs = this.#parts.now();
    server.serializeAttachment(sinceMs);
    this.#since.set(server, sinceMs);
    if (isDue) wake(server);
    return new Response(null, { status: 101, webSocket: client });
  }

  isWaiting(agentId: string): boolean {
    return this.#parts.ctx.getWebSockets(TAG + agentId).some((socket) => this.#isAlive(socket));
  }

  /** A router ends its poll in time. A socket that is older has no router any more: a word to it reaches no agent. */
  #isAlive(socket: WebSocket): boolean {
    return socket.readyState === OPEN && this.#parts.now() - this.#sinceOf(socket) <= LONGEST_MS;
  }

  /** Agents of which a poll waits that may be given any work of the tenant, as each is now. */
  waiting(): Map<string, Able> {
    const { ctx, able } = this.#parts;
    return new Map(
      ctx.getWebSockets(OF_ANY).flatMap((socket) => {
        const id = agentOf(ctx.getTags(socket));
        const agent = id !== undefined && this.#isAlive(socket) ? able(id, this.#named.get(socket)) : undefined;
        return id !== undefined && agent ? [[id, agent] as const] : [];
      }),
    );
  }

  /** `offer`: none that is older than one that was heard before. */
  hear(offer: WorkOffer): void {
    const { executionId, agents } = offer;
    for (const agent of agents) for (const socket of this.#parts.ctx.getWebSockets(TAG + agent)) wake(socket);
    if (offer.ready === 0) return void this.#rounds.delete(executionId);
    const round = this.#rounds.get(executionId) ?? { offer, asked: new Map(), isTimed: false };
    round.offer = offer;
    this.#rounds.set(executionId, round);
    this.#goRound(round);
  }

  #goRound(round: Round): void {
    const { now, after } = this.#parts;
    const { offer, asked } = round;
    const atMs = now();
    const isTrying = ({ atMs: since }: Asked) => atMs - since < PASS_ON_MS;
    const free = offer.ready - [...asked.values()].filter(isTrying).length;
    const waiting = this.#fitting(offer).filter((socket) => {
      const last = asked.get(socket);
      return last === undefined || (!isTrying(last) && last.seq < offer.seq);
    });
    for (const socket of waiting.splice(0, Math.max(0, free))) {
      asked.set(socket, { atMs, seq: offer.seq });
      wake(socket);
    }
    // Those that were woken just now are not woken by each event meanwhile.
    if (waiting.length === 0 && ![...asked.values()].some(isTrying)) return void this.#rounds.delete(offer.executionId);
    if (round.isTimed) return;
    round.isTimed = true;
    after(PASS_ON_MS, () => {
      round.isTimed = false;
      if (this.#rounds.get(offer.executionId) === round) this.#goRound(round);
    });
  }

  #sinceOf(socket: WebSocket): number {
    const known = this.#since.get(socket);
    if (known !== undefined) return known;
    const kept = Number(socket.deserializeAttachment());
    this.#since.set(socket, kept);
    return kept;
  }

  /** Sockets of agents that may do it, of a role that is asked for first; the platform names sockets in no order. */
  #fitting(offer: WorkOffer): WebSocket[] {
    const { agentId, roles } = offer;
    const { ctx, able } = this.#parts;
    const sockets = agentId === undefined ? ctx.getWebSockets() : ctx.getWebSockets(TAG + agentId);
    const fits = sockets.flatMap((socket) => {
      const id = agentOf(ctx.getTags(socket));
      if (id === undefined || !this.#isAlive(socket)) return [];
      const agent = able(id, this.#named.get(socket));
      if (!agent?.isActive || !mayDo(offer, agent.does)) return [];
      const isMeant = agent.role !== null && roles.includes(agent.role);
      return [{ socket, place: isMeant ? 0 : 1, sinceMs: this.#sinceOf(socket) }];
    });
    return fits.sort((a, b) => a.place - b.place || a.sinceMs - b.sinceMs).map(({ socket }) => socket);
  }
}

function agentOf(tags: readonly string[]): string | undefined {
  return tags.find((tag) => tag.startsWith(TAG))?.slice(TAG.length);
}

/** One that is gone meanwhile needs nothing. */
function wake(socket: WebSocket): void {
  try {
    socket.send(WAKE);
  } catch {
    // The platform has closed it.
  }
}
