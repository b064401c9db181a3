/** Stubs become the port the operations know. A stub breaks after an exception, so each call gets a new one. */
import { executionIdFromHex, hexFromExecutionId } from "../../domain/execution-id.ts";
import { refuse } from "../../domain/fault.ts";
import type { ExecutionDoor } from "../../operations/ports.ts";
import type { ExecutionRpc } from "../execution-rpc.ts";
import { watchRequest } from "../watcher.ts";

export function executionDoor(namespace: DurableObjectNamespace): ExecutionDoor {
  const stub = (executionId: string) => {
    const id = objectId(namespace, executionId);
    return id && (namespace.get(id) as unknown as ExecutionRpc & Pick<DurableObjectStub, "fetch">);
  };
  const missing = () => Promise.resolve(refuse("not_found", "there is no such execution"));

  return {
    newId: (tenant, idempotencyKey) => {
      const id =
        idempotencyKey === undefined ? namespace.newUniqueId() : namespace.idFromName(`${tenant}:${idempotencyKey}`);
      return executionIdFromHex(id.toString());
    },
    start: (caller, command, options) => stub(command.origin.id)?.start(caller, command, options) ?? missing(),
    tell: (caller, executionId, command) => stub(executionId)?.tell(caller, command) ?? missing(),
    view: (caller, executionId, hold) => stub(executionId)?.view(caller, hold) ?? missing(),
    events: (caller, executionId, page) => stub(executionId)?.events(caller, page) ?? missing(),
    effects: (caller, executionId) => stub(executionId)?.effects(caller) ?? missing(),
    member: (caller, executionId, options) => stub(executionId)?.member(caller, options) ?? missing(),
    invariants: (caller, executionId) => stub(executionId)?.invariants(caller) ?? missing(),

    poke: async (caller, executionId) => {
      await stub(executionId)?.poke(caller);
    },

    stream: async (caller, executionId, after) =>
      (await stub(executionId)?.fetch(watchRequest(caller, after))) ?? Response.json(await missing(), { status: 404 }),
  };
}

/** The object behind an id, or `undefined` when the text is no id of this namespace. */
export function objectId(namespace: DurableObjectNamespace, executionId: string): DurableObjectId | undefined {
  const hex = hexFromExecutionId(executionId);
  if (hex === undefined) return undefined;
  try {
    return namespace.idFromString(hex);
  } catch {
    return undefined;
  }
}
