/**
 * The way through the queue: starts that nobody waits for become tickets of an intake shard, and what is asked about an
 * execution finds it there while it has no object. `withIntake` wraps the client, so that no operation knows of shards.
 *
 * - A read asks the shard that the id names, until this isolate has seen the execution begun; then its object; and where
 *   that knows nothing the shard once more.
 * - What is more than a read first makes the object from the ticket. Its program begins in its turn all the same.
 */

import type { CreateCommand } from "../../domain/execution/command.ts";
import { parseExecutionId } from "../../domain/execution/execution-id.ts";
import { jurisdictionOf } from "../../domain/execution/jurisdiction.ts";
import type { Principal } from "../../domain/execution/principal.ts";
import { systemPrincipal } from "../../domain/execution/principal.ts";
import type { Ticket } from "../../domain/intake/ticket.ts";
import { isTicketSized, viewOfTicket } from "../../domain/intake/ticket.ts";
import type { ExecutionView, QueuePlace, Started } from "../../domain/read-models/view.ts";
import type { Refusal, Result } from "../../domain/values/fault.ts";
import { accept, refuse } from "../../domain/values/fault.ts";
import type { LruCache } from "../../domain/values/lru-cache.ts";
import type { DispatchToParent } from "../../engine/execution/adoption.ts";
import { takenOn, withdrawn } from "../../engine/execution/adoption.ts";
import type { ExecutionClient, Look } from "../../operations/ports.ts";
import type { ExecutionRpc } from "../rpc/execution-rpc.ts";
import { callActor } from "./call-actor.ts";
import type { ExecutionIds } from "./execution-ids.ts";
import { objectId } from "./execution-ids.ts";
import { namespaceOf } from "./jurisdiction.ts";

/** What an `IntakeActor` answers over RPC. */
export interface IntakeRpc {
  accept(caller: Principal, command: CreateCommand): Promise<Result<QueuePlace & { readonly acceptedAtMs: number }>>;
  look(caller: Principal, ids: readonly string[]): Promise<Readonly<Record<string, Result<ExecutionView>>>>;
  /** Once it has begun, or after so long. */
  lookAfter(caller: Principal, id: string, look?: Look): Promise<Result<ExecutionView> | undefined>;
  make(caller: Principal, id: string): Promise<Refusal | undefined>;
  /** A limiter has a slot for it; false when no ticket of this id waits. */
  admit(caller: Principal, id: string): Promise<boolean>;
  wake(caller: Principal): Promise<void>;
}

interface ShardName {
  readonly tenant: string;
  readonly shard: number;
}

type AskShard = <T>(which: ShardName, call: (shard: IntakeRpc) => Promise<T>, repeatable?: boolean) => Promise<T>;

/** Calls a shard of a tenant. */
export function intakeShards(namespace: DurableObjectNamespace): AskShard {
  return ({ tenant, shard }, call, repeatable = true) => {
    const id = namespaceOf(namespace, tenant).idFromName(JSON.stringify(["intake", tenant, shard]));
    return callActor({ actor: () => namespace.get(id) as unknown as IntakeRpc, call, repeatable });
  };
}

/** Tells the ticket of an execution that a limiter has a slot for it; false when none waits. */
export async function admitTicket(ask: AskShard, tenant: string, id: string): Promise<boolean> {
  const shard = parseExecutionId(id)?.shard ?? 0;
  return shard > 0 && (await ask({ tenant, shard }, (actor) => actor.admit(systemPrincipal(tenant), id)));
}

export interface IntakeParts {
  readonly ask: AskShard;
  readonly ids: ExecutionIds;
  /** How many shards take starts now; 0: none, and what waits still begins. */
  readonly shards: number;
  readonly random: () => number;
  /** Ids that this isolate has seen begun. */
  readonly begun: LruCache<string, true>;
}

