/**
 * Activities that are finished from outside: their one message, their end, their time. Called only by `decide`.
 *
 * - The message is at most one an attempt: `external.sending` stands in the log before the request leaves. Only what is proven not
 *   to have arrived is sent again; all else waits for its end until its time is over.
 * - An end counts once. What comes again, too late, or for an older attempt is answered with what is so, and changes nothing.
 * - That it waits for a person is believed for a time without another word of it. Then its own time goes on: a receiver that is
 *   gone for good leaves nothing that waits for ever.
 * - A receiver's new process is the only proof of loss. Then, and when its time is over and no receiver confirmed it, what is safe
 *   to repeat begins again; all else fails.
 */
import type { EntryError, OpenExternal } from "../execution/entry.ts";
import { attemptToken, entryError, isOpenExternal } from "../execution/entry.ts";
import type { NewEvent } from "../execution/event.ts";
import type {
  BeginSending,
  ExternalCommand,
  ExternalRef,
  ExternalWaiting,
  FinishExternal,
  NoteSent,
  ReceiverRestarted,
  StoreExternal,
} from "../execution/external-command.ts";
import { heldMs } from "../execution/state.ts";
import { isTerminal } from "../execution/status.ts";
import { waitOf } from "../fold/open-entries.ts";
import { refuse } from "../values/fault.ts";
import { unreachable } from "../values/json.ts";
import type { Decided, LiveView } from "./decided.ts";
import { accepted, restAfter } from "./decided.ts";
import { finishEntry } from "./finish-entry.ts";

/** One that its receivers do not survive is not begun for ever. */
const MOST_ATTEMPTS = 5;
/** As long as an approval is open where nothing else is asked for. */
const BELIEVED_MS = 259_200_000;

export function beginSending(view: LiveView, { key, attempt, instance }: BeginSending): Decided {
  const entry = view.index().entries.get(key);
  if (!isOpenExternal(entry) || entry.attempt !== attempt || entry.sent || entry.withdrawn)
    return refuse("invalid_state", `"${key}" has nothing to send`);
  const named = instance === undefined ? {} : { instance };
  return accepted({ type: "external.sending", data: { key, attempt, ...named } });
}

export function noteSent(view: LiveView, { key, attempt, unsent }: NoteSent): Decided {
  const entry = view.index().entries.get(key);
  if (!isOpenExternal(entry) || entry.attempt !== attempt || entry.sent === "accepted") return accepted();
  if (unsent) return accepted({ type: "external.unsent", data: { key, attempt, ...unsent } });
  return entry.sent ? accepted({ type: "external.accepted", data: { key, attempt } }) : accepted();
}

/** What the outside tells. */
export function decideExternal(view: LiveView, command: ExternalCommand, now: number): Decided {
  switch (command.type) {
    case "finish_external":
      return finishExternal(view, command);
    case "store_external":
      return storeExternal(view, command);
    case "external_waiting":
      return externalWaiting(view, command, now);
    case "receiver_restarted":
      return receiverRestarted(view, command, now);
  }
  return unreachable(command);
}

function finishExternal(view: LiveView, { of, outcome, usage }: FinishExternal): Decided {
  const entry = meant(view, of);
  if (!entry) return isTerminal(view.state.status) || hadOne(view) ? accepted() : refuse("invalid_state", NOT_OUTSIDE);
  // Another result lies there.
  if (outcome.ok && outcome.stored && outcome.stored.digest !== entry.storing) return accepted();
  return ended(view, entry, { outcome, ...(usage === undefined ? {} : { usage }) });
}

/** Asked again for the same result it says yes again: the one who asked may have died before it was there. */
function storeExternal(view: LiveView, { of, digest }: StoreExternal): Decided {
  const entry = meant(view, of);
  if (!entry) return isTerminal(view.state.status) || hadOne(view) ? accepted() : refuse("invalid_state", NOT_OUTSIDE);
  if (entry.storing !== undefined && entry.storing !== digest) return accepted();
  return accepted({ type: "external.storing", data: { key: entry.key, attempt: entry.attempt, digest } });
}

const NOT_OUTSIDE = "nothing of this execution is worked at outside: there is nothing to report";

function externalWaiting(view: LiveView, { of, waiting, percent }: ExternalWaiting, now: number): Decided {
  const entry = meant(view, of);
  if (!entry || isTerminal(view.state.status)) return accepted();
  const isNews = percent !== undefined && view.state.progress?.percent !== percent;
  const progress: NewEvent[] = isNews ? [{ type: "progress.reported", data: { percent } }] : [];
  const isSame = (entry.waits ?? false) === waiting;
  // Said again: written where much of the time is over.
  const isFresh = !waiting || (entry.waitsUntilMs ?? 0) - now > BELIEVED_MS / 2;
  if (isSame && isFresh) return accepted(...progress);
  return accepted(...progress, ...nowWaits(view, entry, waiting ? { untilMs: now + BELIEVED_MS } : undefined));
}

