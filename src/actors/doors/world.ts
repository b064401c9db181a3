/** The platform as the engine's `World`: clock, ids, microtask rest, letters to other actors. */

import type { AgentDefinition } from "../../define/agent.ts";
import { systemCaller } from "../../domain/caller.ts";
import { gateIdOf } from "../../domain/execution-id.ts";
import { refuse } from "../../domain/fault.ts";
import type { Receivers } from "../../engine/deliver.ts";
import { deliver } from "../../engine/deliver.ts";
import type { ModelPort, World } from "../../engine/ports.ts";
import type { FileStore, TextStore } from "../../operations/ports.ts";
import { approvalRow } from "../../registry/approvals.ts";
import type { LedgerEntry } from "../../registry/ledger.ts";
import { executionRow } from "../../registry/projection.ts";
import { randomToken, shortDigest } from "../../vault/digest.ts";
import type { ExecutionRpc } from "../execution-rpc.ts";
import type { ExecutionIds } from "./execution-ids.ts";
import { objectId } from "./execution-ids.ts";
import { logArchive } from "./log-archive.ts";
import { platformScope } from "./scope.ts";

export interface WorldParts {
  readonly executionId: string;
  readonly executions: DurableObjectNamespace;
  readonly ids: ExecutionIds;
  readonly agents: ReadonlyMap<string, AgentDefinition>;
  readonly model: ModelPort;
  readonly files: FileStore & TextStore;
  /** Logs that are kept no longer are put into the file store before they go. */
  readonly archives: boolean;
  /** What tools need from outside, by name. */
  readonly services: Readonly<Record<string, unknown>>;
  readonly claimApproval: World["claimApproval"];
  /** Resolves when the registry has the row. */
  readonly record: (entry: LedgerEntry) => Promise<void>;
  readonly log: (entry: Readonly<Record<string, unknown>>) => void;
}

const SCOPE = platformScope();

/** The world of one object, but for ending it: that only the object itself can. */
export type PlatformWorld = Omit<World, "giveUp">;

export function platformWorld(parts: WorldParts): PlatformWorld {
  const { executionId, executions, ids, agents, model, files, services, record, log } = parts;
  const find: World["find"] = (agent, fn) => {
    const found = agents.get(agent);
    const definition = found?.functions.get(fn);
    return found && definition ? { definition, version: found.version } : undefined;
  };
  const rpc = (tenant: string, id: string): ExecutionRpc | undefined => {
    const object = objectId(executions, tenant, id);
    return object && (executions.get(object) as unknown as ExecutionRpc);
  };
  const receivers: Receivers = {
    find,
    registry: ({ state, alarmAtMs, head }) => record({ kind: "execution", row: executionRow(state, alarmAtMs, head) }),
    approval: (letter) => record({ kind: "approval", row: approvalRow(letter.record) }),
    removeFiles: (keys) => files.remove(keys),
    execution: (tenant, id) => {
      const actor = rpc(tenant, id);
      const caller = systemCaller(tenant);
      return (
        actor && {
          start: (command) => actor.start(caller, command, { holdMs: 0 }),
          cancelOrRefuse: (command, reason) => actor.cancelOrRefuse(caller, command, reason),
          tell: (command) => actor.tell(caller, command),
        }
      );
    },
  };
  return {
    now: () => Date.now(),
    random: () => Math.random(),
    newId: () => gateIdOf(executionId, randomToken(6)),
    newExecutionId: (tenant) => ids.fresh(tenant),
    digest: shortDigest,
    // Reading a body goes through the event loop: every microtask of the program is done before it answers. 20 µs on the
    // local runtime, where a timer of 0 ms takes 1.1 ms and a MessageChannel does not leave the microtask queue (2026-11).
    rest: async () => {
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
    model,
    services,
    readFile: (key) => files.read(key),
    writeFile: (key, bytes) => files.put(key, bytes),
    ...(parts.archives ? { archive: logArchive(files) } : {}),
    post: (letter) => deliver(letter, receivers),
    claimApproval: parts.claimApproval,
    draw: async ({ origin, parentId, drawId, amount }) => {
      const parent = rpc(origin.tenant, parentId);
      if (!parent) return refuse("not_found", "the parent execution is not known");
      const decided = await parent.draw(systemCaller(origin.tenant), {
        type: "draw_budget",
        childId: origin.id,
        drawId,
        amount,
      });
      return decided.ok ? { ok: true } : decided;
    },
    offers: async ({ tenant, restartedFrom }, page) => {
      const source = restartedFrom && rpc(tenant, restartedFrom.id);
      if (!source) return refuse("not_found", "the execution that it follows is not known");
      const { reuse, inputChanged } = restartedFrom;
      return source.offers(systemCaller(tenant), { reuse, inputChanged, ...page });
    },
    log: (level, message, fields) => log({ level, message, execution_id: executionId, ...fields }),
  };
}
