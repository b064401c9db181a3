/**
 * The polling agents of one tenant with what there is for them: who they are, where they may find work, which of their polls
 * wait, who is told at an address, how many requests they sent, and which of them get nothing new for a time.
 */
import { mayActAs, refuseToActAs } from "../../domain/execution/access.ts";
import type { Principal } from "../../domain/execution/principal.ts";
import { hasScope } from "../../domain/execution/principal.ts";
import type { AgentChange, AgentRecord, PollingAgent } from "../../domain/node/polling-agent.ts";
import { agentSubject } from "../../domain/node/polling-agent.ts";
import type { WorkOffer } from "../../domain/node/work-offer.ts";
import { mayDo } from "../../domain/node/work-offer.ts";
import type { Result } from "../../domain/values/fault.ts";
import { accept, refuse } from "../../domain/values/fault.ts";
import type { Limits } from "../../domain/values/limits.ts";
import type { OutboundFetch } from "../../domain/values/outbound.ts";
import type { WorkHints } from "../../operations/plan-execution-ports.ts";
import type { PollingAgentPage, TakenRequests } from "../../operations/polling-agents/ports.ts";
import type { Sealer } from "../../vault/vault.ts";
import { opened } from "../storage/opened.ts";
import { AgentPresence } from "./agent-presence.ts";
import { PollingAgents } from "./polling-agents.ts";
import { RequestWindows } from "./request-windows.ts";
import type { Able } from "./waiting-polls.ts";
import { WaitingPolls } from "./waiting-polls.ts";
import { doneBy, WorkOffers } from "./work-offers.ts";
import { WorkPushes } from "./work-pushes.ts";

interface Parts {
  readonly ctx: DurableObjectState;
  readonly sealer: Sealer;
  readonly limits: Limits;
  readonly now: () => number;
  readonly outbound: OutboundFetch;
  readonly log: (entry: Readonly<Record<string, unknown>>) => void;
}

export class AgentDesk {
  readonly #agents: PollingAgents;
  readonly #offers: WorkOffers;
  readonly #polls: WaitingPolls;
  readonly #windows: RequestWindows;
  readonly #pushes: WorkPushes;
  readonly #presence: AgentPresence;
  readonly #now: () => number;

  constructor({ ctx, sealer, limits, now, outbound, log }: Parts) {
    this.#now = now;
    this.#agents = new PollingAgents(ctx.storage, sealer, limits);
    this.#offers = new WorkOffers(ctx.storage, sealer);
    this.#windows = new RequestWindows(ctx.storage, sealer);
    this.#pushes = new WorkPushes({ outbound, now, behind: (work) => ctx.waitUntil(work), log });
    const after = (ms: number, run: () => void) => void setTimeout(run, ms);
    const able = (id: string, actions: readonly string[] | undefined) => this.#able(id, actions);
    this.#polls = new WaitingPolls({ ctx, able, now, after });
    const isHolding = (id: string) => this.#offers.isHolding(id);
    this.#presence = new AgentPresence({ able, isHolding, waiting: () => this.#polls.waiting() });
  }

  add(
    caller: Principal,
    id: string,
    said: { readonly record: AgentRecord; readonly isActive: boolean },
  ): Result<PollingAgent> {
    return this.#agents.add(caller, { id, ...said }, this.#now());
  }

  /** `undefined`: there is no such agent. */
  one(caller: Principal, id: string): PollingAgent | undefined {
    const agent = this.#agents.one(caller, id, this.#now());
    return agent && this.#shown(agent);
  }

  page(page: { readonly after: string | undefined; readonly limit: number }): PollingAgentPage {
    const found = this.#agents.page(page);
    return { ...found, agents: found.agents.map((agent) => this.#shown(agent)) };
  }

  change(caller: Principal, id: string, change: AgentChange): Result<PollingAgent> {
    const changed = this.#agents.change(caller, id, { change, nowMs: this.#now() });
    return changed ? accept(this.#shown(changed)) : unknownAgent();
  }

  /** Its requests are a sign of life, wherever they go. `undefined`: there is no such agent. */
  takeRequests(
    caller: Principal,
    id: string,
    wanted: { readonly perMin: number; readonly tokens: number },
  ): TakenRequests | undefined {
    const nowMs = this.#now();
    return this.#agents.hear(caller, id, nowMs) ? this.#windows.take(id, wanted, nowMs) : undefined;
  }

  remove(id: string): Result<null> {
    this.#windows.forget(id);
    this.#presence.forget(id);
    return this.#agents.remove(id) ? accept(null) : unknownAgent();
  }

  /** Refused to one that does not act for this agent: nothing is remembered of its poll. */
  workFor(caller: Principal, id: string, actions: readonly string[] | undefined): Result<WorkHints> {
    const nowMs = this.#now();
    const agent = this.#working(this.#agents.one(caller, id, nowMs));
    if (!agent) return unknownAgent();
    if (!mayActAs(caller, agent)) return refuseToActAs(id);
    this.#pushes.polled(id);
    if (mayAny(caller, id)) this.#presence.polled(id, actions, nowMs);
    const executions = this.#offers.for(agent, new Set(doneBy(agent, actions)));
    const reserved = this.#presence.reservedFor(agent, this.#offers.of(executions), nowMs);
    return accept({ agent, executions, reserved });
  }

  hear(offer: WorkOffer): void {
    if (!this.#offers.hear(offer)) return;
    this.#polls.hear(offer);
    if (offer.isOpen && offer.ready > 0) this.#pushes.tell(offer, this.#pushable(offer));
  }

  /** Agents with an address that may do what is ready, and do not wait for it already. */
  #pushable(offer: WorkOffer): PollingAgent[] {
    const { agentId } = offer;
    const withAddress = opened(() => this.#agents.withAddress());
    if (!withAddress.ok) return [];
    return withAddress.value.filter((agent) => {
      if ((agentId !== undefined && agentId !== agent.id) || this.#polls.isWaiting(agent.id)) return false;
      return this.#working(agent)?.isActive === true && mayDo(offer, new Set(doneBy(agent, undefined)));
    });
  }

  /** The answer to the upgrade request of a poll that waits. */
  wait(caller: Principal, id: string, actions: readonly string[] | undefined): Result<Response> {
    const hints = this.workFor(caller, id, actions);
    if (!hints.ok) return hints;
    const isDue = hints.value.executions.length > 0;
    return accept(this.#polls.accept({ agentId: id, actions, isDue, mayAny: mayAny(caller, id) }));
  }

  /** With what is known of leases that it let end. */
  #shown(agent: PollingAgent): PollingAgent {
    return { ...agent, ...this.#offers.lapsesOf(agent.id, this.#now()) };
  }

  /** One that is drained finishes what it has, as one that is not active does. */
  #working(agent: PollingAgent | undefined): PollingAgent | undefined {
    if (!agent || this.#offers.lapsesOf(agent.id, this.#now()).drainedUntilMs === undefined) return agent;
    return { ...agent, isActive: false };
  }

  /** What cannot be read now counts as not able: its poll looks by itself. */
  #able(id: string, actions: readonly string[] | undefined): Able | undefined {
    const found = opened(() => this.#agents.known(id));
    const agent = found.ok ? this.#working(found.value) : undefined;
    return agent && { ...agent, does: new Set(doneBy(agent, actions)) };
  }
}

/** A user's key is given work of that user's executions alone: nothing of others is left to such a poll. */
function mayAny(caller: Principal, id: string): boolean {
  return caller.subject === agentSubject(id) || hasScope(caller, "admin");
}

export function unknownAgent() {
  return refuse("not_found", "there is no such agent");
}
