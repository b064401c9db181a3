/** Remote objects become the port the operations know. */
import { isChosenId } from "../../domain/execution/execution-id.ts";
import type { Principal } from "../../domain/execution/principal.ts";
import type { Refusal, Result } from "../../domain/values/fault.ts";
import { accept, FAULTS, refuse } from "../../domain/values/fault.ts";
import type { ExecutionClient } from "../../operations/ports.ts";
import type { ExecutionRpc } from "../rpc/execution-rpc.ts";
import { subscriptionRequest } from "../rpc/subscription.ts";
import { callActor, isRepeatable } from "./call-actor.ts";
import type { ExecutionIds } from "./execution-ids.ts";
import { objectId } from "./execution-ids.ts";
import type { KnownIds } from "./known-ids.ts";

type Actor = ExecutionRpc & Pick<DurableObjectStub, "fetch">;

interface Whom {
  readonly caller: Principal;
  readonly executionId: string;
  readonly repeatable: boolean;
}

export interface ExecutionClientParts {
  readonly namespace: DurableObjectNamespace;
  readonly ids: ExecutionIds;
  readonly known: KnownIds;
  /** Why the check of an id cannot be made now. */
  readonly trouble: () => Refusal;
  /** A refusal when this machine has no room for one more object: to ask one brings it into memory, with its files. */
  readonly admit: (executionId: string) => Refusal | undefined;
}

export function executionClient({ namespace, ids, known, trouble, admit }: ExecutionClientParts): ExecutionClient {
  const actorOf = (id: DurableObjectId) => namespace.get(id) as unknown as Actor;
  /** Finds the object of an id. Refused with the reason is an id that the index does not know while its check cannot be made: the row may be on its way. */
  const objectOf = async ({ tenant }: Principal, executionId: string): Promise<Result<DurableObjectId>> => {
    const judged = ids.judge(tenant, executionId);
    if (judged === "made_up") return missing();
    if (judged !== "made" && !(await known.has(tenant, executionId)))
      return judged === "unchecked" ? trouble() : missing();
    const object = objectId(namespace, tenant, executionId);
    return object ? accept(object) : missing();
  };
  type Asked<T> = (actor: Actor) => Promise<Result<T>>;
  const once = async <T>({ caller, executionId, repeatable }: Whom, call: Asked<T>) => {
    const object = await objectOf(caller, executionId);
    if (!object.ok) return object;
    return admit(executionId) ?? callActor({ actor: () => actorOf(object.value), call, repeatable });
  };
  const ask = <T>(caller: Principal, executionId: string, call: Asked<T>) =>
    once({ caller, executionId, repeatable: true }, call);

  return {
    newId: (tenant) => ids.fresh(tenant),
    queued: async () => new Map(),
    idNamed: (tenant, ...words) => ids.named(tenant, [...words.slice(0, 1), tenant, ...words.slice(1)]),
    start: async (caller, command, options) => {
      const { id } = command.origin;
      if (isChosenId(id)) await known.claim(caller.tenant, id);
      const object = objectId(namespace, caller.tenant, id);
      if (!object) return missing();
      const call = (actor: Actor) => actor.start(caller, command, options);
      return callActor({ actor: () => actorOf(object), call, repeatable: true });
    },
    dispatch: (caller, executionId, command) =>
      once({ caller, executionId, repeatable: isRepeatable(command) }, (actor) => actor.dispatch(caller, command)),
    plan: (caller, executionId, how) => ask(caller, executionId, (actor) => actor.plan(caller, how)),
    reports: (caller, executionId, query) => ask(caller, executionId, (actor) => actor.workReports(caller, query)),
    takeWork: (caller, executionId, command) => ask(caller, executionId, (actor) => actor.takeWork(caller, command)),
    reportWork: (caller, executionId, commands) =>
      ask(caller, executionId, (actor) => actor.reportWork(caller, commands)),
    view: (caller, executionId, look) => ask(caller, executionId, (actor) => actor.view(caller, look)),
    events: (caller, executionId, page) => ask(caller, executionId, (actor) => actor.events(caller, page)),
    approvals: (caller, executionId, gateIds) => ask(caller, executionId, (actor) => actor.approvals(caller, gateIds)),
    effects: (caller, executionId, query) => ask(caller, executionId, (actor) => actor.effects(caller, query)),
    member: (caller, executionId, options) => ask(caller, executionId, (actor) => actor.member(caller, options)),
    archive: (caller, executionId) => ask(caller, executionId, (actor) => actor.archive(caller)),
    invariants: (caller, executionId, known) => ask(caller, executionId, (actor) => actor.invariants(caller, known)),

    wake: (caller, executionId) => ask(caller, executionId, (actor) => actor.wake(caller)),

    expire: async (caller, executionId, retentionMs) => {
      const object = await objectOf(caller, executionId);
      if (!object.ok) return;
      await callActor({
        actor: () => actorOf(object.value),
        call: (actor) => actor.expire(caller, retentionMs),
        repeatable: true,
      });
    },

    stream: async (caller, executionId, wanted) => {
      const object = await objectOf(caller, executionId);
      if (!object.ok) return refused(object);
      const full = admit(executionId);
      if (full) return refused(full);
      const call = (actor: Actor) => actor.fetch(subscriptionRequest(caller, wanted));
      return callActor({ actor: () => actorOf(object.value), call, repeatable: true });
    },
  };
}

function refused(refusal: Refusal): Response {
  return Response.json(refusal, { status: FAULTS[refusal.code].status });
}

function missing() {
  return refuse("not_found", "there is no such execution");
}
