/** From what a caller sends to the specification of a schedule, or to the refusal that names the field. */
import type { ScheduleChange } from "../../contract/schedules/requests.ts";
import { faultOfCron } from "../../domain/schedule/cron.ts";
import { durationText } from "../../domain/schedule/duration.ts";
import { SCHEDULE_LIMITS } from "../../domain/schedule/limits.ts";
import type { ScheduleSpec, When } from "../../domain/schedule/spec.ts";
import { instantAfter } from "../../domain/schedule/spec.ts";
import { instantOf, isZone } from "../../domain/schedule/zoned-time.ts";
import type { Refusal, Result } from "../../domain/values/fault.ts";
import { accept, refuse } from "../../domain/values/fault.ts";
import { utf8Bytes } from "../../domain/values/json-text.ts";

/** `before`: what is changed; absent for a schedule that is made. */
export function specOf(sent: ScheduleChange, before: ScheduleSpec | undefined, nowMs: number): Result<ScheduleSpec> {
  const when = whenOf(sent, before?.when);
  if (!when.ok) return when;
  const { target = before?.target, input = before?.input ?? {} } = sent;
  if (target === undefined) return wrong("target", "is needed");
  const dates = { starts_at: msOf(sent.starts_at), ends_at: msOf(sent.ends_at) };
  const spec: ScheduleSpec = {
    ...{ target, input, when: when.value },
    overlap: sent.overlap ?? before?.overlap ?? "skip",
    jitterMs: sent.jitter ?? before?.jitterMs ?? 0,
    catchUp: sent.catch_up ?? before?.catchUp ?? "all",
    catchUpLimit: sent.catch_up_limit ?? before?.catchUpLimit ?? SCHEDULE_LIMITS.catchUp.usual,
    ...kept("startsAtMs", dates.starts_at, before?.startsAtMs),
    ...kept("endsAtMs", dates.ends_at, before?.endsAtMs),
    ...kept("maxRuns", sent.max_runs, before?.maxRuns),
    ...kept("sessionId", sent.session_id, before?.sessionId),
    ...kept("budget", sent.budget && defined(sent.budget), before?.budget),
    ...kept("metadata", sent.metadata, before?.metadata),
    ...kept("attributes", sent.attributes, before?.attributes),
  };
  return unfit(spec, nowMs) ?? accept(spec);
}

function whenOf(sent: ScheduleChange, before: When | undefined): Result<When> {
  const { cron, every, at, timezone = before?.timezone ?? "UTC" } = sent;
  if (!isZone(timezone))
    return wrong("timezone", `"${timezone}" is no time zone: give an IANA name such as Europe/Berlin, or UTC`);
  const given = Object.entries({ cron, every, at }).filter(([, value]) => value !== undefined);
  const [first, second] = given;
  if (second) return wrong(second[0], `stands beside ${first?.[0]}: send one of cron, every and at`);
  if (!first) return before ? accept({ ...before, timezone }) : wrong("cron", "is needed, or every, or at");
  if (every !== undefined) return accept({ everyMs: every, timezone });
  if (cron !== undefined) {
    const fault = faultOfCron(cron);
    return fault === undefined ? accept({ cron: cron.trim(), timezone }) : wrong("cron", fault);
  }
  const atMs = instantIn(timezone, at ?? "");
  return atMs === undefined
    ? wrong("at", "is no instant: send one such as 2026-12-24T18:00:00Z, or without an offset in the time zone")
    : accept({ atMs, timezone });
}

const DATE_TIME = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2})(:\d{2}(?:\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?$/i;

/** An instant with an offset, or a local time of the zone. */
function instantIn(zone: string, text: string): number | undefined {
  const [, date, time, seconds = ":00", offset] = DATE_TIME.exec(text.trim()) ?? [];
  if (date === undefined) return undefined;
  const local = Date.parse(`${date}T${time}${seconds}Z`);
  // 30 February would be 2 March.
  if (Number.isNaN(local) || !new Date(local).toISOString().startsWith(date)) return undefined;
  const ms = offset === undefined ? localInstant(zone, local) : Date.parse(`${date}T${time}${seconds}${offset}`);
  return Number.isNaN(ms) ? undefined : ms;
}

function localInstant(zone: string, local: number): number {
  const second = Math.floor(local / 1_000) * 1_000;
  return instantOf(zone, second) + (local - second);
}

/** What does not fit together. */
function unfit(spec: ScheduleSpec, nowMs: number): Refusal | undefined {
  const { startsAtMs, endsAtMs, when, jitterMs, input, metadata } = spec;
  if (startsAtMs !== undefined && endsAtMs !== undefined && endsAtMs < startsAtMs)
    return wrong("ends_at", "lies before starts_at");
  if (when.everyMs !== undefined && jitterMs >= when.everyMs)
    return wrong("jitter", `must be shorter than the interval of ${durationText(when.everyMs)}`);
  for (const [path, value] of Object.entries({ input, metadata })) {
    const bytes = utf8Bytes(JSON.stringify(value) ?? "");
    if (bytes > SCHEDULE_LIMITS.inputBytes) {
      const message = `has ${bytes} bytes, and at most ${SCHEDULE_LIMITS.inputBytes} (256 KiB) are kept with a schedule: store more elsewhere and send its address`;
      return refuse("payload_too_large", `${path}: ${message}`, [{ path, message }]);
    }
  }
  if (instantAfter(spec, nowMs, nowMs) !== undefined) return undefined;
  const path = when.atMs !== undefined && when.atMs <= nowMs ? "at" : endsAtMs === undefined ? "cron" : "ends_at";
  return wrong(path, "leaves no instant: all lie in the past, or outside of starts_at and ends_at");
}

function wrong(path: string, message: string): Refusal {
  return refuse("invalid_input", `${path}: ${message}`, [{ path, message }]);
}

function msOf(text: string | null | undefined): number | null | undefined {
  return typeof text === "string" ? Date.parse(text) : text;
}

/** What is sent, else what was there; `null` takes it away. */
function kept<Name extends string, T>(name: Name, sent: T | null | undefined, before: T | undefined) {
  const value = sent === undefined ? before : sent;
  return (value === undefined || value === null ? {} : { [name]: value }) as { readonly [N in Name]?: T };
}

function defined<T>(budget: Readonly<Record<string, T | undefined>>): Record<string, T> {
  return Object.fromEntries(
    Object.entries(budget).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
