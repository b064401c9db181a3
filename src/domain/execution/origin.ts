/** What an execution is from its start on and never changes: whose it is, what it runs, what stands above it, and by which limits. */
import * as z from "zod";
import { Amount, BudgetLimits } from "./budget.ts";
import { BuiltIn } from "./built-in.ts";
import { RestartedFrom, Reuse } from "./reusable-result.ts";
import { QueueRef } from "./slot.ts";
import { FunctionKind } from "./target.ts";

/** A function of a node: how long one call of it may take, and whether it may be called again when its process is lost. */
const RemoteCall = z.object({ dispatchMs: z.number().positive(), idempotent: z.boolean().optional() });

/** The plan that it does. `agentId`: the only agent that gets its work. Times as the deployment had them at its start. */
const PlanOrigin = z.object({
  id: z.string(),
  version: z.number().int(),
  agentId: z.string().optional(),
  leaseMs: z.number().positive(),
  /** How long a subtask may wait for the outside. */
  outsideMs: z.number().positive(),
  /** After so long a blocked subtask is told of again. */
  escalateMs: z.number().positive(),
});

/** Who an execution is and what it was asked: everything that never changes about it. */
export const Origin = z.object({
  id: z.string(),
  tenant: z.string(),
  owner: z.string(),
  /** The subject whose key started it, where that is not the owner: a child belongs to the owner of its parent. */
  createdBy: z.string().optional(),
  /** The node to which it is dispatched, and the subject that registered it: that one's keys act for it. */
  node: z.object({ id: z.string(), subject: z.string() }).optional(),
  agent: z.string(),
  fn: z.string(),
  kind: FunctionKind,
  /** Version of the definition at the start; a replay under another one is checked entry by entry (E3). */
  version: z.string(),
  runId: z.string(),
  parentId: z.string().optional(),
  /** True when the parent's own log holds it as a child, so that its end must reach the parent. */
  owned: z.boolean().default(false),
  /** How many executions stand above it; absent for none. */
  depth: z.number().int().optional(),
  sessionId: z.string().optional(),
  actorId: z.string().optional(),
  digest: z.string(),
  /** Its id is the caller's own, or is made of an idempotency key: the name outlives the object. */
  named: z.boolean().optional(),
  limits: BudgetLimits,
  granted: Amount.optional(),
  /** Active milliseconds until the execution times out. */
  timeoutMs: z.number().positive(),
  deadlineMs: z.number().optional(),
  /** Where its caller reached this server: what links that people are sent begin with. */
  baseUrl: z.string().optional(),
  /** W3C Trace Context of its start: the nodes that it calls get it too. */
  traceparent: z.string().optional(),
  restartedFrom: RestartedFrom.optional(),
  /** The run from which what is called beneath may be taken over: it was called in a replay of that run. */
  replay: z.object({ runId: z.string(), mode: Reuse, before: z.string().optional() }).optional(),
  /** The schedule that fired. */
  scheduleId: z.string().optional(),
  /** Concurrency limits that it is under, in the order in which it asks for slots; absent for none. */
  queues: z.array(QueueRef).min(1).optional(),
  /** Executions under limits that stand above it, nearest last; absent for none. */
  limitedAbove: z.array(z.string()).optional(),
  /** 1 goes first, 5 last, where it waits; absent: 3. */
  priority: z.number().int().min(1).max(5).optional(),
  /** Its function runs on a node, and no program of this deployment. */
  remote: RemoteCall.optional(),
  /** Its function is a program of Errand itself, and no agent of the code has it. Read it with `builtInOf`. */
  builtIn: BuiltIn.optional(),
  /** The same, as runs of manifests were marked first. */
  manifest: z.literal(true).optional(),
  /** A run of a manifest that was asked to keep no log: `latest` passes it over. */
  unlogged: z.literal(true).optional(),
  /** It runs no function: agents that poll do this plan. */
  plan: PlanOrigin.optional(),
});
export type Origin = z.infer<typeof Origin>;

export function startedBy({ createdBy, owner }: Pick<Origin, "createdBy" | "owner">): string {
  return createdBy ?? owner;
}
