/**
 * The promises P1–P8, checked on one execution: its log, its state row and, where the caller hands them in, its alarm and
 * its timers. Pure, so property tests, the simulator and `GET …/invariants` ask the very same questions.
 *
 * A promise about something that is not in the log (readers, other executions) is `not_checkable_here`, and says why.
 */
import * as z from "zod";
import type { Event } from "../execution/event.ts";
import { isEventType } from "../execution/event.ts";
import { awaitsRequested, timerActs } from "../execution/hold.ts";
import { restOf } from "../execution/rest.ts";
import type { ExecutionState } from "../execution/state.ts";
import { isTerminal, mayMove } from "../execution/status.ts";
import type { EntryIndex } from "../fold/entry-index.ts";
import { emptyIndex, foldEntry } from "../fold/entry-index.ts";
import { evolve } from "../fold/evolve.ts";
import { canonicalJson } from "../values/json.ts";
import { disorderedAttempts } from "./attempts.ts";
import { falseApprovals, falseMessages, falseTimers } from "./beside.ts";
import { Demands } from "./demanded.ts";
import { falseDigests } from "./digests.ts";
import type { Check, Evidence, InvariantView, Step } from "./entries.ts";
import { brokenBudgets, doneTwice, keepsFiles, unaskedRepeats, unboundDecisions } from "./entries.ts";
import { disorderedWork, FoldedWork, workRepeats } from "./work.ts";

export const InvariantReport = z.object({
  promise: z.enum(["P1", "P2", "P3", "P4", "P5", "P6", "P7", "P8"]),
  verdict: z.enum(["holds", "violated", "not_checkable_here"]),
  /** Numbers of the events that show the violation. */
  events: z.array(z.number().int()),
  detail: z.string(),
});
export type InvariantReport = z.infer<typeof InvariantReport>;
type Promised = InvariantReport["promise"];

/** Evidence of one promise that is kept: what is wrong with thousands of events is wrong with a hundred. */
const MOST_EVIDENCE = 100;

/** The log, read once for all questions. */
interface Reading extends InvariantView {
  readonly index: EntryIndex;
  readonly folded: ExecutionState | undefined;
  readonly hasFiles: boolean;
  readonly lastEvent: Pick<Event, "seq" | "atMs"> | undefined;
  readonly demanded: Demands;
  readonly foldedWork: FoldedWork;
  readonly found: Readonly<Record<Looked, readonly Evidence[]>>;
}
/** Promises that are checked event by event. */
type Looked = "P2" | "P3" | "P4" | "P5" | "P6" | "P8";

export function checkInvariants(view: InvariantView): InvariantReport[] {
  const reading = read(view);
  const { found } = reading;
  const reports: InvariantReport[] = [
    verdict(
      "P1",
      "it waits for one reason, with an alarm; whether a message that is gone was taken is not in the log",
      [...neverStuck(reading), ...falseMessages(reading, reading.demanded.messages)],
    ),
    verdict("P2", "intents precede their effects, and only what is safe or allowed is repeated", found.P2),
    verdict("P3", "nothing began after its end; what its children do is checked at the children", found.P3),
    verdict("P4", "spent and reserved never passed a limit", found.P4),
    verdict("P5", "the log has no gap and gives the state; the first end stayed", [
      ...found.P5,
      ...otherState(reading),
      ...reading.foldedWork.wrongRows(view.state.seq).slice(0, MOST_EVIDENCE),
      ...brokenChain(view),
    ]),
    verdict("P6", "each decision was made once, for the gate that was shown", [
      ...found.P6,
      ...falseApprovals(reading, reading.demanded.approvals),
    ]),
    { promise: "P7", verdict: "not_checkable_here", events: [], detail: "what readers received is not in the log" },
    verdict("P8", "time never ran backwards, and each wait has its timer", [
      ...found.P8,
      ...fromTheFuture(reading),
      ...falseTimers(reading, reading.demanded.timers),
    ]),
  ];
  return reports.map((report) => unlessMissing(report, reading));
}

/** What each promise needs beside the log. Without it a log that shows nothing wrong proves nothing. */
const NEEDS: Partial<Record<Promised, readonly (keyof InvariantView)[]>> = {
  P1: ["outbox"],
  P2: ["digest"],
  P5: ["chain"],
  P8: ["timers"],
};

function unlessMissing(report: InvariantReport, reading: Reading): InvariantReport {
  // Where no approval is open, and no plan is done, there is no row to hand in.
  const rows = rowsOf(report.promise, reading);
  const missing = [...(NEEDS[report.promise] ?? []), ...rows].filter((name) => reading[name] === undefined);
  if (report.verdict !== "holds" || missing.length === 0) return report;
  const detail = `the log shows nothing wrong, and this was not handed in: ${missing.join(", ")}`;
  return { ...report, verdict: "not_checkable_here", detail };
}

function rowsOf(promise: Promised, { demanded, foldedWork }: Reading): readonly (keyof InvariantView)[] {
  if (promise === "P6" && demanded.approvals.size > 0) return ["approvals"];
  return promise === "P5" && foldedWork.isThere ? ["work"] : [];
}

function brokenChain({ chain }: InvariantView): Evidence[] {
  return chain && !chain.ok ? [{ seqs: chain.seq > 0 ? [chain.seq] : [], detail: chain.detail }] : [];
}

function verdict(promise: Promised, holds: string, found: readonly Evidence[]): InvariantReport {
  if (found.length === 0) return { promise, verdict: "holds", events: [], detail: holds };
  const events = found.flatMap(({ seqs }) => seqs);
  return { promise, verdict: "violated", events, detail: found.map(({ detail }) => detail).join("; ") };
}