/** Its timer fires: the receiver is lost, or has said for long only that it waits. */
export function endSilence(view: LiveView, entry: OpenExternal, now: number): Decided {
  if (entry.gone) return lost(view, entry, now);
  if (!entry.waits || now < (entry.waitsUntilMs ?? 0)) return accepted();
  return accepted(...nowWaits(view, entry, undefined));
}

function nowWaits(view: LiveView, entry: OpenExternal, believed: { readonly untilMs: number } | undefined): NewEvent[] {
  const { key, attempt } = entry;
  const waiting = believed !== undefined;
  const event: NewEvent = { type: "external.waiting", data: { key, attempt, waiting, ...believed } };
  return [event, ...restAfter(view, waitOf(entry), waitOf({ ...entry, waits: waiting }))];
}

function receiverRestarted(
  view: LiveView,
  { instance, beside = [], graceMs }: ReceiverRestarted,
  now: number,
): Decided {
  if (isTerminal(view.state.status)) return accepted();
  const present = [instance, ...beside];
  const gone = outside(view).filter(
    (entry) => entry.sent && !entry.gone && entry.instance !== undefined && !present.includes(entry.instance),
  );
  const events = gone.map(({ key, attempt, untilMs }): NewEvent => {
    const data = { key, attempt, instance, untilMs: Math.min(untilMs, now + graceMs) };
    return { type: "external.receiver_gone", data };
  });
  // No process waits for a person there any more.
  const waited = gone.filter((entry) => waitOf(entry) === "waiting_external");
  return accepted(...events, ...waited.slice(0, 1).flatMap((entry) => restAfter(view, waitOf(entry), "external")));
}

/** Its timer fires: its time is over, or its receiver is lost. Time for which the execution was held does not count. */
export function expireExternal(view: LiveView, entry: OpenExternal, now: number): Decided {
  const { key, attempt, untilMs } = entry;
  if (entry.gone) return lost(view, entry, now);
  if (now < untilMs) return accepted();
  const held = heldMs(view.state, now);
  const until = untilMs + held - entry.heldMs;
  if (until > now) return accepted({ type: "external.extended", data: { key, attempt, untilMs: until, heldMs: held } });
  if (!entry.sent) return ended(view, entry, failure("agent_unreachable", notReached(entry)));
  if (entry.sent === "sending" && mayRepeat(entry)) return again(view, entry, now);
  return ended(view, entry, failure("agent_timeout", `"${entry.name}" did not report within ${entry.timeoutMs} ms`));
}

function notReached({ name, timeoutMs, failures }: OpenExternal): string {
  return `"${name}" could not be handed over within ${timeoutMs} ms, in ${failures} tries`;
}

function lost(view: LiveView, entry: OpenExternal, now: number): Decided {
  if (mayRepeat(entry)) return again(view, entry, now);
  const message = `the process that "${entry.name}" was handed to is gone, and did not report its end`;
  return ended(view, entry, failure("agent_restart_orphaned", message));
}

function mayRepeat({ idempotent, attempt, withdrawn }: OpenExternal): boolean {
  return idempotent === true && attempt < MOST_ATTEMPTS && !withdrawn;
}

/** The next attempt. What it was asked stands in the event that began the first one. */
function again(view: LiveView, entry: OpenExternal, now: number): Decided {
  const { key, kind, name, timeoutMs, token } = entry;
  const time = { timeoutMs, wakeAtMs: now + timeoutMs, heldMs: heldMs(view.state, now) };
  const data = { key, kind, name, attempt: entry.attempt + 1, ...time, token, idempotent: true, recovered: true };
  return accepted({ type: "step.started", data });
}

const failure = (code: Parameters<typeof entryError>[0], message: string): { outcome: FinishExternal["outcome"] } => ({
  outcome: { ok: false, error: entryError(code, message) satisfies EntryError },
});

function ended(view: LiveView, entry: OpenExternal, end: Pick<FinishExternal, "outcome" | "usage">): Decided {
  const { key, kind, name, attempt } = entry;
  return finishEntry(view, { type: "finish_entry", key, kind, name, attempt, ...end });
}

/** The open one that is meant: the first that fits. */
function meant(view: LiveView, { key, attempt, token }: ExternalRef): OpenExternal | undefined {
  return outside(view).find(
    (entry) =>
      (key === undefined || entry.key === key) &&
      (attempt === undefined || entry.attempt === attempt) &&
      (token === undefined || attemptToken(entry) === token),
  );
}

/** Those that are open, the ones that lost a race too. */
function outside(view: LiveView): OpenExternal[] {
  const { open, entries } = view.index();
  const keys = [...open.of("external"), ...open.of("waiting_external"), ...open.of("withdrawn")];
  return keys.map((key) => entries.get(key)).filter(isOpenExternal);
}

function hadOne({ state }: LiveView): boolean {
  return state.held !== undefined;
}
