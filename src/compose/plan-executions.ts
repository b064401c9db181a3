/** Wires executions of plans, and the work of the agents that do them. */
import { approvalIdOf } from "../domain/execution/execution-id.ts";
import type { WorkTimes } from "../operations/plans/plan-executions.ts";
import { PlanExecutions } from "../operations/plans/plan-executions.ts";
import { AgentWork } from "../operations/polling-agents/agent-work.ts";
import type { LongPolls } from "../operations/stream/long-polls.ts";
import { randomToken } from "../vault/digest.ts";
import type { Env } from "./environment/env.ts";
import { plansOf } from "./plans.ts";
import { pollingAgentsIn, workDirectoryOf } from "./polling-agents.ts";

const HOUR_MS = 3_600_000;

/** How long a lease lasts after the last call of its agent: an agent is silent after half an hour. */
const LEASE_S = 1_800;
const OUTSIDE_MS = 48 * HOUR_MS;
const ESCALATE_MS = 24 * HOUR_MS;

/** What is no such number was refused before anything is served (`setting-faults.ts`). */
function workTimesOf({ ERRAND_LEASE_SECONDS }: Pick<Env, "ERRAND_LEASE_SECONDS">): WorkTimes {
  const leaseMs = Number(ERRAND_LEASE_SECONDS || LEASE_S) * 1_000;
  return { leaseMs, outsideMs: OUTSIDE_MS, escalateMs: ESCALATE_MS };
}

interface Starting extends Omit<ConstructorParameters<typeof PlanExecutions>[0], "plans" | "times"> {
  readonly polls: LongPolls;
}

export function planServicesOf(env: Env, starting: Starting) {
  const plans = plansOf(env);
  const { client, polls } = starting;
  return {
    planExecutions: new PlanExecutions({ ...starting, plans, times: workTimesOf(env) }),
    agentWork: agentWorkOf(env, { client, polls }),
  };
}

function agentWorkOf(env: Env, { client, polls }: Pick<Starting, "client" | "polls">): AgentWork {
  return new AgentWork({
    directory: workDirectoryOf(env),
    client,
    polls,
    agents: pollingAgentsIn(env),
    newId: (prefix) => `${prefix}_${randomToken(12)}`,
    newGateId: (executionId) => approvalIdOf(executionId, randomToken(6)),
    random: () => Math.random(),
    now: () => Date.now(),
    pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  });
}