function read(view: InvariantView): Reading {
  const checks: Readonly<Record<Looked, readonly Check[]>> = {
    P2: [effects(), unaskedRepeats(), doneTwice(), falseDigests(view.digest), workRepeats()],
    P3: [afterEnd],
    P4: [brokenBudgets()],
    P5: [oneLog, disorderedAttempts(), disorderedWork()],
    P6: [unboundDecisions(view.state.origin.owner)],
    P8: [time()],
  };
  const found: Record<Looked, Evidence[]> = { P2: [], P3: [], P4: [], P5: [], P6: [], P8: [] };
  const index = emptyIndex();
  const demanded = new Demands();
  const foldedWork = new FoldedWork(view.work);
  let folded: ExecutionState | undefined;
  let [position, isLate, hasFiles] = [0, false, false];
  let lastEvent: Reading["lastEvent"];
  for (const event of view.events) {
    foldEntry(index, event);
    const step: Step = { event, position, before: folded, after: evolve(folded, event), isLate, index };
    demanded.see(step);
    foldedWork.see(event);
    for (const promise of Object.keys(checks) as Looked[]) {
      const evidence = found[promise];
      for (const check of checks[promise])
        for (const one of check(step)) if (evidence.length < MOST_EVIDENCE) evidence.push(one);
    }
    folded = step.after;
    isLate ||= folded !== undefined && isTerminal(folded.status);
    if (position === 0) hasFiles = event.type === "execution.created" && event.data.files !== undefined;
    position += 1;
    lastEvent = { seq: event.seq, atMs: event.atMs };
  }
  return { ...view, index, folded, hasFiles, lastEvent, demanded, foldedWork, found };
}

function neverStuck({ state, index, alarmAtMs, timers, hasFiles, now }: Reading): Evidence[] {
  const found: Evidence[] = [];
  const wrong = (detail: string) => found.push({ seqs: [state.seq], detail });
  if (isTerminal(state.status)) {
    if (keepsFiles(hasFiles, state) && alarmAtMs === undefined)
      wrong("it keeps files and no alarm is armed to remove them");
    return found;
  }
  if (alarmAtMs === undefined) wrong(`it is ${state.status} and no alarm is armed`);
  const held = state.status === "paused" || state.status === "blocked";
  const acting = [...(timers ?? [])].filter(([name]) => timerActs(state, name));
  const earliest = held ? undefined : acting.sort((a, b) => a[1] - b[1])[0];
  // An alarm that went off keeps its timer for a second look, and a timer that is overdue may be looked at any moment.
  const patienceMs = 60_000;
  if (alarmAtMs !== undefined && earliest && alarmAtMs > Math.max(earliest[1], now) + patienceMs)
    wrong(`the timer ${earliest[0]} comes before the alarm`);
  const rest = restOf(index).kind;
  if (state.suspended !== undefined && rest === "busy") wrong(`it rests (${state.suspended}) and waits for nothing`);
  if (state.status === "waiting" && rest !== "person" && !awaitsRequested(state))
    wrong("it is waiting, and no person is asked");
  return found;
}

/** Every result has its intent. */
function effects(): Check {
  const begun = new Set<string>();
  return ({ event: { type, seq, data }, index }) => {
    if (type === "step.started" || type === "tool.started" || type === "turn.started") begun.add(data.key);
    const touches =
      type === "step.completed" ? data.kind === "effect" : type === "tool.completed" || type === "turn.completed";
    const taken = "reusedFrom" in data && index.offers.get(data.key)?.answered === true;
    if (!touches || !("key" in data) || data.key === undefined || begun.has(data.key) || taken) return [];
    return [{ seqs: [seq], detail: `"${data.key}" has a result and no intent` }];
  };
}

const BEGINNINGS: readonly string[] = ["step.started", "tool.started", "turn.started", "child.started", "gate.opened"];

const afterEnd: Check = ({ event: { seq, type }, isLate }) =>
  isLate && BEGINNINGS.includes(type) ? [{ seqs: [seq], detail: `${type} after the end` }] : [];

const oneLog: Check = ({ event: { seq, type }, position, before, after, isLate }) => {
  const found: Evidence[] = [];
  const wrong = (detail: string) => found.push({ seqs: [seq], detail });
  if (seq !== position + 1) wrong(`event ${position + 1} of the log has the number ${seq}`);
  if ((type === "execution.created") !== (position === 0)) wrong("an execution is created once, by its first event");
  if (before && after && before.status !== after.status && !mayMove(before.status, after.status))
    wrong(`${before.status} became ${after.status}`);
  // What newer code writes there is not known here.
  if (isEventType(type) && type.startsWith("execution.") && isLate) wrong(`${type} after the end`);
  return found;
};

function otherState({ folded, state }: Reading): Evidence[] {
  if (canonicalJson(folded) === canonicalJson(state)) return [];
  return [{ seqs: [state.seq], detail: "folding the log does not give the state" }];
}

function time(): Check {
  let last = Number.NEGATIVE_INFINITY;
  return ({ event: { seq, atMs } }) => {
    const isOlder = atMs < last;
    last = atMs;
    return isOlder ? [{ seqs: [seq], detail: `event ${seq} is older than the one before it` }] : [];
  };
}

/** Where the chain says that it was appended so, the clock was set back since: a log never goes back with it. */
function fromTheFuture({ lastEvent, now, chain }: Reading): Evidence[] {
  if (!lastEvent || lastEvent.atMs <= now || chain?.ok) return [];
  return [{ seqs: [lastEvent.seq], detail: "the last event is from the future" }];
}
