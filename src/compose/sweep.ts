/** Wires what the cron handler does each minute. */
import * as z from "zod";
import { sweepFiles } from "../actors/platform/file-store.ts";
import { log } from "../actors/platform/log.ts";
import type { SweepReport } from "../domain/read-models/overview.ts";
import { rememberingIndex } from "../operations/sweep/sweep-memory.ts";
import type { SweepIndex } from "../operations/sweep/sweeper.ts";
import { runJobs, Sweeper } from "../operations/sweep/sweeper.ts";
import { redrive } from "../registry/index-writes.ts";
import {
  awaitingDeployment,
  keepSweepNote,
  noteWakes,
  overdueExecutions,
  sweepNote,
} from "../registry/projection/sweep.ts";
import { deploymentOf } from "./environment/deployment.ts";
import type { Env } from "./environment/env.ts";
import { moveTenants, registriesOf } from "./environment/registries.ts";
import { executionClientOf } from "./execution-ids.ts";
import { expiryOf } from "./expiry.ts";
import { wakeIntakes } from "./intake.ts";

import { sweepTraces } from "./traces.ts";

const indexes = new WeakMap<D1Database, SweepIndex>();

/** One an isolate: it remembers what the database did not take. */
function indexIn(database: D1Database): SweepIndex {
  const known = indexes.get(database);
  if (known) return known;
  const index: SweepIndex = {
    overdue: (which, limit) => overdueExecutions(database, which, limit),
    awaitingDeployment: (which, limit) => awaitingDeployment(database, which, limit),
    noteWakes: (moves) => noteWakes(database, moves),
    note: (name) => sweepNote(database, name),
    keepNote: (name, note) => keepSweepNote(database, name, note),
  };
  const made = rememberingIndex(index, log);
  indexes.set(database, made);
  return made;
}

function sweeperOf(env: Env, database: D1Database): Sweeper {
  const late = (ms: number) => new Error(`it did not answer within ${ms} ms`);
  const timeout = (ms: number) => new Promise<never>((_, reject) => setTimeout(() => reject(late(ms)), ms));
  const index = indexIn(database);
  return new Sweeper({ client: executionClientOf(env), index, deployment: deploymentOf(env), log, timeout });
}

const LAST = "last";
const Last = z.object({ atMs: z.number(), tookMs: z.number(), failed: z.array(z.string()) });

/** Keeps what the cron handler did, for operators. Called when it is done; an index that takes no writes is named in the log. */
export async function noteSweep(
  env: Env,
  { begunAtMs, failed }: { readonly begunAtMs: number; readonly failed: readonly string[] },
): Promise<void> {
  const note = { atMs: begunAtMs, tookMs: Date.now() - begunAtMs, failed };
  await runJobs({ "note of the sweep": () => keepSweepNote(env.REGISTRY, LAST, note) }, log);
}

/** `undefined` before the first sweep of this deployment. */
export async function lastSweepOf(env: Env): Promise<SweepReport | undefined> {
  return Last.optional()
    .catch(undefined)
    .parse(await sweepNote(env.REGISTRY, LAST));
}

/** The jobs by name, those of each database apart. */
export function sweepJobs(env: Env, nowMs: number): Record<string, () => Promise<unknown>> {
  const ofIndex = registriesOf(env).all.flatMap(([number, database]) => {
    const sweeper = sweeperOf(env, database);
    const named = (job: string) => (number === 0 ? job : `${job} of REGISTRY_${number}`);
    return [
      [named("overslept executions"), () => sweeper.wakeOverdue(nowMs)],
      [named("blocked programs"), () => sweeper.retryPrograms(nowMs)],
      [named("parked rows"), () => redriveIn(database)],
    ] as const;
  });
  return {
    ...Object.fromEntries(ofIndex),
    "queues with work": () => wakeIntakes(env),
    "moves of tenants": () => moveTenants(env, nowMs),
    "ends of retention": () => expiryOf(env).sweep(nowMs),
    traces: () => sweepTraces(env),
    "files without an execution": () => sweepFiles(env.FILES, nowMs),
  };
}

async function redriveIn(database: D1Database): Promise<void> {
  const back = await redrive(database, 100);
  if (back > 0) log({ level: "info", message: "rows that were put aside are in the index now", rows: back });
}
