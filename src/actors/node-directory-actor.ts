/**
 * The nodes of one tenant as a Durable Object: which are registered, which of them answer, and which version gets the next call.
 *
 * It is a shell: what is known is `NodeBook`, its rows are `NodeRows`, reads are in `nodes/node-search.ts`. Agents that poll
 * for their work are `AgentDesk`: they have no address and are never looked at.
 *
 * - A heartbeat writes nothing. One alarm looks after all nodes: it asks those that are silent, writes what changed since
 *   the last time, and sets itself anew, half a minute later at the earliest where nothing is amiss.
 * - Every method takes the caller first; its tenant must be the one that this object was made for.
 */
import { DurableObject } from "cloudflare:workers";
import type { Principal } from "../domain/execution/principal.ts";
import type { NodeView, Registration, RoutedNode } from "../domain/node/node.ts";
import type { CapabilityFilter, NodeChange, NodeFilter, NodePage } from "../domain/node/node-command.ts";
import type { AgentChange, AgentRecord, PollingAgent } from "../domain/node/polling-agent.ts";
import type { Beat } from "../domain/node/presence.ts";
import { Rotation } from "../domain/node/rotation.ts";
import type { WorkOffer } from "../domain/node/work-offer.ts";
import type { Result } from "../domain/values/fault.ts";
import { accept, FAULTS, refuse } from "../domain/values/fault.ts";
import type { NodeListing, NodeRegistry, NodesFound, NodeVersionState, Registered } from "../operations/nodes/ports.ts";
import type { WorkHinter, WorkHints } from "../operations/plan-execution-ports.ts";
import type {
  PollingAgentPage,
  PollingAgentRegistry,
  RequestWindows,
  TakenRequests,
} from "../operations/polling-agents/ports.ts";
import type { Sealer } from "../vault/vault.ts";
import { AgentDesk, unknownAgent } from "./nodes/agent-desk.ts";
import { LatelySent } from "./nodes/lately-sent.ts";
import { NodeBook } from "./nodes/node-book.ts";
import { inTurn, isThere } from "./nodes/node-looks.ts";
import type { NodeHead } from "./nodes/node-rows.ts";
import { NodeRows } from "./nodes/node-rows.ts";
import { discoverNodes, listNodes, routeTo } from "./nodes/node-search.ts";
import type { NodeSurroundings } from "./nodes/node-surroundings.ts";
import type { ActorClass } from "./rpc/actor-class.ts";
import { directoryName } from "./rpc/directory-name.ts";
import { workSubscriptionOf } from "./rpc/work-subscription.ts";
import { opened } from "./storage/opened.ts";

/** A look at the nodes is a write of the alarm: not more often, unless one of them has just missed. */
const LEAST_MS = 30_000;
const AFTER_MISS_MS = 10_000;
/** Most nodes that one alarm asks. */
const MOST_LOOKS = 60;
const AFTER_FAULT_MS = 60_000;

