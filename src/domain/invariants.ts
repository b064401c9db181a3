/**
 * The promises P1–P8, checked on one execution: its log, its state row and, where somebody hands them in, its alarm and its
 * timers. Pure, so property tests, the simulator and `GET …/invariants` ask the very same questions.
 *
 * A promise about something that is not in the log (readers, other executions) is `not_checkable_here`, and says why.
 */
import { z } from "zod";
import { emptyIndex, foldEntry } from "./entry-index.ts";
import { evolve } from "./evolve.ts";
import { awaitsRequested, timerActs } from "./hold.ts";
import { disorderedAttempts } from "./invariants-of-attempts.ts";
import { falseMessages, falseTimers } from "./invariants-of-beside.ts";
import { falseDigests } from "./invariants-of-digests.ts";
import type { Evidence, InvariantView, Reading } from "./invariants-of-entries.ts";
import { brokenBudgets, doneTwice, keepsFiles, unaskedRepeats, unboundDecisions } from "./invariants-of-entries.ts";
import { canonicalJson } from "./json.ts";
import { restOf } from "./rest.ts";
import type { ExecutionState } from "./state.ts";
import { isTerminal, mayMove } from "./status.ts";

export const InvariantReport = z.object({
  promise: z.enum(["P1", "P2", "P3", "P4", "P5", "P6", "P7", "P8"]),
  verdict: z.enum(["holds", "violated", "not_checkable_here"]),
  /** Numbers of the events that show the violation. */
  events: z.array(z.number().int()),
  detail: z.string(),
});
export type InvariantReport = z.infer<typeof InvariantReport>;
type Promised = InvariantReport["promise"];

export function checkInvariants(view: InvariantView): InvariantReport[] {
  const reading = read(view);
  const reports: InvariantReport[] = [
    verdict("P1", "it has one reason to wait, and an alarm stands", [
      ...neverStuck(reading),
      ...falseMessages(reading),
    ]),
    verdict("P2", "intents precede their effects, and only what is safe or allowed is repeated", [
      ...effects(reading),
      ...falseDigests(reading),
    ]),
    verdict("P3", "nothing began after its end; what its children do is checked at the children", afterEnd(reading)),
    verdict("P4", "spent and reserved never passed a limit", brokenBudgets(reading)),
    verdict("P5", "the log has no gap and gives the state; the first end stayed", [
      ...oneLog(reading),
      ...disorderedAttempts(reading),
      ...brokenChain(view),
    ]),
    verdict("P6", "each decision was made once, for the gate that was shown", unboundDecisions(reading)),
    { promise: "P7", verdict: "not_checkable_here", events: [], detail: "what readers received is not in the log" },
    verdict("P8", "time never ran backwards, and each wait has its timer", time(reading)),
  ];
  return reports.map((report) => unlessMissing(report, view));
}

/** What each promise needs beside the log. Without it a log that shows nothing wrong proves nothing. */
const NEEDS: Partial<Record<Promised, readonly (keyof InvariantView)[]>> = {
  P1: ["outbox"],
  P2: ["digest"],
  P5: ["chain"],
  P8: ["timers"],
};

function unlessMissing(report: InvariantReport, view: InvariantView): InvariantReport {
  const missing = (NEEDS[report.promise] ?? []).filter((name) => view[name] === undefined);
  if (report.verdict !== "holds" || missing.length === 0) return report;
  const detail = `the log shows nothing wrong, and this was not handed in: ${missing.join(", ")}`;
  return { ...report, verdict: "not_checkable_here", detail };
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
  const index = emptyIndex();
  const states: (ExecutionState | undefined)[] = [];
  for (const event of view.events) {
    foldEntry(index, event);
    states.push(evolve(states.at(-1), event));
  }
  const end = states.findIndex((state) => state !== undefined && isTerminal(state.status));
  return { ...view, index, states, endAt: end === -1 ? states.length : end };
}

