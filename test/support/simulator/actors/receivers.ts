/** The receivers of an outbox in the little platform: every call is an operation of the network, which may be lost. */
import type { BudgetLimits } from "../../../../src/domain/execution/budget.ts";
import type { CreateCommand } from "../../../../src/domain/execution/command.ts";
import type { ExecutionState } from "../../../../src/domain/execution/state.ts";
import type { ApprovalRecord } from "../../../../src/domain/read-models/approval-record.ts";
import type { Refusal } from "../../../../src/domain/values/fault.ts";
import { accept, refuse } from "../../../../src/domain/values/fault.ts";
import type { Json } from "../../../../src/domain/values/json.ts";
import type { DispatchToParent } from "../../../../src/engine/adoption.ts";
import type { Receivers, ReceivingExecution } from "../../../../src/engine/deliver.ts";
import type { DurableExecution } from "../../../../src/engine/durable-execution.ts";
import type { BudgetRequest, World } from "../../../../src/engine/ports.ts";
import type { Network } from "./network.ts";

export interface Platform {
  readonly network: Network;
  actor(id: string): DurableExecution;
  /** What the object of an execution answers to everything now, instead of being opened. */
  refusal(id: string): Refusal | undefined;
  readonly registry: Map<string, ExecutionState[]>;
  /** By execution, the wake that the newest row of the registry speaks of. */
  readonly owedWakes: Map<string, number | undefined>;
  readonly approvals: Map<string, ApprovalRecord>;
  readonly files: Map<string, Uint8Array>;
  readonly find: World["find"];
}

export function receiversOf(from: string, platform: Platform): Receivers {
  const { network, registry, owedWakes, approvals, files, find } = platform;
  return {
    find,
    execution: (_tenant, id) => executionOver(from, { id, platform }),
    registry: ({ state, owedWakeAtMs }) => {
      const work = () => {
        if (state.seq >= (registry.get(from)?.at(-1)?.seq ?? 0)) owedWakes.set(from, owedWakeAtMs);
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
  const call = <T>(label: string, receive: (receiver: DurableExecution) => Promise<T>) =>
    network.call<T | Refusal>(from, {
      label: `${label} ${id}`,
      to: id,
      receive: async () => refusal(id) ?? receive(actor(id)),
    });
  return {
    start: (command) => call("start of", (receiver) => receiver.accept(command)),
    cancelOrRefuse: (command, reason) => call("cancel of", (receiver) => receiver.cancelOrRefuse(command, reason)),
    dispatch: (command) => call(`${command.type} to`, (receiver) => receiver.dispatch(command, "system")),
  };
}

/** A start that names its parent, as callers send it with a header. */
export interface Joining {
  readonly id: string;
  readonly target: string;
  readonly input: Json;
  readonly asked?: BudgetLimits;
}

/** A caller's request to the child's own object, which asks the parent. Answers with the code of a refusal, or nothing. */
export async function join(
  from: string,
  {
    parentId,
    joining,
    platform,
  }: { readonly parentId: string; readonly joining: Joining; readonly platform: Platform },
): Promise<string | null> {
  const { network, actor, refusal } = platform;
  const { id } = joining;
  const dispatchToParent: DispatchToParent = (to, command) => {
    const receive = async () => refusal(to) ?? told(actor(to), command);
    return network.call(id, { label: `${command.type} of ${id} to ${to}`, to, receive });
  };
  const receive = async () =>
    refusal(id) ??
    actor(id).begin(startOf(joining, parentId), { lazily: false, refusal: () => undefined, dispatchToParent });
  const begun = await network.call(from, { label: `start of ${id} under ${parentId}`, to: id, receive });
  return begun.ok ? null : begun.code;
}

async function told(parent: DurableExecution, command: Parameters<DispatchToParent>[1]): ReturnType<DispatchToParent> {
  const decided =
    command.type === "adopt_child" ? await parent.lend(command) : await parent.dispatch(command, "system");
  if (!decided.ok) return decided;
  const state = parent.journal.committed;
  return state ? accept({ state, changed: decided.events.length > 0 }) : refuse("not_found", "no such execution");
}

function startOf({ id, target, input, asked = {} }: Joining, parentId: string): CreateCommand {
  const [agent = "", fn = ""] = target.split(".");
  const who = { id, tenant: "t", owner: "caller", agent, fn, kind: "reasoner", version: "1", runId: id } as const;
  const origin = { ...who, parentId, owned: false, digest: `${target} ${id}`, limits: asked, timeoutMs: 604_800_000 };
  return { type: "create", origin, input, joins: { asked, namesRun: false } };
}

/** What a parent answers to a child that asks for more. */
export async function lent({ origin, parentId, drawId, amount }: BudgetRequest, { actor, refusal }: Platform) {
  const refused = refusal(parentId);
  if (refused) return refused;
  const decided = await actor(parentId).lend({ type: "draw_budget", childId: origin.id, drawId, amount });
  return decided.ok ? ({ ok: true } as const) : refuse(decided.code, decided.detail);
}
