/** What figures are made of: the newest executions of a span, read off one index in order, and never more than a sample. */
import { and, desc, eq, gte, lt } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import { Sampled } from "../domain/read-models/metrics.ts";
import type { ListScope } from "../domain/read-models/summary.ts";
import { common } from "./lists/sources.ts";
import type { DatabaseOf } from "./run-registry.ts";
import { executions } from "./schema/schema.ts";

export interface SampleOf extends ListScope {
  readonly sinceMs: number;
  readonly untilMs: number;
  /** Only of this function; of a user, looked for among the user's own by the caller. */
  readonly target?: { readonly agent: string; readonly fn: string } | undefined;
  readonly limit: number;
}

/** An owner's rows are read off the owner's index, a function's off that of targets, all others off that of the newest. */
export async function sampleExecutions(database: D1Database, asked: SampleOf): Promise<Sampled[]> {
  const { tenant, owner, sinceMs, untilMs, target, limit } = asked;
  const byTarget = target && owner === undefined ? target : undefined;
  const { createdAtMs, agent, fn } = executions;
  const rows = await drizzle(database)
    .select({
      id: executions.id,
      agent,
      fn,
      status: executions.status,
      createdAtMs,
      startedAtMs: executions.startedAtMs,
      finishedAtMs: executions.finishedAtMs,
      tokens: executions.tokens,
      inputTokens: executions.inputTokens,
      outputTokens: executions.outputTokens,
      costUsd: executions.costUsd,
    })
    .from(executions)
    .where(
      and(
        eq(executions.tenant, tenant),
        owner === undefined ? undefined : eq(executions.owner, owner),
        byTarget && eq(agent, byTarget.agent),
        byTarget && eq(fn, byTarget.fn),
        common(gte(createdAtMs, sinceMs)),
        common(lt(createdAtMs, untilMs)),
      ),
    )
    .orderBy(desc(createdAtMs), desc(executions.id))
    .limit(limit);
  return rows.map((row) => Sampled.parse(row));
}

export function metricsRegistry(registries: DatabaseOf) {
  return { sample: async (asked: SampleOf) => sampleExecutions(await registries.of(asked.tenant), asked) };
}
