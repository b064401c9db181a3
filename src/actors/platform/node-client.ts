/** The directory of a tenant's nodes becomes the port the operations know. */

import type { Principal } from "../../domain/execution/principal.ts";
import { accept, refuse } from "../../domain/values/fault.ts";
import type { NodeRegistry } from "../../operations/nodes/ports.ts";
import { directoryName } from "../rpc/directory-name.ts";
import { callActor } from "./call-actor.ts";
import { namespaceOf } from "./jurisdiction.ts";

/** Each of its calls may come twice: a registration, a heartbeat or an operator's word is the same the second time. */
export function nodeClient(namespace: DurableObjectNamespace | undefined, missing: () => string): NodeRegistry {
  return namespace === undefined ? withoutNodes(missing) : registryOf(namespace);
}

/** Of a Worker that binds no directory: nothing is registered, and nothing can be. */
function withoutNodes(missing: () => string): NodeRegistry {
  const refused = async () => refuse("misconfigured", missing());
  const unknown = async () => refuse("not_found", "there is no such node");
  const totals = { agents: 0, reasoners: 0, skills: 0 };
  return {
    ...{ register: refused, hear: refused, change: refused, remove: refused, one: unknown, route: unknown },
    states: async (_caller, ids) => ids.map(() => undefined),
    list: async () => accept({ nodes: [], next: undefined }),
    discover: async () => accept({ totals, nodes: [], cut: false }),
  };
}

function registryOf(namespace: DurableObjectNamespace): NodeRegistry {
  const ask = <T>({ tenant }: Principal, call: (actor: NodeRegistry) => Promise<T>): Promise<T> => {
    const id = namespaceOf(namespace, tenant).idFromName(directoryName(tenant));
    return callActor({ actor: () => namespace.get(id) as unknown as NodeRegistry, call, repeatable: true });
  };
  return {
    register: (caller, registration) => ask(caller, (actor) => actor.register(caller, registration)),
    hear: (caller, id, said) => ask(caller, (actor) => actor.hear(caller, id, said)),
    change: (caller, id, change) => ask(caller, (actor) => actor.change(caller, id, change)),
    remove: (caller, id) => ask(caller, (actor) => actor.remove(caller, id)),
    one: (caller, id) => ask(caller, (actor) => actor.one(caller, id)),
    states: (caller, ids) => ask(caller, (actor) => actor.states(caller, ids)),
    list: (caller, filter, page) => ask(caller, (actor) => actor.list(caller, filter, page)),
    discover: (caller, filter, page) => ask(caller, (actor) => actor.discover(caller, filter, page)),
    route: (caller, target) => ask(caller, (actor) => actor.route(caller, target)),
  };
}