export function withIntake(client: ExecutionClient, parts: IntakeParts): ExecutionClient {
  const { ask, ids, shards, random, begun } = parts;
  /** The shard that may have a ticket of it; nothing for what was made without one, or was never made for this tenant. */
  const shardOf = ({ tenant }: Principal, id: string) => {
    const shard = parseExecutionId(id)?.shard ?? 0;
    if (shard === 0 || begun.get(id) || ids.judge(tenant, id) === "made_up") return undefined;
    return { tenant, shard };
  };
  const make = async (caller: Principal, id: string): Promise<Refusal | undefined> => {
    const which = shardOf(caller, id);
    const refusal = which && (await ask(which, (shard) => shard.make(caller, id)));
    if (which && !refusal) begun.set(id, true);
    return refusal;
  };
  const first =
    <Asked extends unknown[], T>(call: (caller: Principal, id: string, ...asked: Asked) => Promise<Result<T>>) =>
    async (caller: Principal, id: string, ...asked: Asked): Promise<Result<T>> =>
      (await make(caller, id)) ?? call(caller, id, ...asked);
  const dispatch = first(client.dispatch);
  return {
    ...client,
    newId: (tenant, how) =>
      how?.queued && shards > 0 ? ids.fresh(tenant, 1 + Math.floor(random() * shards)) : client.newId(tenant),
    // The schedule remembers the id with its shard.
    idNamed: (tenant, kind, ...words) =>
      kind === "schedule" && shards > 0
        ? ids.named(tenant, [kind, tenant, ...words], 1 + Math.floor(random() * shards))
        : client.idNamed(tenant, kind, ...words),
    start: async (caller, command, options) => {
      const which = options.holdMs > 0 || !isTicketSized(command) ? undefined : shardOf(caller, command.origin.id);
      if (!which) return client.start(caller, command, options);
      return queuedStart({ ask, dispatchToParent: (parentId, said) => dispatch(caller, parentId, said) }, which, {
        caller,
        command,
      });
    },
    view: async (caller, id, look) => {
      const which = shardOf(caller, id);
      if (!which) return client.view(caller, id, look);
      const queued = await ask(which, (shard) => shard.lookAfter(caller, id, look));
      if (queued) return queued;
      const view = await client.view(caller, id, look);
      if (view.ok) begun.set(id, true);
      if (view.ok || view.code !== "not_found") return view;
      const brief = look && "brief" in look ? look : undefined;
      return (await ask(which, (shard) => shard.lookAfter(caller, id, brief))) ?? view;
    },
    queued: async (caller, executionIds) => {
      const byShard = Map.groupBy(executionIds, (id) => shardOf(caller, id)?.shard ?? 0);
      byShard.delete(0);
      const asked = [...byShard].map(([shard, some]) =>
        ask({ tenant: caller.tenant, shard }, (actor) => actor.look(caller, some)),
      );
      return new Map((await Promise.all(asked)).flatMap((found) => Object.entries(found)));
    },
    dispatch,
    events: first(client.events),
    effects: first(client.effects),
    approvals: first(client.approvals),
    member: first(client.member),
    invariants: first(client.invariants),
    stream: async (caller, id, wanted) => {
      const refusal = await make(caller, id);
      return refusal ? Response.json(refusal, { status: 503 }) : client.stream(caller, id, wanted);
    },
  };
}

/** A start that names a parent is taken on by it first: a cancel of the parent then knows of it (P3). */
async function queuedStart(
  { ask, dispatchToParent }: { readonly ask: AskShard; readonly dispatchToParent: DispatchToParent },
  which: ShardName,
  { caller, command }: { readonly caller: Principal; readonly command: CreateCommand },
): Promise<Result<Started>> {
  const { parentId } = command.origin;
  const taken = command.joins && parentId ? await takenOn({ command, dispatchToParent }, parentId) : accept(command);
  if (!taken.ok) return taken;
  const { joins: _joins, ...start } = taken.value;
  const accepted = await ask(which, (shard) => shard.accept(caller, start), false);
  if (!accepted.ok) {
    const link = { childId: start.origin.id, refusal: accepted };
    // Where that is not heard either, the parent's own end sees to it.
    if (taken.value !== command && parentId)
      await withdrawn(dispatchToParent, { parentId, ...link }).catch(() => undefined);
    return accepted;
  }
  const { acceptedAtMs, ...place } = accepted.value;
  const view = viewOfTicket({ ...start, acceptedAtMs }, place);
  return view ? accept({ view, changed: true }) : refuse("internal_error", "it is queued, and cannot be shown");
}

/** A program that ends sooner is stored once, with its end; the ticket stands for it until then. */
const STORED_WITHIN_MS = 100;

/** For an intake shard: hands a ticket to its execution's object, which recognises it when it comes again. */
export function ticketStarter(namespace: DurableObjectNamespace) {
  return async (ticket: Ticket, how: "begun" | "made"): Promise<Result<unknown>> => {
    const { tenant, id } = ticket.origin;
    const object = objectId(namespace, tenant, id);
    if (!object) return refuse("invalid_id", `"${id}" is no id of an execution`);
    const command: CreateCommand = how === "made" ? { ...ticket, awaitsTurn: true } : ticket;
    // The shard may be far from the caller. A jurisdiction has its own places.
    const isFree = ticket.region !== undefined && jurisdictionOf(tenant) === undefined;
    const where = isFree ? { locationHint: ticket.region as DurableObjectLocationHint } : {};
    const actor = () => namespace.get(object, where) as unknown as ExecutionRpc;
    const call = async (actor: ExecutionRpc) => {
      const started = await actor.start(systemPrincipal(tenant), command, {
        holdMs: STORED_WITHIN_MS,
        until: "stored",
      });
      return started.ok ? accept(null) : started;
    };
    return callActor({ actor, call, repeatable: true });
  };
}
