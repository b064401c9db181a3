/** Remote limiters become ports; and executions, as a limiter tells and asks them. */

import type { GrantSlot } from "../../domain/execution/command.ts";
import { systemPrincipal } from "../../domain/execution/principal.ts";
import type { QueueChange } from "../../domain/intake/queue-change.ts";
import type { SlotMessage } from "../../domain/intake/slot-message.ts";
import type { QueueReport } from "../../domain/read-models/queue-place.ts";
import { FAULTS } from "../../domain/values/fault.ts";
import type { Heard } from "../queues/limiter.ts";
import type { QueueName } from "../queues/queue-keeper.ts";
import type { ExecutionRpc } from "../rpc/execution-rpc.ts";
import { callActor } from "./call-actor.ts";
import { objectId } from "./execution-ids.ts";
import { namespaceOf } from "./jurisdiction.ts";

/** What a `LimiterActor` answers over RPC. */
interface LimiterRpc {
  hear(message: SlotMessage): Promise<GrantSlot | undefined>;
  configure(whose: QueueName, change: QueueChange): Promise<QueueReport>;
  report(whose: QueueName, executionId?: string): Promise<QueueReport>;
}

export interface LimiterClient {
  hear(message: SlotMessage): Promise<GrantSlot | undefined>;
  configure(whose: QueueName, change: QueueChange): Promise<QueueReport>;
  report(whose: QueueName, executionId?: string): Promise<QueueReport>;
}

/** Without a namespace no limit is held: what asks has its slot. */
export function limiterClient(namespace: DurableObjectNamespace | undefined): LimiterClient {
  const ask = <T>({ tenant, queue }: QueueName, call: (limiter: LimiterRpc) => Promise<T>, none: T): Promise<T> => {
    if (!namespace) return Promise.resolve(none);
    const id = namespaceOf(namespace, tenant).idFromName(JSON.stringify(["limiter", tenant, queue]));
    return callActor({ actor: () => namespace.get(id) as unknown as LimiterRpc, call, repeatable: true });
  };
  const nothing: QueueReport = { waiting: 0, running: 0, paused: false };
  return {
    hear: (message) => {
      const { tenant, queue } = message;
      const granted = message.verb === "ask" ? grantOf(message) : undefined;
      return ask({ tenant, queue: queue.name }, (limiter) => limiter.hear(message), granted);
    },
    configure: (whose, change) => ask(whose, (limiter) => limiter.configure(whose, change), nothing),
    report: (whose, executionId) => ask(whose, (limiter) => limiter.report(whose, executionId), nothing),
  };
}

const grantOf = ({ queue, epoch }: Extract<SlotMessage, { verb: "ask" }>): GrantSlot => ({
  type: "grant_slot",
  queue: queue.name,
  epoch,
});

/** True when a ticket of this id waits, and begins now. Rejects when its shard was not reached. */
type AdmitTicket = (tenant: string, id: string) => Promise<boolean>;

const FIRST_EPOCH = 1;

/** For a limiter: how it reaches executions. One that refuses for now is heard of later. */
export function slotHolders(executions: DurableObjectNamespace, admit: AdmitTicket = async () => false) {
  const call = async (
    { tenant }: QueueName,
    id: string,
    ask: (actor: ExecutionRpc) => Promise<{ ok: true; value: boolean } | { ok: false; code: keyof typeof FAULTS }>,
  ): Promise<Heard> => {
    const object = objectId(executions, tenant, id);
    if (!object) return "no";
    const actor = () => executions.get(object) as unknown as ExecutionRpc;
    const said = await callActor({ actor, call: ask, repeatable: true });
    if (said.ok) return said.value ? "yes" : "no";
    return FAULTS[said.code].retryable || said.code === "unreadable" ? "unknown" : "no";
  };
  /** What asks for the first time may be a ticket, whose shard asked for it. */
  const orTicket = async (
    { tenant }: QueueName,
    { id, epoch }: { readonly id: string; readonly epoch: number },
    askObject: () => Promise<Heard>,
  ): Promise<Heard> => (epoch === FIRST_EPOCH && (await admit(tenant, id)) ? "yes" : askObject());
  return {
    tell: (whose: QueueName, id: string, epoch: number) =>
      orTicket(whose, { id, epoch }, () =>
        call(whose, id, async (actor) => {
          const command = { type: "grant_slot", queue: whose.queue, epoch } as const;
          const told = await actor.dispatch(systemPrincipal(whose.tenant), command);
          return told.ok ? { ok: true, value: true } : told;
        }),
      ),
    check: (whose: QueueName, id: string, epoch: number) =>
      orTicket(whose, { id, epoch }, () =>
        call(whose, id, (actor) => actor.wantsSlot(systemPrincipal(whose.tenant), { queue: whose.queue, epoch })),
      ),
  };
}
