/** The platform as the engine's `World`: clock, ids, microtask rest, letters to other actors. */

import type { AgentDefinition } from "../../define/agent.ts";
import { systemCaller } from "../../domain/caller.ts";
import type { CreateCommand } from "../../domain/command.ts";
import type { Origin } from "../../domain/event.ts";
import { executionIdFromHex, gateIdOf } from "../../domain/execution-id.ts";
import { refuse } from "../../domain/fault.ts";
import type { Letter, ModelPort, World } from "../../engine/ports.ts";
import type { ExecutionRow } from "../../registry/projection.ts";
import { executionRow } from "../../registry/projection.ts";
import { randomToken, shortDigest } from "../../vault/digest.ts";
import type { ExecutionRpc } from "../execution-rpc.ts";
import { objectId } from "./execution-door.ts";

export interface WorldParts {
  readonly executionId: string;
  readonly executions: DurableObjectNamespace;
  readonly agents: ReadonlyMap<string, AgentDefinition>;
  readonly model: ModelPort;
  /** Resolves when the registry has the row. */
  readonly record: (row: ExecutionRow) => Promise<void>;
  readonly log: (entry: Readonly<Record<string, unknown>>) => void;
}

export function platformWorld({ executionId, executions, agents, model, record, log }: WorldParts): World {
  const find: World["find"] = (agent, fn) => {
    const found = agents.get(agent);
    const definition = found?.functions.get(fn);
    return found && definition ? { definition, version: found.version } : undefined;
  };
  const rpc = (id: string) => {
    const object = objectId(executions, id);
    return object && (executions.get(object) as unknown as ExecutionRpc);
  };
  return {
    now: () => Date.now(),
    random: () => Math.random(),
    newId: () => gateIdOf(executionId, randomToken(6)),
    newExecutionId: () => executionIdFromHex(executions.newUniqueId().toString()),
    digest: shortDigest,
    // Reading a body goes through the event loop: every microtask of the program is done before it answers. 20 µs on the
    // local runtime, where a timer of 0 ms takes 1.1 ms and a MessageChannel does not leave the microtask queue (2026-11).
    rest: async () => {
      await new Response("x").text();
    },
    later: (delayMs, fn) => {
      setTimeout(() => {
        try {
          fn();
        } catch (error) {
          log({ level: "error", message: "a deferred task failed", execution_id: executionId, stack: String(error) });
        }
      }, delayMs);
    },
    find,
    model,
    post: (letter) => post(letter, { rpc, find, record }),
    draw: async ({ origin, parentId, drawId, amount }) => {
      const parent = rpc(parentId);
      if (!parent) return refuse("not_found", "the parent execution is not known");
      const decided = await parent.draw(systemCaller(origin.tenant), {
        type: "draw_budget",
        childId: origin.id,
        drawId,
        amount,
      });
      return decided.ok ? { ok: true } : decided;
    },
    log: (level, message, fields) => log({ level, message, execution_id: executionId, ...fields }),
  };
}

interface Post {
  readonly rpc: (id: string) => ExecutionRpc | undefined;
  readonly find: World["find"];
  readonly record: WorldParts["record"];
}

/** Rejects when the receiver could not be reached. A refusal is an answer: the receiver knows better, nothing to repeat. */
async function post(letter: Letter, { rpc, find, record }: Post): Promise<void> {
  if (letter.to === "registry") return record(executionRow(letter.state, letter.alarmAtMs));
  const caller = systemCaller(letter.origin.tenant);
  if (letter.to === "parent") {
    const { origin, parentId } = letter;
    if (letter.verb === "waiting") {
      await rpc(parentId)?.tell(caller, { type: "child_waiting", childId: origin.id, waiting: letter.waiting });
      return;
    }
    const { status, outcome, usage } = letter;
    await rpc(parentId)?.tell(caller, { type: "child_finished", childId: origin.id, status, outcome, usage });
    return;
  }
  const command: CreateCommand = { type: "create", origin: complete(letter.origin, find), input: letter.input };
  if (letter.verb === "start") await rpc(letter.childId)?.start(caller, command, { holdMs: 0 });
  else await rpc(letter.childId)?.cancelOrRefuse(caller, command, letter.reason);
}

/** The parent knows the target; kind and version are the definition's. */
function complete(origin: Origin, find: World["find"]): Origin {
  const found = find(origin.agent, origin.fn);
  return found ? { ...origin, kind: found.definition.kind, version: found.version } : origin;
}
