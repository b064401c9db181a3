/**
 * What each message of the outbox does at its receiver, and what the receiver's answer means to the sender. The actor
 * hands in stubs, the simulator its network: there is no other copy.
 *
 * - A message is taken (the receiver has it durably), refused for now, or refused for good. Only a taken one, and one
 *   that was refused for good, leaves the outbox.
 * - A child that will never be ends in its parent's log: the parent's program hears `child_refused`.
 * - Every call is safe to repeat: who has heard it already says that it is taken.
 */

import { CHILD_REFUSED } from "../../domain/decide/child.ts";
import { NOTHING, tighter } from "../../domain/execution/budget.ts";
import type { ChildFinished, ChildWaiting } from "../../domain/execution/child-command.ts";
import { timeoutMsOf } from "../../domain/execution/child-origin.ts";
import type { CreateCommand, GrantSlot } from "../../domain/execution/command.ts";
import { entryError } from "../../domain/execution/entry.ts";
import type { Origin } from "../../domain/execution/origin.ts";
import type { OutboxEntry } from "../../domain/execution/outbox-entry.ts";
import type { SlotMessage } from "../../domain/intake/slot-message.ts";
import type { WorkOffer } from "../../domain/node/work-offer.ts";
import type { FaultCode, Refusal, Result } from "../../domain/values/fault.ts";
import { accept, FAULTS, refuse } from "../../domain/values/fault.ts";
import type { Json } from "../../domain/values/json.ts";
import { unreachable } from "../../domain/values/json.ts";
import type { OutboxMessage } from "../message.ts";
import type { NodePort, RemoteTarget } from "../node-port.ts";
import type { Answer, FoundFunction } from "../ports.ts";
import type { Functions } from "../program/function-of.ts";
import { functionOf } from "../program/function-of.ts";

/** What a receiver says: it has it, or it will not have it. A receiver that cannot be reached rejects. */
type Receipt = { readonly ok: true } | Refusal;

/** Another execution. */
export interface ReceivingExecution {
  start(command: CreateCommand): Promise<Receipt>;
  cancelOrRefuse(command: CreateCommand, reason: string): Promise<Receipt>;
  dispatch(command: ChildFinished | ChildWaiting): Promise<Receipt>;
}

export interface Receivers extends Functions {
  /** `undefined` when the text is no id of an execution of this deployment. */
  execution(tenant: string, id: string): ReceivingExecution | undefined;
  /** Resolves when the registry has the row. */
  registry(message: Extract<OutboxMessage, { to: "registry" }>): Promise<void>;
  approval(message: Extract<OutboxMessage, { to: "approval" }>): Promise<void>;
  removeFiles(keys: readonly string[]): Promise<void>;
  /** Resolves when the limiter has it durably, with the slot where one is free; rejects when it was not reached. */
  limiter(message: SlotMessage): Promise<GrantSlot | undefined>;
  /** Resolves when agents that poll may find what there is to do; rejects when their directory was not reached. */
  offers(offer: WorkOffer): Promise<void>;
  /** The limits that an execution of this function is under, with this input. */
  places(origin: Origin, found: FoundFunction, input: Json): Promise<Pick<Origin, "queues" | "priority">>;
  /** Absent: there are no nodes. */
  readonly remote?: NodePort["find"];
}

/** Resolves with nothing when it was taken, with the refusal when it was not; rejects when the receiver was not reached. */
export async function deliver(message: OutboxMessage, receivers: Receivers): Promise<Answer> {
  switch (message.to) {
    case "registry":
      await receivers.registry(message);
      return undefined;
    case "approval":
      await receivers.approval(message);
      return undefined;
    case "files":
      await receivers.removeFiles(message.keys);
      return undefined;
    case "limiter":
      return receivers.limiter(message);
    case "offers":
      await receivers.offers(message.offer);
      return undefined;
    case "parent":
    case "child":
    case "successor":
      return toExecution(message, receivers);
  }
  return unreachable(message);
}

type ToExecution = Extract<OutboxMessage, { to: "parent" | "child" | "successor" }>;

async function toExecution(message: ToExecution, receivers: Receivers): Promise<Refusal | undefined> {
  const { origin } = message;
  const id = message.to === "parent" ? message.parentId : origin.id;
  const receiver = receivers.execution(origin.tenant, id);
  if (!receiver) return refuse("not_found", `"${id}" is no id of an execution`);
  const receipt = await handOver(message, receiver, receivers);
  return receipt.ok ? undefined : receipt;
}

