/** What tries of steps, effects, tools and turns, sleeps and waits for signals leave in the index. Called by `foldEntry`. */
import { NOTHING } from "../execution/budget.ts";
import type { Entry, OpenEntry } from "../execution/entry.ts";
import { isOpenWork, isWork, outlivesItsRace } from "../execution/entry.ts";
import type { Event } from "../execution/event.ts";
import type { Entries } from "./entries.ts";
import { change, close, finish, put } from "./entries.ts";
import { openedOutside } from "./external.ts";
import type { Restarts } from "./reusable-mark.ts";
import { numberOf } from "./reusable-mark.ts";
import type { WaitingSignals } from "./waiting-signals.ts";
import { giveBack, takeSignal } from "./waiting-signals.ts";

type Index = Entries & WaitingSignals & Restarts;
type Of<T extends string> = Extract<Event, { type: T }>;

export function started(index: Index, event: Of<"step.started" | "tool.started" | "turn.started">): void {
  const known = index.entries.get(event.data.key);
  if (known?.status === "done") return;
  const entry = opened(event, known);
  if (entry) put(index, entry);
}

/** `undefined` for kinds that other events open. */
function opened(
  { seq, data }: Of<"step.started" | "tool.started" | "turn.started">,
  known: OpenEntry | undefined,
): OpenEntry | undefined {
  const { key, name, kind, attempt, reserve = NOTHING, digest = known?.digest } = data;
  const asked = { key, name, digest, startedSeq: known?.startedSeq ?? seq, attempt, reserve, status: "open" } as const;
  if (kind === "sleep") return { ...asked, kind };
  if (kind === "signal") return { ...asked, kind, signal: data.signal ?? name };
  if (kind === "external") return openedOutside(asked, data);
  if (!isWork(kind)) return undefined;
  const before = known && isOpenWork(known) ? known : undefined;
  const begunIn = data.begunIn ?? before?.begunIn;
  return {
    ...asked,
    kind,
    ...(before?.failures === undefined ? {} : { failures: before.failures }),
    ...(data.idempotent === undefined ? {} : { idempotent: data.idempotent }),
    ...(begunIn === undefined ? {} : { begunIn }),
  };
}

export function completed(index: Index, event: Of<"step.completed" | "tool.completed" | "turn.completed">): void {
  const { data, seq } = event;
  if (data.reusedFrom !== undefined) return reused(index, event, data.reusedFrom);
  const { signalSeq } = data;
  const place = signalSeq === undefined ? {} : { valueSeq: signalSeq, signalBytes: takeSignal(index, signalSeq) };
  if (index.entries.has(data.key)) return finish(index, event, { ok: true, ...place });
  const end = { status: "done", doneSeq: seq, ok: true, ...place, ...numberOf(data.kind, data.output) } as const;
  close(index, { ...withoutBeginning(event), ...end });
}

/** A computation that never failed, and what was refused, have no beginning in the log. */
function withoutBeginning({
  seq,
  data,
}: {
  seq: number;
  data: Pick<Entry, "key" | "kind" | "name"> & { digest?: string | undefined };
}) {
  const { key, kind, name, digest } = data;
  return { key, kind, name, digest, startedSeq: seq, attempt: 1, reserve: NOTHING };
}

/** The result lies in the offer: it is not stored twice. */
function reused(
  index: Index,
  event: Of<"step.completed" | "tool.completed" | "turn.completed">,
  reusedFrom: string,
): void {
  const offer = index.offers.get(event.data.key);
  if (!offer || index.entries.has(offer.key)) return;
  const { idempotent, seq: valueSeq, value } = offer;
  close(index, {
    ...withoutBeginning({ seq: event.seq, data: offer }),
    ...(idempotent === undefined ? {} : { idempotent }),
    ...(value === undefined ? {} : { value }),
    ...{ status: "done", doneSeq: event.seq, ok: true, valueSeq, reusedFrom },
  });
}

export function failed(index: Index, event: Of<"step.failed" | "tool.failed" | "turn.failed">): void {
  const { data, seq } = event;
  if (data.retryAtMs !== undefined) return backOff(index, event, data.retryAtMs);
  const end = { ok: false, errorCode: data.error.code } as const;
  if (index.entries.has(data.key)) return finish(index, event, end);
  close(index, { ...withoutBeginning(event), ...end, status: "done", doneSeq: seq });
}

function backOff(index: Index, event: Of<"step.failed" | "tool.failed" | "turn.failed">, retryAtMs: number): void {
  const { kind, key, attempt, release, timedOut = false } = event.data;
  const known = index.entries.get(key);
  if (!isWork(kind) || (known && !isOpenWork(known))) return;
  const failures = (known?.failures ?? 0) + 1;
  // What the failed try had reserved was settled with it: the next try must not forfeit it once more.
  const settled = release ? { reserve: NOTHING } : {};
  const tried = known ?? { ...withoutBeginning(event), kind };
  put(index, { ...tried, status: "backing_off", retryAtMs, attempt, failures, timedOut, ...settled });
}

export function withdrawn(index: Index, event: Of<"entry.withdrawn">): void {
  const { key, signalSeq } = event.data;
  const entry = index.entries.get(key);
  if (!entry) return;
  if (signalSeq !== undefined && entry.kind === "signal") giveBack(index, signalSeq, entry);
  if (entry.status === "done") put(index, { ...entry, withdrawn: true });
  else if (outlivesItsRace(entry)) put(index, { ...entry, withdrawn: true, status: "open" });
  else {
    const end = { status: "done", doneSeq: event.seq, ok: false, errorCode: "withdrawn" } as const;
    close(index, { ...entry, withdrawn: true, ...end });
  }
}

/** What becomes of a try whose end no process saw. */
export function foldDoubt(index: Index, event: Of<`effect.${string}`>): void {
  change(index, event.data.key, (entry) => {
    if (!isOpenWork(entry)) return entry;
    switch (event.type) {
      case "effect.probing":
        return entry.status === "open" ? { ...entry, probing: true } : entry;
      case "effect.in_doubt":
        return { ...unasked(entry), status: "in_doubt", gateId: event.data.gateId };
      case "effect.resolved":
        return event.data.resolution === "retry"
          ? { ...entry, status: "open", retryGranted: true, probing: false }
          : entry;
    }
  });
}

/** Its probe was asked, and a person is asked now. */
function unasked<T extends OpenEntry>(entry: T): Omit<T, "probing"> {
  const { probing: _asked, ...rest } = entry as T & { readonly probing?: boolean };
  return rest;
}
