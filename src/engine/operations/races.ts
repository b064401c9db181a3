/**
 * Branches that race: the first one that settles wins, in the order of the log (E1), so a replay has the same winner. What
 * the others asked is withdrawn in the same breath; what they still do asks nothing and is told nothing.
 */
import { stepError } from "../../define/errors.ts";
import type { ProgramContext } from "../../define/program-context.ts";
import { LAST_INSTANT_MS } from "../../domain/values/numbers.ts";
import type { Branch } from "../program/branch.ts";
import { requireText } from "./guard.ts";
import type { Loop } from "./operation.ts";

type Contender = (ctx: ProgramContext) => unknown;

export interface Race {
  readonly loop: Loop;
  readonly branch: Branch;
  readonly contextOf: (branch: Branch) => ProgramContext;
}

interface Won {
  readonly winner: string;
  readonly value: unknown;
}

/** Rejects with what the first one to settle throws. */
export async function raced(
  { loop, branch, contextOf }: Race,
  contenders: Readonly<Record<string, Contender>>,
): Promise<Won> {
  const given = isRecord(contenders) ? Object.entries(contenders) : [];
  if (given.length === 0) throw stepError("invalid_options", "ctx.race: needs at least one contender");
  const key = branch.key("race");
  const lanes = given.map(([winner, run]) => {
    requireText(winner, "ctx.race: the name of a contender");
    if (typeof run !== "function") throw stepError("invalid_options", `ctx.race: "${winner}" is no function`);
    return { winner, run, own: branch.child(key, winner) };
  });
  return new Promise<Won>((resolve, reject) => {
    let isOver = false;
    const over = (winner: Branch, complete: () => void) => {
      if (isOver) return;
      isOver = true;
      const lost = lanes.flatMap(({ own }) => (own === winner ? [] : [own]));
      for (const branch of lost) branch.withdraw();
      loop.withdraw(lost.map(({ prefix }) => prefix));
      complete();
    };
    for (const { winner, run, own } of lanes) {
      started(run, contextOf(own)).then(
        (value) => over(own, () => resolve({ winner, value })),
        (error: unknown) => over(own, () => reject(error)),
      );
    }
  });
}

function isRecord(value: unknown): value is Readonly<Record<string, Contender>> {
  return typeof value === "object" && value !== null;
}

async function started(run: Contender, ctx: ProgramContext): Promise<unknown> {
  return run(ctx);
}

/** Rejects with `StepError` `timeout` when the branch takes longer. `Infinity`: as long as it takes. */
export async function within<T>(race: Race, ms: number, run: (ctx: ProgramContext) => Promise<T>): Promise<T> {
  if (typeof run !== "function") throw stepError("invalid_options", "ctx.within: needs a function");
  const clock = { clock: (ctx: ProgramContext) => ctx.sleep(Math.min(ms, LAST_INSTANT_MS)) };
  const { winner, value } = await raced(race, { work: run, ...(ms === Number.POSITIVE_INFINITY ? {} : clock) });
  if (winner === "work") return value as T;
  throw stepError("timeout", `it took longer than ${ms} ms`);
}
