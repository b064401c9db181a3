/** The receivers of an outbox in the little platform: every call is an operation of the network, which may be lost. */
import type { BudgetLimits } from "../../../../src/domain/execution/budget.ts";
import type { CreateCommand } from "../../../../src/domain/execution/command.ts";
import type { ExecutionState } from "../../../../src/domain/execution/state.ts";
import { isTerminal } from "../../../../src/domain/execution/status.ts";
import { NO_RULES } from "../../../../src/domain/intake/queues.ts";
import type { ApprovalRecord } from "../../../../src/domain/read-models/approval-record.ts";
import type { Refusal, Result } from "../../../../src/domain/values/fault.ts";
import { accept, refuse } from "../../../../src/domain/values/fault.ts";
import type { Json } from "../../../../src/domain/values/json.ts";
import type { DispatchToParent } from "../../../../src/engine/execution/adoption.ts";
import type { DurableExecution } from "../../../../src/engine/execution/durable-execution.ts";
import { placesFor } from "../../../../src/engine/execution/places.ts";
import type { RemoteTarget } from "../../../../src/engine/node-port.ts";
import type { Receivers, ReceivingExecution } from "../../../../src/engine/outbox/deliver.ts";
import type { BudgetRequest, World } from "../../../../src/engine/ports.ts";
import type { SimClock } from "../clock/sim-clock.ts";
import { digestOf } from "../digest.ts";
import type { Network } from "./network.ts";
import { limitersOf } from "./sim-limiters.ts";
import type { SimStore } from "./sim-store.ts";

export interface Platform {
  readonly world: PlatformWorld;
  readonly network: Network;
  readonly find: World["find"];
}

interface PlatformWorld {
  actor(id: string): DurableExecution;
  /** What the object of an execution answers to everything now, instead of being opened. */
  refusal(id: string): Refusal | undefined;
  readonly registry: Map<string, ExecutionState[]>;
  /** By execution, the wake that the newest row of the registry speaks of. */
  readonly owedWakes: Map<string, number | undefined>;
  readonly approvals: Map<string, ApprovalRecord>;
  readonly files: Map<string, Uint8Array>;
  /** What must never be. */
  readonly wrongs: string[];
  readonly stores: ReadonlyMap<string, SimStore>;
  readonly clock: SimClock;
  readonly nodes: { readonly offers?: RemoteTarget | undefined };
}

/** An execution of a function of this name cannot begin, as if its id were taken: each start of it is refused for good. */
const BARRED = "barred";
const barred = ({ origin }: CreateCommand): Refusal | undefined =>
  origin.fn === BARRED ? refuse("id_taken", `${origin.id} is another's`) : undefined;

export function receiversOf(from: string, platform: Platform): Receivers {
  const { network, find, world } = platform;
  const { registry, owedWakes, approvals, files } = world;
  return {
    find,
    builtIns: undefined,
    // Only where a schedule says so the little platform has a node.
    remote: (_tenant, { agent, fn }) => {
      const { offers } = world.nodes;
      const missing = refuse("target_not_found", `nothing answers to the target "${agent}.${fn}"`);
      const work = (): Result<RemoteTarget> => (agent === "node" && offers ? accept(offers) : missing);
      return network.request(from, { label: `look for ${agent}.${fn}`, work });
    },
    places: (origin, found, input) => placesFor({ origin, found, input, rules: NO_RULES, digest: digestOf }),
    // The little platform has no agents that poll.
    offers: async () => {},
    limiter: (message) =>
      limitersOf(world.clock).deliver(from, message, {
        network,
        actor: (id) => world.actor(id),
        refusal: (id) => world.refusal(id),
      }),
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
  { id, platform }: { readonly id: string; readonly platform: Platform },
): ReceivingExecution {
  const { network, world } = platform;
  const { wrongs, stores } = world;
  const call = <T>(label: string, receive: (receiver: DurableExecution) => Promise<T>) =>
    network.call<T | Refusal>(from, {
      label: `${label} ${id}`,
      to: id,
      receive: async () => world.refusal(id) ?? receive(world.actor(id)),
    });
  return {
    start: (command) => {
      if (command.origin.restartedFrom?.id === from) wrongs.push(...tooEarly(from, { what: "is followed", stores }));
      return call("start of", async (receiver) => barred(command) ?? receiver.accept(command));
    },
    cancelOrRefuse: (command, reason) =>
      call("cancel of", async (receiver) => {
        if (barred(command)) return refuse("not_found", "there is no such execution");
        const decided = await receiver.cancelOrRefuse(command, reason);
        const { status } = receiver.state ?? {};
        if (decided.ok && !(status && isTerminal(status)))
          wrongs.push(`P3: ${id} took its parent's cancel, and is ${status ?? "not there"}`);
        return decided;
      }),
    dispatch: (command) => {
      if (command.type === "child_finished") wrongs.push(...tooEarly(from, { what: "tells its end", stores }));
      return call(`${command.type} to`, (receiver) => receiver.dispatch(command, "system"));
    },
  };
}

/** P3: the children that it called have ended by then, and after a cancel those too that came by themselves. */
function tooEarly(
  id: string,
  { what, stores }: { readonly what: string; readonly stores: ReadonlyMap<string, SimStore> },
): string[] {
  const { state, events = [] } = stores.get(id)?.view ?? {};
  return events.flatMap((event) => {
    if (event.type !== "child.started" || (event.data.adopted && state?.status !== "cancelled")) return [];
    const { status } = stores.get(event.data.childId)?.view.state ?? {};
    if (status === undefined || isTerminal(status)) return [];
    return [`P3: ${id} ${what} while its child ${event.data.childId} is ${status}`];
  });
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
  const { network, world } = platform;
  const { id } = joining;
  const dispatchToParent: DispatchToParent = (to, command) => {
    const receive = async () => world.refusal(to) ?? told(world.actor(to), command);
    return network.call(id, { label: `${command.type} of ${id} to ${to}`, to, receive });
  };
  const command = startOf(joining, parentId);
  const receive = async () =>
    world.refusal(id) ??
    world.actor(id).begin(command, { lazily: false, refusal: () => barred(command), dispatchToParent });
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
  return { type: "create", origin, input, joins: { asked } };
}

/** What a parent answers to a child that asks for more. */
export async function lent({ origin, parentId, ...draw }: BudgetRequest, { world }: Platform) {
  const refused = world.refusal(parentId);
  if (refused) return refused;
  const decided = await world.actor(parentId).lend({ type: "draw_budget", childId: origin.id, ...draw });
  return decided.ok ? ({ ok: true } as const) : refuse(decided.code, decided.detail);
}