// biome-ignore lint/complexity/noExcessiveLinesPerFunction: the class is the value; a base class would be the alternative.
export function nodeDirectoryActor<Env>(surroundings: NodeSurroundings<Env>): ActorClass<Env> {
  return class NodeDirectoryActor
    extends DurableObject<Env>
    implements NodeRegistry, PollingAgentRegistry, WorkHinter, RequestWindows
  {
    readonly #rotation = new Rotation();
    readonly #sent = new LatelySent();
    #book: NodeBook | undefined;
    #desk: AgentDesk | undefined;
    /** When the alarm comes; `undefined` while that is not known. */
    #alarmMs: number | null | undefined;

    async register(caller: Principal, registration: Registration): Promise<Result<Registered>> {
      return this.#command(caller, (book, nowMs) => {
        const registered = book.register(caller, registration, nowMs);
        if (!registered.ok) return registered;
        const { id } = registered.value;
        const instances = book.headsOf(id).flatMap(({ presence }) => presence.instanceId ?? []);
        return accept({ instances, lately: this.#sent.toOthers(id, instances, nowMs) });
      });
    }

    async hear(
      caller: Principal,
      id: string,
      said: { readonly version: string | undefined; readonly beat: Beat },
    ): Promise<Result<null>> {
      return this.#command(caller, (book, nowMs) => found(book.hear(caller, id, { ...said, nowMs })));
    }

    async change(caller: Principal, id: string, change: NodeChange): Promise<Result<null>> {
      return this.#command(caller, (book, nowMs) => found(book.change(caller, id, { change, nowMs })));
    }

    async remove(caller: Principal, id: string): Promise<Result<null>> {
      this.#rotation.forget(id);
      return this.#command(caller, (book) => found(book.remove(caller, id)));
    }

    async one(caller: Principal, id: string): Promise<Result<[NodeView, ...NodeView[]]>> {
      return this.#read(caller, (book, nowMs) => {
        const [first, ...rest] = book.headsOf(id);
        const viewOf = (head: NodeHead) => book.viewOf(head, nowMs);
        return first ? accept([viewOf(first), ...rest.map(viewOf)]) : unknown();
      });
    }

    async states(caller: Principal, ids: readonly string[]): Promise<readonly (NodeVersionState | undefined)[]> {
      const states = this.#read(caller, (book, nowMs) =>
        accept(
          ids.map((id) => {
            const [head] = book.headsOf(id);
            return head && { version: head.version, state: book.stateOf(head, nowMs) };
          }),
        ),
      );
      return states.ok ? states.value : ids.map(() => undefined);
    }

    async list(caller: Principal, filter: NodeFilter, page: NodePage): Promise<Result<NodeListing>> {
      return this.#read(caller, (book, nowMs) => accept(listNodes(book, { filter, page, nowMs })));
    }

    async discover(
      caller: Principal,
      filter: CapabilityFilter,
      page: { readonly offset: number; readonly limit: number },
    ): Promise<Result<NodesFound>> {
      return this.#read(caller, (book, nowMs) => accept(discoverNodes(book, filter, { ...page, nowMs })));
    }

    async route(
      caller: Principal,
      { executionId, ...target }: Parameters<NodeRegistry["route"]>[1],
    ): Promise<Result<RoutedNode>> {
      return this.#read(caller, (book, nowMs) => {
        const routed = routeTo(book, this.#rotation, { ...target, nowMs });
        if (!routed.ok || routed.value.presence === "down") return this.#limited(routed);
        const { nodeId, instanceId } = routed.value;
        if (executionId !== undefined) this.#sent.note(executionId, { nodeId, instanceId, atMs: nowMs });
        return this.#limited(routed);
      });
    }

    #limited(routed: Result<RoutedNode>): Result<RoutedNode> {
      if (!routed.ok || routed.value.limit !== undefined) return routed;
      return accept({ ...routed.value, limit: surroundings.nodeSlots(this.env) });
    }

    async addAgent(
      caller: Principal,
      id: string,
      said: { readonly record: AgentRecord; readonly isActive: boolean },
    ): Promise<Result<PollingAgent>> {
      return this.#ofAgents(caller, (desk) => desk.add(caller, id, said));
    }

    async agent(caller: Principal, id: string): Promise<Result<PollingAgent | undefined>> {
      return this.#ofAgents(caller, (desk) => accept(desk.one(caller, id)));
    }

    async agents(
      caller: Principal,
      page: { readonly after: string | undefined; readonly limit: number },
    ): Promise<Result<PollingAgentPage>> {
      return this.#ofAgents(caller, (desk) => accept(desk.page(page)));
    }

    async changeAgent(caller: Principal, id: string, change: AgentChange): Promise<Result<PollingAgent>> {
      return this.#ofAgents(caller, (desk) => desk.change(caller, id, change));
    }

    async removeAgent(caller: Principal, id: string): Promise<Result<null>> {
      return this.#ofAgents(caller, (desk) => desk.remove(id));
    }

    async takeRequests(
      caller: Principal,
      agentId: string,
      wanted: { readonly perMin: number; readonly tokens: number },
    ): Promise<TakenRequests | undefined> {
      return this.#isOf(caller) ? this.#openDesk().takeRequests(caller, agentId, wanted) : undefined;
    }

    async workFor(
      caller: Principal,
      agentId: string,
      actions: readonly string[] | undefined,
    ): Promise<Result<WorkHints>> {
      return this.#ofAgents(caller, (desk) => desk.workFor(caller, agentId, actions));
    }

    async offerWork(caller: Principal, offer: WorkOffer): Promise<void> {
      if (this.#isOf(caller)) this.#openDesk().hear(offer);
    }

    /** A poll that waits: a socket on which it is woken. What it wants is in a header that only the router sets. */
    override async fetch(request: Request): Promise<Response> {
      const { caller, agentId, actions } = workSubscriptionOf(request);
      const answer = this.#ofAgents(caller, (desk) => desk.wait(caller, agentId, actions));
      return answer.ok ? answer.value : Response.json(answer, { status: FAULTS[answer.code].status });
    }

    override webSocketClose(socket: WebSocket): void {
      socket.close();
    }

    /** Never throws: after six failures the platform gives an alarm up for good. */
    override async alarm(): Promise<void> {
      try {
        this.#alarmMs = null;
        const book = this.#open();
        await this.#look(book);
        book.flush();
        await this.#arm(book);
      } catch (error) {
        surroundings.log({ level: "error", message: "the nodes could not be looked at", error: String(error) });
        await this.ctx.storage.setAlarm(Date.now() + AFTER_FAULT_MS);
      }
    }

    async #look(book: NodeBook): Promise<void> {
      const outbound = surroundings.outbound(this.env);
      await inTurn(book.dueLooks(Date.now(), MOST_LOOKS), async (head) => {
        const record = opened(() => book.recordOf(head));
        if (!record.ok) return;
        const answered = await isThere(outbound, record.value);
        book.looked(head, answered, Date.now());
      });
    }

    /** What changes something may make a look due. */
    async #command<T>(caller: Principal, run: (book: NodeBook, nowMs: number) => Result<T>): Promise<Result<T>> {
      const done = this.#read(caller, run);
      if (done.ok) await this.#arm(this.#open());
      return done;
    }

    #ofAgents<T>(caller: Principal, run: (desk: AgentDesk) => Result<T>): Result<T> {
      if (!this.#isOf(caller)) return unknownAgent();
      const result = opened(() => run(this.#openDesk()), "this agent");
      return result.ok ? result.value : result;
    }

    #openDesk(): AgentDesk {
      this.#desk ??= new AgentDesk({
        ctx: this.ctx,
        sealer: this.#sealer(),
        limits: surroundings.limits(this.env),
        now: () => Date.now(),
        outbound: surroundings.outbound(this.env),
        log: surroundings.log,
      });
      return this.#desk;
    }

    #isOf({ tenant }: Principal): boolean {
      return this.ctx.id.name === undefined || this.ctx.id.name === directoryName(tenant);
    }

    #sealer(): Sealer {
      return surroundings.sealer(this.env, this.ctx.id.toString());
    }

    #read<T>(caller: Principal, run: (book: NodeBook, nowMs: number) => Result<T>): Result<T> {
      if (!this.#isOf(caller)) return unknown();
      const result = opened(() => run(this.#open(), Date.now()), "this node");
      return result.ok ? result.value : result;
    }

    #open(): NodeBook {
      if (this.#book) return this.#book;
      const rows = new NodeRows(this.ctx.storage, this.#sealer());
      this.#book = new NodeBook(rows, surroundings.limits(this.env), Date.now());
      return this.#book;
    }

    /** Sets the alarm where none stands: one that comes too early finds nothing to do. */
    async #arm(book: NodeBook): Promise<void> {
      if (this.#alarmMs === undefined) this.#alarmMs = await this.ctx.storage.getAlarm();
      const dueMs = this.#alarmMs === null ? book.nextLookMs() : undefined;
      if (dueMs === undefined) return;
      const nowMs = Date.now();
      this.#alarmMs = Math.max(dueMs, nowMs + (book.hasMissed() ? AFTER_MISS_MS : LEAST_MS));
      await this.ctx.storage.setAlarm(this.#alarmMs);
    }
  };
}

function unknown() {
  return refuse("not_found", "there is no such node");
}

function found(is: boolean): Result<null> {
  return is ? accept(null) : unknown();
}
