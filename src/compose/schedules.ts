/** Wires schedules: the way to their actors and their index, and what an actor needs to fire. */

import { log } from "../actors/platform/log.ts";
import { countedAs, scheduleClient } from "../actors/platform/schedule-client.ts";
import type { ScheduleSurroundings } from "../actors/schedule-actor.ts";
import type { FiringPort } from "../actors/schedules/schedule-work.ts";
import type { Principal } from "../domain/execution/principal.ts";
import { isTerminal } from "../domain/execution/status.ts";
import type { Schedule } from "../domain/schedule/state.ts";
import { accept, refuse } from "../domain/values/fault.ts";
import type { Executions } from "../operations/executions/executions.ts";
import type { RemoteAgents } from "../operations/nodes/remote-agents.ts";
import type { Catalog, ExecutionClient } from "../operations/ports.ts";
import { bringDeclared } from "../operations/schedules/declared-schedules.ts";
import { Schedules } from "../operations/schedules/schedules.ts";
import { putSchedule, removeSchedule, scheduleIndex } from "../registry/documents/schedules.ts";
import { keepSweepNote, sweepNote } from "../registry/projection/sweep.ts";
import { textsOf, vaultOf } from "../vault/configured.ts";
import { randomToken, shortDigest } from "../vault/digest.ts";
import { bindingAdvice } from "./environment/bindings.ts";
import type { Env } from "./environment/env.ts";
import { admissionOf, alarmPaceOf, limitsOf } from "./environment/limits.ts";
import { registriesOf } from "./environment/registries.ts";
import { executionClientOf, idSecretOf } from "./execution-ids.ts";

/** The way to schedules, or the refusal that names the lines for the wrangler file. */
function schedulesClientOf(env: Pick<Env, "SCHEDULES" | "ERRAND_MAX_LIVE">) {
  const namespace = env.SCHEDULES ?? refuse("misconfigured", bindingAdvice(env, "SCHEDULES")[0] ?? "");
  const admission = admissionOf(env);
  return scheduleClient(namespace, (name) => admission.refusal(name));
}

export function schedulesOf(env: Env, catalog: Catalog, remote: RemoteAgents): Schedules {
  return new Schedules({
    client: schedulesClientOf(env),
    index: scheduleIndex(registriesOf(env), textsOf(env)),
    catalog,
    remote,
    limits: limitsOf(env),
    newId: () => `sched_${randomToken(12)}`,
    now: () => Date.now(),
  });
}

/** What the code declares, brought to its schedules: one read of the index where nothing changed. Resolves when that is so. */
export async function bringDeclaredIn(env: Env, catalog: Catalog): Promise<void> {
  if (!env.SCHEDULES) return;
  const client = schedulesClientOf(env);
  const note = () => sweepNote(env.REGISTRY, DECLARED);
  const keepNote = (kept: unknown) => keepSweepNote(env.REGISTRY, DECLARED, kept);
  await bringDeclared({ catalog, client, note, keepNote, digest: shortDigest, now: () => Date.now(), log });
}

const DECLARED = "declared_schedules";

/** Its executions are its owner's. */
function ownerOf({ tenant, owner }: Schedule): Principal {
  return { tenant, subject: owner, scopes: ["execute", "read"] };
}

/** `executions`: of this environment, as calls of its router use it. */
function firingPortOf(env: Env, executions: () => Pick<Executions, "start">): FiringPort {
  const client = async (): Promise<ExecutionClient> => {
    await idSecretOf(env).load();
    return executionClientOf(env);
  };
  const hasEnded: FiringPort["hasEnded"] = async (schedule, executionId) => {
    const view = await (await client()).view(ownerOf(schedule), executionId, { brief: true });
    if (view.ok) return isTerminal(view.value.state.status);
    if (view.code === "gone") return true;
    if (view.code === "not_found") return undefined;
    throw new Error(view.detail);
  };
  return {
    hasEnded,
    idOf: async ({ tenant, id, uid }, { key }) => (await client()).idNamed(tenant, "schedule", id, uid, key),
    start: async (schedule, { executionId, frozen, again }) => {
      if (again && (await hasEnded(schedule, executionId)) !== undefined) return accept(null);
      const { target, input, sessionId, budget, metadata, attributes } = frozen;
      await idSecretOf(env).load();
      return executions().start(ownerOf(schedule), {
        ...{ target, input, budget, metadata, attributes, context: undefined, deadlineMs: undefined, waitMs: 0 },
        schedule: { id: schedule.id, executionId },
        headers: sessionId === undefined ? {} : { "x-session-id": sessionId },
      });
    },
  };
}

export function scheduleSurroundings(executionsOf: (env: Env) => Executions): ScheduleSurroundings<Env> {
  return {
    vault: vaultOf,
    firing: (env) => firingPortOf(env, () => executionsOf(env)),
    index: (env) => async (schedule) => {
      const { tenant, id, owner, rev, status, reason = null, declared, spec } = schedule;
      const database = await registriesOf(env).of(tenant);
      if (status === "deleted") return removeSchedule(database, tenant, id);
      const { anchorMs, createdAtMs, updatedAtMs } = schedule;
      const { target, input: _input, budget: _budget, metadata: _metadata, attributes: _attributes, ...shown } = spec;
      const times = { anchorMs, createdAtMs, updatedAtMs };
      const row = { tenant, id, owner, rev, status, reason, target, declared, spec: JSON.stringify(shown), ...times };
      return putSchedule(database, row, textsOf(env));
    },
    woken: (env) => (place) => admissionOf(env).woken(countedAs(place)),
    pace: alarmPaceOf,
    newUid: () => randomToken(8),
    log,
  };
}
