/** Wires the caps: read from the settings once an isolate. */
import type { Limits } from "../domain/limits.ts";
import { readLimits } from "../domain/limits.ts";
import { LongPolls } from "../operations/long-polls.ts";
import { OpenExecutions } from "../operations/open-executions.ts";
import { openExecutionsOf } from "../registry/executions.ts";
import type { Env } from "./env.ts";
import { registriesOf } from "./registries.ts";

const read = new WeakMap<Env, Limits>();

function limitsOf(env: Env): Limits {
  const known = read.get(env) ?? readLimits({ ...env });
  read.set(env, known);
  return known;
}

export function capsOf(env: Env): { readonly open: OpenExecutions; readonly polls: LongPolls } {
  const limits = limitsOf(env);
  const count = async (tenant: string, most: number) =>
    openExecutionsOf(await registriesOf(env).of(tenant), tenant, most);
  const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
  const open = new OpenExecutions({ count, limits, now: () => Date.now(), pause });
  return { open, polls: new LongPolls(limits) };
}