async function handOver(message: ToExecution, receiver: ReceivingExecution, receivers: Receivers): Promise<Receipt> {
  if (message.to === "parent") return receiver.dispatch(reportOf(message));
  const { input } = message;
  const completed = await complete(message, receivers);
  if (!completed.ok) return completed;
  const command: CreateCommand = { type: "create", origin: completed.value, input };
  if (message.to === "child")
    return message.verb === "start" ? receiver.start(command) : receiver.cancelOrRefuse(command, message.reason);
  const { metadata, attributes, context, webhook, webhookError, plan, finished } = message;
  return receiver.start({
    ...command,
    ...(webhook === undefined ? {} : { webhook }),
    ...(webhookError === undefined ? {} : { webhookError }),
    ...(plan === undefined ? {} : { plan }),
    ...(finished === undefined ? {} : { finished }),
    ...(metadata === undefined ? {} : { metadata }),
    ...(attributes === undefined ? {} : { attributes }),
    ...(context === undefined ? {} : { context }),
  });
}

function reportOf(message: Extract<OutboxMessage, { to: "parent" }>): ChildFinished | ChildWaiting {
  const childId = message.origin.id;
  if (message.verb === "waiting") {
    const { waiting, seq } = message;
    return { type: "child_waiting", childId, waiting, seq };
  }
  const { status, outcome, usage, goesOnBelow } = message;
  return { type: "child_finished", childId, status, outcome, usage, goesOnBelow };
}

/** The sender knows the target; kind, version and a child's own time are the definition's. */
async function complete(
  message: Exclude<ToExecution, { to: "parent" }>,
  receivers: Receivers,
): Promise<Result<Origin>> {
  const { queues: _queues, priority: _priority, remote: _remote, ...origin } = message.origin;
  const found = functionOf(origin, receivers);
  // What was a program's when it was asked for stays one: a later version of the code may have it again.
  if (!found && receivers.remote && isElsewhere(message)) {
    const node = await receivers.remote(origin.tenant, origin);
    return node.ok ? accept(await onNode(origin, { message, receivers, node: node.value })) : node;
  }
  if (!found) return accept(origin);
  const { kind, budget, timeoutMs } = found.definition;
  const time = message.to === "child" ? { timeoutMs: timeoutMsOf(timeoutMs, message.timeoutMs) } : {};
  const places = await receivers.places(origin, found, message.input);
  const limits = tighter(origin.limits, budget);
  return accept({ ...origin, ...places, ...time, kind, version: found.version, limits });
}

interface OnNode {
  readonly message: Pick<Exclude<ToExecution, { to: "parent" }>, "input">;
  readonly receivers: Receivers;
  readonly node: RemoteTarget;
}

/** With what the node says of it, and the limits that this puts it under. */
async function onNode(origin: Origin, { message, receivers, node }: OnNode): Promise<Origin> {
  const { agentLimit, ...remote } = node;
  const there: Origin = { ...origin, ...remote };
  const definition = functionOf(there, receivers)?.definition;
  if (!definition) return there;
  return {
    ...there,
    ...(await receivers.places(there, { definition, version: node.version, agentLimit }, message.input)),
  };
}

/** Whether it is for a node. A cancel is about an execution that knows its function, or never will. */
function isElsewhere(message: Exclude<ToExecution, { to: "parent" }>): boolean {
  if (message.to === "successor") return message.origin.remote !== undefined;
  return message.verb === "start" && message.elsewhere === true;
}

/**
 * True when the same message may be taken later: what is retryable, and rows that an operator can make readable again by
 * restoring their key.
 */
export function isForNow(code: FaultCode): boolean {
  return FAULTS[code].retryable || code === "unreadable";
}

/** What our own log says when a message was refused for good. Nothing, where the receiver knows better. */
export function afterRefusal(message: OutboxEntry, { code, detail }: Refusal): ChildFinished | undefined {
  if (message.to !== "child") return undefined;
  const { childId, verb } = message;
  const did = verb === "start" ? "start" : "cancel";
  const text = `the ${did} of the child execution ${childId} was refused: ${detail}`;
  const missing = code === "target_not_found";
  const error = entryError(missing ? code : CHILD_REFUSED, missing ? detail : text, { code });
  const finished = { type: "child_finished", childId, status: "failed", outcome: { ok: false, error } } as const;
  return { ...finished, usage: NOTHING, ...(verb === "start" ? { unstarted: true } : {}) };
}
