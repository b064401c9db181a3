/** The platform as the engine's `World`: clock, ids, microtask rest, outbox messages to other actors. */
import type { AgentDefinition } from "../../define/agent.ts";
import type { BuiltIns } from "../../define/built-ins.ts";
import { approvalIdOf } from "../../domain/execution/execution-id.ts";
import { systemPrincipal } from "../../domain/execution/principal.ts";
import { isTerminal } from "../../domain/execution/status.ts";
import type { QueueRules } from "../../domain/intake/queues.ts";
import type { WorkOffer } from "../../domain/node/work-offer.ts";
import { FAULTS, refuse } from "../../domain/values/fault.ts";
import { placesFor } from "../../engine/execution/places.ts";
import type { ModelPort } from "../../engine/model-port.ts";
import type { NodePort } from "../../engine/node-port.ts";
import type { Receivers } from "../../engine/outbox/deliver.ts";
import { deliver } from "../../engine/outbox/deliver.ts";
import type { World } from "../../engine/ports.ts";
import type { FileStore, TextStore } from "../../operations/ports.ts";
import type { IndexEntry } from "../../registry/index-writes.ts";
import { approvalRow } from "../../registry/lists/approvals.ts";
import { withTraceDue } from "../../registry/projection/due-traces.ts";
import { executionRow } from "../../registry/projection/projection.ts";
import { randomToken, shortDigest } from "../../vault/digest.ts";
import type { ExecutionRpc } from "../rpc/execution-rpc.ts";
import { callActor } from "./call-actor.ts";
import type { ExecutionIds } from "./execution-ids.ts";
import { objectId } from "./execution-ids.ts";
import { functionElsewhere } from "./function-elsewhere.ts";
import type { LimiterClient } from "./limiter-client.ts";
import { logArchive } from "./log-archive.ts";
import { platformScope } from "./scope.ts";

export interface WorldParts {
  readonly executionId: string;
  /** Names the code that runs. */
  readonly deployment: string;
  readonly executions: DurableObjectNamespace;
  readonly ids: ExecutionIds;
  readonly agents: ReadonlyMap<string, AgentDefinition>;
  /** Run executions that are marked so. */
  readonly builtIns: BuiltIns;
  readonly model: ModelPort;
  readonly files: FileStore & TextStore;
  /** Logs that are kept no longer are put into the file store before they go. */
  readonly archives: boolean;
  /** What tools need from outside, by name. */
  readonly services: Readonly<Record<string, unknown>>;
  readonly memory: World["memory"];
  readonly nodes: NodePort;
  readonly claimApproval: World["claimApproval"];
  readonly post: World["post"];
  readonly limiters: LimiterClient;
  /** Tells the directory of its tenant's agents what there is to do; rejects when it was not reached. */
  readonly offer: (offer: WorkOffer) => Promise<void>;
  /** Nothing where no limits are held. */
  readonly queueRules: (tenant: string) => QueueRules | undefined | Promise<QueueRules>;
  /** A collector gets the traces of executions that ended. */
  readonly sendsTraces: boolean;
  /** Resolves when the registry has the row. */
  readonly record: (entry: IndexEntry) => Promise<void>;
  readonly log: (entry: Readonly<Record<string, unknown>>) => void;
}

const SCOPE = platformScope();

/** The world of one object, but for ending it: that only the object itself can. */
export type PlatformWorld = Omit<World, "giveUp">;

