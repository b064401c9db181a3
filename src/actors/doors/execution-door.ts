/** Remote objects become the port the operations know. A handle breaks after an exception, so each call gets a new one. */

import type { Caller } from "../../domain/caller.ts";
import { executionIdFromHex, hexFromExecutionId, isChosenId } from "../../domain/execution-id.ts";
import type { Result } from "../../domain/fault.ts";
import { accept, refuse } from "../../domain/fault.ts";
import type { ExecutionDoor } from "../../operations/ports.ts";
import type { ExecutionRpc } from "../execution-rpc.ts";
import { watchRequest } from "../watcher.ts";
import type { ChosenIds } from "./chosen-ids.ts";

type Actor = ExecutionRpc & Pick<DurableObjectStub, "fetch">;

export function executionDoor(namespace: DurableObjectNamespace, chosen: ChosenIds): ExecutionDoor {
  const actorOf = (id: DurableObjectId) => namespace.get(id) as unknown as Actor;
  const objectOf = async ({ tenant }: Caller, executionId: string) => {
    if (isChosenId(executionId) && !(await chosen.has(tenant, executionId))) return undefined;
    return objectId(namespace, tenant, executionId);
  };
  const ask = async <T>(caller: Caller, executionId: string, call: (actor: Actor) => Promise<Result<T>>) => {
    const id = await objectOf(caller, executionId);
    return id ? call(actorOf(id)) : missing();
  };

  return {
    newId: () => executionIdFromHex(namespace.newUniqueId().toString()),
    idNamed: (...words) => executionIdFromHex(named(namespace, words).toString()),
    start: async (caller, command, options) => {
      const { id } = command.origin;
      if (isChosenId(id)) await chosen.claim(caller.tenant, id);
      return ask(caller, id, (actor) => actor.start(caller, command, options));
    },
    mayStart: async (caller, command) => {
      // An id that nobody chose yet is free, and its object is not made for the question (E10).
      const id = await objectOf(caller, command.origin.id);
      return id ? actorOf(id).mayStart(caller, command) : accept(null);
    },
    tell: (caller, executionId, command) => ask(caller, executionId, (actor) => actor.tell(caller, command)),
    view: (caller, executionId, hold) => ask(caller, executionId, (actor) => actor.view(caller, hold)),
    events: (caller, executionId, page) => ask(caller, executionId, (actor) => actor.events(caller, page)),
    effects: (caller, executionId) => ask(caller, executionId, (actor) => actor.effects(caller)),
    member: (caller, executionId, options) => ask(caller, executionId, (actor) => actor.member(caller, options)),
    archive: (caller, executionId) => ask(caller, executionId, (actor) => actor.archive(caller)),
    invariants: (caller, executionId) => ask(caller, executionId, (actor) => actor.invariants(caller)),

    poke: async (caller, executionId) => {
      const id = await objectOf(caller, executionId);
      if (id) await actorOf(id).poke(caller);
    },

    stream: async (caller, executionId, wanted) => {
      const id = await objectOf(caller, executionId);
      return id ? actorOf(id).fetch(watchRequest(caller, wanted)) : Response.json(missing(), { status: 404 });
    },
  };
}

function missing() {
  return refuse("not_found", "there is no such execution");
}

/** The object behind an id, or `undefined` when the text is no id of this namespace. */
export function objectId(
  namespace: DurableObjectNamespace,
  tenant: string,
  executionId: string,
): DurableObjectId | undefined {
  if (isChosenId(executionId)) return named(namespace, ["id", tenant, executionId]);
  const hex = hexFromExecutionId(executionId);
  if (hex === undefined) return undefined;
  try {
    return namespace.idFromString(hex);
  } catch {
    return undefined;
  }
}

/** As JSON, because no two lists of words are one text then. */
function named(namespace: DurableObjectNamespace, words: readonly string[]): DurableObjectId {
  return namespace.idFromName(JSON.stringify(words));
}
