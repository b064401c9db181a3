/** Reads and writes plans from the programs of planners and executors: each read and each write is an entry of their journal. */
import type { Json } from "../../domain/values/json.ts";
import { toJson } from "../../domain/values/json.ts";
import type { ProgramContext, RecordName } from "../program-context.ts";
import { PlanStanding, PlanVersion } from "./plan-record.ts";

const standing = (id: string): RecordName => ({ scope: "plan", id, key: "standing" });
const version = (id: string, n: number): RecordName => ({ scope: "plan", id, key: `version ${n}` });

async function readStanding(ctx: ProgramContext, id: string): Promise<PlanStanding | undefined> {
  const found = await ctx.records.read(standing(id));
  return found === null ? undefined : PlanStanding.parse(found);
}

/**
 * The same, once a plan whose execution was ended from outside (cancelled, timed out) is seen to be no longer carried out: no program of
 * that execution could say so, so who looks next does.
 */
export async function settledStanding(ctx: ProgramContext, id: string): Promise<PlanStanding | undefined> {
  const found = await readStanding(ctx, id);
  const executor = found?.state === "executing" ? found.executor : undefined;
  if (!found || executor === undefined || executor === ctx.executionId) return found;
  if (!(await ctx.records.hasEnded(executor))) return found;
  const feedback = `its execution ${executor} ended before it was carried out: what was done stands in the log of that execution`;
  const failed: PlanStanding = { ...found, state: "failed", feedback };
  // Written in its last moment by itself, or by another that looked: then that counts.
  return (await writeStanding(ctx, id, { now: failed, expects: found })) ? failed : readStanding(ctx, id);
}

export async function readVersion(ctx: ProgramContext, id: string, n: number): Promise<PlanVersion | undefined> {
  const found = await ctx.records.read(version(id, n));
  return found === null ? undefined : PlanVersion.parse(found);
}

export async function writeVersion(ctx: ProgramContext, id: string, written: PlanVersion): Promise<void> {
  await ctx.records.write(version(id, written.version), { data: toJson(written) });
}

/** Whether it was written: with `expects`, only where the plan still stands there. */
export function writeStanding(
  ctx: ProgramContext,
  id: string,
  { now, expects }: { readonly now: PlanStanding; readonly expects?: PlanStanding },
): Promise<boolean> {
  const before: { expects?: Json } = expects === undefined ? {} : { expects: toJson(expects) };
  return ctx.records.write(standing(id), { data: toJson(now), ...before });
}
