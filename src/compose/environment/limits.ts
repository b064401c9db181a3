/** Wires the caps and the admission of objects: read from the settings once an isolate. */
import { AlarmPace } from "../../actors/schedules/alarm-pace.ts";
import type { Limits } from "../../domain/values/limits.ts";
import { readLimits } from "../../domain/values/limits.ts";
import { Admission, mostWokenASecond } from "../../operations/admission.ts";
import { OpenExecutions } from "../../operations/executions/open-executions.ts";
import { LongPolls } from "../../operations/stream/long-polls.ts";
import { Relays } from "../../operations/stream/relays.ts";
import { openExecutionsOf } from "../../registry/lists/executions.ts";
import type { Env } from "./env.ts";
import { registriesOf } from "./registries.ts";

const mostLiveOf = (env: Pick<Env, "ERRAND_MAX_LIVE">) => Number(env.ERRAND_MAX_LIVE) || Number.POSITIVE_INFINITY;

const admissions = new WeakMap<object, Admission>();

/** One count an isolate. Cloudflare's network has room; one machine has as many files as its launcher says. */
export function admissionOf(env: Pick<Env, "ERRAND_MAX_LIVE">): Admission {
  const known = admissions.get(env);
  if (known) return known;
  const coming = (seconds: number) => alarmPaceOf(env).comingWithin(seconds);
  const made = new Admission(mostLiveOf(env), () => Date.now(), coming);
  admissions.set(env, made);
  return made;
}

const paces = new WeakMap<object, AlarmPace>();

/** One an isolate: few alarms go off in one second where few objects live. */
export function alarmPaceOf(env: Pick<Env, "ERRAND_MAX_LIVE">): AlarmPace {
  const known = paces.get(env);
  if (known) return known;
  const made = new AlarmPace(mostWokenASecond(mostLiveOf(env)), () => Date.now());
  paces.set(env, made);
  return made;
}

const read = new WeakMap<Env, Limits>();

export function limitsOf(env: Env): Limits {
  const known = read.get(env) ?? readLimits({ ...env });
  read.set(env, known);
  return known;
}

/** One count of relayed sockets an isolate. */
export function relaysOf(env: Env): Relays {
  return new Relays(limitsOf(env));
}

export function capsOf(env: Env): { readonly open: OpenExecutions; readonly polls: LongPolls } {
  const limits = limitsOf(env);
  const count = async (tenant: string, most: number) =>
    openExecutionsOf(await registriesOf(env).of(tenant), tenant, most);
  const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
  const open = new OpenExecutions({ count, limits, now: () => Date.now(), pause });
  return { open, polls: new LongPolls(limits) };
}
