/** The polling agents of a tenant become the port the operations know; they lie in the object of its nodes. */
import type { Principal } from "../../domain/execution/principal.ts";
import { refuse } from "../../domain/values/fault.ts";
import type { PollingAgentRegistry } from "../../operations/polling-agent-ports.ts";
import { directoryName } from "../node-directory-actor.ts";
import { onNewStub } from "./new-stub.ts";

/** `missing`: what every caller hears where no directory is bound. */
export function pollingAgentClient(
  namespace: DurableObjectNamespace | undefined,
  missing: () => string,
): PollingAgentRegistry {
  if (namespace === undefined) {
    const refused = async () => refuse("misconfigured", missing());
    return { addAgent: refused, agent: refused, agents: refused, changeAgent: refused, removeAgent: refused };
  }
  const ask = <T>({ tenant }: Principal, repeatable: boolean, call: (actor: PollingAgentRegistry) => Promise<T>) => {
    const id = namespace.idFromName(directoryName(tenant));
    return onNewStub({ stub: () => namespace.get(id) as unknown as PollingAgentRegistry, call, repeatable });
  };
  return {
    addAgent: (caller, id, said) => ask(caller, false, (actor) => actor.addAgent(caller, id, said)),
    agent: (caller, id) => ask(caller, true, (actor) => actor.agent(caller, id)),
    agents: (caller, page) => ask(caller, true, (actor) => actor.agents(caller, page)),
    changeAgent: (caller, id, change) => ask(caller, true, (actor) => actor.changeAgent(caller, id, change)),
    removeAgent: (caller, id) => ask(caller, false, (actor) => actor.removeAgent(caller, id)),
  };
}