function neverStuck({ state, index, alarmAtMs, timers, events }: Reading): Evidence[] {
  const found: Evidence[] = [];
  const wrong = (detail: string) => found.push({ seqs: [state.seq], detail });
  if (isTerminal(state.status)) {
    if (keepsFiles(events, state) && alarmAtMs === undefined)
      wrong("it keeps files and no alarm is armed to remove them");
    return found;
  }
  if (alarmAtMs === undefined) wrong(`it is ${state.status} and no alarm is armed`);
  const held = state.status === "paused" || state.status === "blocked";
  const acting = [...(timers ?? [])].filter(([name]) => timerActs(state, name));
  const earliest = held ? undefined : acting.sort((a, b) => a[1] - b[1])[0];
  // An alarm that went off keeps its timer for a second look: more than this would be a timer nobody looks at.
  const patienceMs = 60_000;
  if (alarmAtMs !== undefined && earliest && alarmAtMs > earliest[1] + patienceMs)
    wrong(`the timer ${earliest[0]} comes before the alarm`);
  const rest = restOf(index).kind;
  if (state.suspended !== undefined && rest === "busy") wrong(`it rests (${state.suspended}) and waits for nothing`);
  if (state.status === "waiting" && rest !== "person" && !awaitsRequested(state))
    wrong("it is waiting, and no person is asked");
  return found;
}

/** Every result has its intent, and an interrupted try is repeated only where somebody said that it may be. */
function effects(reading: Reading): Evidence[] {
  const begun = new Set<string>();
  const found: Evidence[] = [];
  for (const { type, seq, data } of reading.events) {
    if (type === "step.started" || type === "tool.started" || type === "turn.started") begun.add(data.key);
    const touches =
      type === "step.completed" ? data.kind === "effect" : type === "tool.completed" || type === "turn.completed";
    const taken = "reusedFrom" in data && reading.index.offers.get(data.key)?.answered === true;
    if (touches && "key" in data && data.key !== undefined && !begun.has(data.key) && !taken)
      found.push({ seqs: [seq], detail: `"${data.key}" has a result and no intent` });
  }
  return [...found, ...unaskedRepeats(reading), ...doneTwice(reading)];
}

const BEGINNINGS: readonly string[] = ["step.started", "tool.started", "turn.started", "child.started", "gate.opened"];

function afterEnd({ events, endAt }: Reading): Evidence[] {
  return events
    .slice(endAt + 1)
    .filter(({ type }) => BEGINNINGS.includes(type))
    .map(({ seq, type }) => ({ seqs: [seq], detail: `${type} after the end` }));
}

function oneLog({ events, state, states, endAt }: Reading): Evidence[] {
  const found: Evidence[] = [];
  for (const [position, { seq, type }] of events.entries()) {
    const wrong = (detail: string) => found.push({ seqs: [seq], detail });
    if (seq !== position + 1) wrong(`event ${position + 1} of the log has the number ${seq}`);
    if ((type === "execution.created") !== (position === 0)) wrong("an execution is created once, by its first event");
    const before = states[position - 1]?.status;
    const after = states[position]?.status;
    if (before && after && before !== after && !mayMove(before, after)) wrong(`${before} became ${after}`);
    const ended = type.startsWith("execution.") && position > endAt;
    if (ended) wrong(`${type} after the end`);
  }
  if (canonicalJson(states.at(-1)) !== canonicalJson(state))
    found.push({ seqs: [state.seq], detail: "folding the log does not give the state" });
  return found;
}

function time(reading: Reading): Evidence[] {
  const { events, now } = reading;
  const found: Evidence[] = [];
  for (const [position, { seq, atMs }] of events.entries()) {
    const before = events[position - 1]?.atMs ?? atMs;
    if (atMs < before) found.push({ seqs: [seq], detail: `event ${seq} is older than the one before it` });
  }
  const last = events.at(-1);
  if (last && last.atMs > now) found.push({ seqs: [last.seq], detail: "the last event is from the future" });
  return [...found, ...falseTimers(reading)];
}
