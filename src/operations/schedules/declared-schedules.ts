/** Brings the schedules that the code declares to their actors: those that are new are made, others are changed, and what the code declares no longer is removed. */
import * as z from "zod";
import { budgetOf } from "../../contract/executions/requests.ts";
import { ScheduleRequest } from "../../contract/schedules/requests.ts";
import type { DeclaredSchedule } from "../../define/schedule.ts";
import { GivenLimits } from "../../domain/execution/given-limits.ts";
import type { Principal } from "../../domain/execution/principal.ts";
import { systemPrincipal } from "../../domain/execution/principal.ts";
import { formatTarget } from "../../domain/execution/target.ts";
import type { Result } from "../../domain/values/fault.ts";
import { canonicalJson } from "../../domain/values/json.ts";
import type { Catalog } from "../ports.ts";
import type { ScheduleClient, SchedulePlace } from "./ports.ts";
import { specOf } from "./schedule-spec.ts";

export interface DeclaredParts {
  readonly catalog: Catalog;
  readonly client: Pick<ScheduleClient, "declare" | "remove">;
  /** Returns what was brought last, by this or an older version of the code. */
  readonly note: () => Promise<unknown>;
  readonly keepNote: (note: unknown) => Promise<void>;
  readonly digest: (text: string) => string;
  readonly now: () => number;
  readonly log: (entry: Readonly<Record<string, unknown>>) => void;
}

const Note = z.object({ digest: z.string(), places: z.array(z.object({ tenant: z.string(), id: z.string() })) });

interface Declared {
  readonly place: SchedulePlace;
  readonly owner: Principal;
  readonly target: string;
  readonly schedule: DeclaredSchedule;
}

/** Of all functions of the code. */
export function declaredIn({ agents }: Catalog): Declared[] {
  return [...agents.values()].flatMap(({ id: agent, functions }) =>
    [...functions.values()].flatMap(({ name: fn, schedules = [] }) =>
      schedules.map((schedule): Declared => {
        const { owner } = schedule;
        const { tenant, subject } = typeof owner === "string" ? { tenant: "default", subject: owner } : owner;
        const target = formatTarget({ agent, fn });
        return {
          place: { tenant, id: schedule.id },
          owner: { tenant, subject, scopes: ["execute", "read"] },
          target,
          schedule,
        };
      }),
    ),
  );
}

/**
 * Called by the first request of an isolate and by each run of the cron handler. Done again it changes nothing. Rejects where
 * something was not taken: the next run does what is left.
 */
export async function bringDeclared(parts: DeclaredParts): Promise<void> {
  const declared = declaredIn(parts.catalog);
  const digest = parts.digest(
    canonicalJson(declared.map(({ place, target, schedule }) => ({ place, target, schedule }))),
  );
  const before = Note.safeParse(await parts.note());
  if (before.success ? before.data.digest === digest : declared.length === 0) return;
  for (const one of declared) await bring(parts, one);
  const places = declared.map(({ place }) => place);
  const gone = (before.data?.places ?? []).filter((old) => !places.some((now) => isSame(old, now)));
  for (const place of gone) taken(await parts.client.remove(systemPrincipal(place.tenant), place), ["not_found"]);
  await parts.keepNote({ digest, places });
}

async function bring({ client, now, log }: DeclaredParts, { place, owner, target, schedule }: Declared): Promise<void> {
  const { paused = false } = schedule;
  const sent = ScheduleRequest.safeParse(requestOf(target, schedule));
  const spec = sent.success ? specOf(sent.data, undefined, now()) : undefined;
  if (!spec?.ok) {
    const detail = spec ? spec.detail : sent.error?.message;
    log({ level: "error", message: "a declared schedule is left as it is", schedule_id: place.id, detail });
    return;
  }
  const brought = await client.declare(owner, place, { spec: spec.value, paused, declared: true });
  if (!brought.ok && brought.code === "id_taken")
    log({ level: "error", message: "a declared schedule is not made", schedule_id: place.id, detail: brought.detail });
  else taken(brought, []);
}

function requestOf(target: string, schedule: DeclaredSchedule) {
  const { input = {}, cron, every, at, timezone, overlap, jitter, metadata, attributes } = schedule;
  return {
    ...{ target, input, cron, every, at, timezone, overlap, jitter, metadata, attributes },
    ...{ catch_up: schedule.catchUp, catch_up_limit: schedule.catchUpLimit, session_id: schedule.sessionId },
    ...{ starts_at: schedule.startsAt, ends_at: schedule.endsAt, max_runs: schedule.maxRuns },
    // What the code may say of no limit is no number on the wire.
    ...(schedule.budget === undefined ? {} : { budget: budgetOf(GivenLimits.parse(schedule.budget)) }),
  };
}

const isSame = (a: SchedulePlace, b: SchedulePlace) => a.tenant === b.tenant && a.id === b.id;

function taken(result: Result<unknown>, harmless: readonly string[]): void {
  if (!result.ok && !harmless.includes(result.code)) throw new Error(`${result.code}: ${result.detail}`);
}
