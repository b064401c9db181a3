/** Wires the classes of the Durable Objects. Stubs become ports in actors/platform/. */
import { executionActor } from "../actors/execution-actor.ts";
import { intakeActor } from "../actors/intake-actor.ts";
import { limiterActor } from "../actors/limiter-actor.ts";
import { memoryActor } from "../actors/memory-actor.ts";
import { nodeDirectoryActor } from "../actors/node-directory-actor.ts";
import { log } from "../actors/platform/log.ts";
import { forwardTo } from "../actors/platform/memory-client.ts";
import { projectorClient } from "../actors/platform/projector-client.ts";
import { platformWorld } from "../actors/platform/world.ts";
import { projectorActor } from "../actors/projector-actor.ts";
import { scheduleActor } from "../actors/schedule-actor.ts";
import type { Services } from "../http/requests/app.ts";
import { vaultOf } from "../vault/configured.ts";
import { authenticatorOf } from "./access.ts";
import { approvalClaimsOf } from "./approvals.ts";
import { bulkFromActor } from "./bulk.ts";
import type { Offering } from "./catalog.ts";
import { deploymentOf, watchOf } from "./environment/deployment.ts";
import type { Env } from "./environment/env.ts";
import { limitsOf } from "./environment/limits.ts";
import { tombstoneIn } from "./environment/registries.ts";
import { timingOf } from "./environment/timing.ts";
import { dispatchFromActor, executionIdsOf } from "./execution-ids.ts";
import { filesOf } from "./http-services.ts";
import { intakeSurroundings } from "./intake.ts";
import { chatPortOf, memoriesOf, memoryPortOf } from "./memory.ts";
import { modelsOf } from "./models.ts";
import { dispatchesOf, nodeSurroundings } from "./nodes.ts";
import { offerWorkOf } from "./polling-agents.ts";
import { projectorIndexOf } from "./projector.ts";
import { queueRulesOf } from "./queue-rules.ts";
import { limiterSurroundings, limitersOf } from "./queues.ts";
import { scheduleSurroundings } from "./schedules.ts";
import { sendsTraces } from "./traces.ts";
import { postOf } from "./webhooks.ts";

/** The actors by the names under which a Worker exports them. */
export function actorsOf(
  offeringIn: (env: Env) => Offering,
  servicesOf: (env: Env) => Pick<Services, "executions" | "bulk" | "access">,
) {
  const ExecutionActor = executionActor<Env>({
    timing: (env) => timingOf(env, (message) => log({ level: "warn", message })),
    limits: limitsOf,
    queueReport: (env, ...whose) => limitersOf(env).report(...whose),
    watch: watchOf,
    log,
    vault: vaultOf,
    tombstone: tombstoneIn,
    askKey: (env) => (hash) => authenticatorOf(env).keyOfHash(hash),
    dispatch: dispatchFromActor,
    world: (env, executionId) =>
      platformWorld({
        executionId,
        deployment: deploymentOf(env),
        executions: env.EXECUTIONS,
        ids: executionIdsOf(env),
        ...offeringIn(env),
        builtIns: { ...offeringIn(env).builtIns, bulk: bulkFromActor(env, () => servicesOf(env).bulk) },
        model: modelsOf(env),
        memory: memoryPortOf(env),
        nodes: dispatchesOf(env),
        files: filesOf(env),
        archives: env.ERRAND_ARCHIVE !== "off",
        sendsTraces: sendsTraces(env),
        record: projectorClient(env.PROJECTORS),
        claimApproval: approvalClaimsOf(env),
        post: postOf(env),
        limiters: limitersOf(env),
        offer: offerWorkOf(env),
        queueRules: (tenant) => queueRulesOf(env).of(tenant),
        log,
      }),
  });
  const MemoryActor = memoryActor<Env>({
    limits: limitsOf,
    log,
    vault: vaultOf,
    askKey: (env) => (hash) => authenticatorOf(env).keyOfHash(hash),
    forward: (env) => forwardTo(memoriesOf(env)),
    chats: (env) => chatPortOf(env, () => servicesOf(env)),
  });
  const IntakeActor = intakeActor<Env>(intakeSurroundings(offeringIn));
  const LimiterActor = limiterActor<Env>(limiterSurroundings);
  const NodeDirectoryActor = nodeDirectoryActor<Env>(nodeSurroundings);
  return {
    ExecutionActor,
    IntakeActor,
    LimiterActor,
    MemoryActor,
    NodeDirectoryActor,
    ProjectorActor: projectorActor<Env>(projectorIndexOf),
    ScheduleActor: scheduleActor<Env>(scheduleSurroundings((env) => servicesOf(env).executions)),
  };
}