export function platformWorld(parts: WorldParts): PlatformWorld {
  const { executionId, ids, agents, builtIns, model, files, services, log } = parts;
  const find: World["find"] = (agent, fn) => {
    const found = agents.get(agent);
    const definition = found?.functions.get(fn);
    return found && definition ? { definition, version: found.version, agentLimit: found.concurrency } : undefined;
  };
  const rpc = rpcOf(parts);
  const receivers = receiversOf(parts, { find, rpc });
  return {
    now: () => Date.now(),
    random: () => Math.random(),
    newId: (prefix) => (prefix === "gate" ? approvalIdOf(executionId, randomToken(6)) : randomToken(16)),
    newExecutionId: (tenant) => ids.fresh(tenant),
    digest: shortDigest,
    deployment: parts.deployment,
    // Reading a body goes through the event loop: every microtask of the program is done before it answers. 20 µs on the
    // local runtime, where a timer of 0 ms takes 1.1 ms and a MessageChannel does not leave the microtask queue (2026-11).
    drainMicrotasks: async () => {
      await new Response("x").text();
    },
    later: (delayMs, fn) => {
      const timer = setTimeout(() => {
        try {
          fn();
        } catch (error) {
          log({ level: "error", message: "a deferred task failed", execution_id: executionId, stack: String(error) });
        }
      }, delayMs);
      return () => clearTimeout(timer);
    },
    scope: SCOPE,
    find,
    builtIns,
    model,
    ...(parts.memory ? { memory: parts.memory } : {}),
    nodes: parts.nodes,
    services,
    readFile: (key) => files.read(key),
    writeFile: (key, bytes) => files.put(key, bytes),
    ...(parts.archives ? { archive: logArchive(files) } : {}),
    deliver: (message) => deliver(message, receivers),
    post: parts.post,
    claimApproval: parts.claimApproval,
    requestBudget: async ({ origin, parentId, ...draw }) => {
      const parent = rpc(origin.tenant, parentId);
      if (!parent) return refuse("not_found", "the parent execution is not known");
      const command = { type: "draw_budget", childId: origin.id, ...draw } as const;
      const decided = await parent((actor) => actor.requestBudget(systemPrincipal(origin.tenant), command));
      return decided.ok ? { ok: true } : decided;
    },
    hasEnded: async ({ tenant }, id) => {
      const other = rpc(tenant, id);
      if (!other) return true;
      const view = await other((actor) => actor.view(systemPrincipal(tenant), { brief: true }));
      if (view.ok) return isTerminal(view.value.state.status);
      if (FAULTS[view.code].retryable) throw new Error(view.detail);
      return true;
    },
    offers: async ({ tenant, restartedFrom }, page) => {
      const source = restartedFrom && rpc(tenant, restartedFrom.id);
      if (!source) return refuse("not_found", "the execution that it follows is not known");
      const { reuse, inputChanged, from } = restartedFrom;
      const query = { reuse, inputChanged, ...(from === undefined ? {} : { from }), ...page };
      return source((actor) => actor.offers(systemPrincipal(tenant), query));
    },
    log: (level, message, fields) => log({ level, message, execution_id: executionId, ...fields }),
  };
}

/** Calls the object of an execution; every call of one execution to another may come twice. */
type Ask = <T>(call: (actor: ExecutionRpc) => Promise<T>) => Promise<T>;
type Rpc = (tenant: string, id: string) => Ask | undefined;

/** `undefined` for what is no id of this deployment. */
function rpcOf({ executions }: WorldParts): Rpc {
  return (tenant, id) => {
    const object = objectId(executions, tenant, id);
    const actor = () => executions.get(object as DurableObjectId) as unknown as ExecutionRpc;
    return object && ((call) => callActor({ actor, call, repeatable: true }));
  };
}

function receiversOf(
  { agents, record, sendsTraces, files, nodes, limiters, queueRules, builtIns, offer }: WorldParts,
  { find, rpc }: { readonly find: World["find"]; readonly rpc: Rpc },
): Receivers {
  return {
    find,
    builtIns,
    remote: functionElsewhere(agents, nodes),
    registry: ({ state, owedWakeAtMs, head, plan }) => {
      const row = executionRow(state, owedWakeAtMs, { head, plan });
      return record({ kind: "execution", row: sendsTraces ? withTraceDue(row) : row });
    },
    approval: (message) => record({ kind: "approval", row: approvalRow(message.record) }),
    removeFiles: (keys) => files.remove(keys),
    limiter: (message) => limiters.hear(message),
    offers: offer,
    places: async (origin, found, input) =>
      placesFor({ origin, found, input, rules: await queueRules(origin.tenant), digest: shortDigest }),
    execution: (tenant, id) => {
      const ask = rpc(tenant, id);
      const caller = systemPrincipal(tenant);
      return (
        ask && {
          start: (command) => ask((actor) => actor.start(caller, command, { holdMs: 0 })),
          cancelOrRefuse: (command, reason) => ask((actor) => actor.cancelOrRefuse(caller, command, reason)),
          dispatch: (command) => ask((actor) => actor.dispatch(caller, command)),
        }
      );
    },
  };
}
