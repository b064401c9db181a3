/** The receivers of an outbox in the little platform: every call is an operation of the network, which may be lost. */
import type { ApprovalRecord } from "../../../src/domain/approval.ts";
import type { Refusal } from "../../../src/domain/fault.ts";
import type { ExecutionState } from "../../../src/domain/state.ts";
import type { Receivers, ReceivingExecution } from "../../../src/engine/deliver.ts";
import type { DurableExecution } from "../../../src/engine/durable-execution.ts";
import type { World } from "../../../src/engine/ports.ts";
import type { Network } from "./network.ts";

export interface Platform {
  readonly network: Network;
  actor(id: string): DurableExecution;
  /** What the object of an execution answers to everything now, instead of being opened. */
  refusal(id: string): Refusal | undefined;
  readonly registry: Map<string, ExecutionState[]>;
  readonly approvals: Map<string, ApprovalRecord>;
  readonly files: Map<string, Uint8Array>;
  readonly find: World["find"];
}

export function receiversOf(from: string, platform: Platform): Receivers {
  const { network, registry, approvals, files, find } = platform;
  return {
    find,
    execution: (_tenant, id) => executionOver(from, { id, platform }),
    registry: ({ state }) => {
      const work = () => {
        registry.set(from, [...(registry.get(from) ?? []), state]);
      };
      return network.request(from, { label: `row of ${from}`, work });
    },
    approval: ({ record }) => {
      const work = () => {
        const known = approvals.get(record.id);
        if (!known || known.seq < record.seq) approvals.set(record.id, record);
      };
      return network.request(from, { label: `approval ${record.id}`, work });
    },
    removeFiles: (keys) => {
      const work = () => {
        for (const key of keys) files.delete(key);
      };
      return network.request(from, { label: `removal of ${keys}`, work });
    },
  };
}

function executionOver(
  from: string,
  { id, platform: { network, actor, refusal } }: { readonly id: string; readonly platform: Platform },
): ReceivingExecution {
  const call = <T>(label: string, receive: (receiver: DurableExecution) => T) =>
    network.call<T | Refusal>(from, {
      label: `${label} ${id}`,
      to: id,
      receive: () => refusal(id) ?? receive(actor(id)),
    });
  return {
    start: (command) => call("start of", (receiver) => receiver.accept(command)),
    cancelOrRefuse: (command, reason) => call("cancel of", (receiver) => receiver.cancelOrRefuse(command, reason)),
    tell: (command) => call(`${command.type} to`, (receiver) => receiver.tell(command, "system")),
  };
}
