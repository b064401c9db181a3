/** The polling agents of a tenant become the port the operations know; they lie in the object of its nodes. */
import type { Principal } from "../../domain/execution/principal.ts";
import { systemPrincipal } from "../../domain/execution/principal.ts";
import type { WorkOffer } from "../../domain/node/work-offer.ts";
import { refuse } from "../../domain/values/fault.ts";
import type { WorkDirectory } from "../../operations/plan-execution-ports.ts";
import type { PollingAgentRegistry } from "../../operations/polling-agent-ports.ts";
import { directoryName } from "../node-directory-actor.ts";
import { callActor } from "./call-actor.ts";

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
    return callActor({ actor: () => namespace.get(id) as unknown as PollingAgentRegistry, call, repeatable });
  };
  return {
    addAgent: (caller, id, said) => ask(caller, false, (actor) => actor.addAgent(caller, id, said)),
    agent: (caller, id) => ask(caller, true, (actor) => actor.agent(caller, id)),
    agents: (caller, page) => ask(caller, true, (actor) => actor.agents(caller, page)),
    changeAgent: (caller, id, change) => ask(caller, true, (actor) => actor.changeAgent(caller, id, change)),
    removeAgent: (caller, id) => ask(caller, false, (actor) => actor.removeAgent(caller, id)),
  };
}

interface OfferReceiver {
  offerWork(caller: Principal, offer: WorkOffer): Promise<void>;
}

export function offerClient(namespace: DurableObjectNamespace | undefined): (offer: WorkOffer) => Promise<void> {
  return async (offer) => {
    if (namespace === undefined) return;
    const id = namespace.idFromName(directoryName(offer.tenant));
    const actor = () => namespace.get(id) as unknown as OfferReceiver;
    const caller = systemPrincipal(offer.tenant);
    await callActor({ actor, call: (actor) => actor.offerWork(caller, offer), repeatable: true });
  };
}

/** `missing`: what every caller hears where no directory is bound. */
export function workDirectoryClient(
  namespace: DurableObjectNamespace | undefined,
  missing: () => string,
): WorkDirectory {
  return {
    workFor: async (caller, agentId, actions) => {
      if (namespace === undefined) return refuse("misconfigured", missing());
      const id = namespace.idFromName(directoryName(caller.tenant));
      const actor = () => namespace.get(id) as unknown as WorkDirectory;
      const call = (actor: WorkDirectory) => actor.workFor(caller, agentId, actions);
      return callActor({ actor, call, repeatable: true });
    },
  };
}
