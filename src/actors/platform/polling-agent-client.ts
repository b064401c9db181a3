/** The polling agents of a tenant become the port the operations know; they lie in the object of its nodes. */
import type { Principal } from "../../domain/execution/principal.ts";
import { systemPrincipal } from "../../domain/execution/principal.ts";
import type { WorkOffer } from "../../domain/node/work-offer.ts";
import type { Refusal } from "../../domain/values/fault.ts";
import { accept, refuse } from "../../domain/values/fault.ts";
import type { WorkDirectory, WorkHinter } from "../../operations/plan-execution-ports.ts";
import type { PollingAgentRegistry, RequestWindows } from "../../operations/polling-agents/ports.ts";
import { directoryName } from "../rpc/directory-name.ts";
import { workSubscriptionRequest } from "../rpc/work-subscription.ts";
import { callActor } from "./call-actor.ts";
import { namespaceOf } from "./jurisdiction.ts";
import { workWait } from "./work-wait.ts";

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
    const id = namespaceOf(namespace, tenant).idFromName(directoryName(tenant));
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

/** Counts requests of agents in the directory of their tenant. Answers `undefined`, no count, where no directory is bound. */
export function requestWindowsClient(namespace: DurableObjectNamespace | undefined): RequestWindows {
  return {
    takeRequests: async (caller, agentId, wanted) => {
      if (namespace === undefined) return undefined;
      const id = namespaceOf(namespace, caller.tenant).idFromName(directoryName(caller.tenant));
      const actor = () => namespace.get(id) as unknown as RequestWindows;
      return callActor({
        actor,
        call: (actor) => actor.takeRequests(caller, agentId, wanted),
        repeatable: false,
      });
    },
  };
}

interface OfferReceiver {
  offerWork(caller: Principal, offer: WorkOffer): Promise<void>;
}

export function offerClient(namespace: DurableObjectNamespace | undefined): (offer: WorkOffer) => Promise<void> {
  return async (offer) => {
    if (namespace === undefined) return;
    const id = namespaceOf(namespace, offer.tenant).idFromName(directoryName(offer.tenant));
    const actor = () => namespace.get(id) as unknown as OfferReceiver;
    const caller = systemPrincipal(offer.tenant);
    await callActor({ actor, call: (actor) => actor.offerWork(caller, offer), repeatable: true });
  };
}

type Hinter = WorkHinter & Pick<DurableObjectStub, "fetch">;

/** `missing`: what every caller hears where no directory is bound. */
export function workDirectoryClient(
  namespace: DurableObjectNamespace | undefined,
  missing: () => string,
): WorkDirectory {
  if (namespace === undefined) {
    const refused = async () => refuse("misconfigured", missing());
    return { workFor: refused, waitForWork: refused };
  }
  const ask = <T>({ tenant }: Principal, call: (actor: Hinter) => Promise<T>) => {
    const id = namespaceOf(namespace, tenant).idFromName(directoryName(tenant));
    return callActor({ actor: () => namespace.get(id) as unknown as Hinter, call, repeatable: true });
  };
  return {
    workFor: (caller, agentId, actions) => ask(caller, (actor) => actor.workFor(caller, agentId, actions)),
    waitForWork: async (caller, agentId, actions) => {
      const wanted = { agentId, ...(actions === undefined ? {} : { actions: [...actions] }) };
      const answer = await ask(caller, (actor) => actor.fetch(workSubscriptionRequest(caller, wanted)));
      return answer.webSocket ? accept(workWait(answer.webSocket)) : ((await answer.json()) as Refusal);
    },
  };
}
