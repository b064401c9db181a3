/**
 * Where agents that poll are served by one execution: they are given a subtask, and they report. Each answer is made of what is so
 * after the command, and is given when that is on disk.
 */
import type { Decided } from "../../domain/decide/decided.ts";
import { redeliveryMs, unstartedOf } from "../../domain/decide/work-lease.ts";
import { whyNotRenewed } from "../../domain/decide/work-report.ts";
import type { ExecutionState } from "../../domain/execution/state.ts";
import { isTerminal } from "../../domain/execution/status.ts";
import type { ReportWork, TakeWork } from "../../domain/execution/work-command.ts";
import type { GivenTask, LeaseView, ReportAnswer, WorkAnswer } from "../../domain/read-models/plan-view.ts";
import type { Refusal, Result } from "../../domain/values/fault.ts";
import { accept, refuse } from "../../domain/values/fault.ts";
import type { Json } from "../../domain/values/json.ts";
import type { Piece } from "../../domain/work/order.ts";
import type { ReportMove } from "../../domain/work/report.ts";
import type { SubtaskState } from "../../domain/work/subtask-state.ts";
import type { Work } from "../../domain/work/work.ts";
import type { Journal } from "../journal/journal.ts";
import type { WorkBook } from "../journal/work-book.ts";
import { dispatchSettled } from "./settle-work.ts";

const UPCOMING = 5;

function noPlan(): Refusal {
  return refuse("not_found", "there is no such execution");
}

export async function takeWorkFrom(journal: Journal, command: TakeWork): Promise<Result<WorkAnswer>> {
  const isNews = journal.state?.work?.stop?.agents.includes(command.agentId) ?? false;
  const decided = dispatchSettled(journal, command, `agent:${command.agentId}`);
  const { state } = journal;
  const work = journal.work.current();
  const answer =
    decided.ok && state?.origin.plan && work ? answerOf(journal.work, { state, work }, command.agentId) : undefined;
  await journal.flushTogether();
  if (!decided.ok) return decided;
  return answer ? accept({ ...answer, isNews }) : noPlan();
}

interface Now {
  readonly state: ExecutionState;
  readonly work: Work;
}

function answerOf(book: WorkBook, { state, work }: Now, agentId: string): Omit<WorkAnswer, "isNews"> {
  const gives = state.status === "queued" || state.status === "running";
  const piece = gives ? unstartedOf(work, agentId) : undefined;
  const { origin } = state;
  return {
    executionId: origin.id,
    planId: origin.plan?.id ?? "",
    task:
      piece && taskFor(work, piece, { lastsMs: origin.plan?.leaseMs ?? 0, progress: progressOf(book, work, piece) }),
    forcePause: state.status === "paused",
    forceCancel: isTerminal(state.status),
  };
}

/** Nobody reported before the first lease. */
function progressOf(book: WorkBook, work: Work, piece: Piece): Json | undefined {
  return work.state(piece).epoch > 1 ? book.progressOf(piece.id) : undefined;
}

interface Kept {
  readonly lastsMs: number;
  readonly progress: Json | undefined;
}

function taskFor(work: Work, piece: Piece, { lastsMs, progress }: Kept): GivenTask | undefined {
  const { subtask, task, id } = piece;
  const state = work.state(piece);
  const action = work.actionAt(piece.at);
  const lease = leaseView(state, lastsMs);
  if (action === null || !lease) return undefined;
  return {
    id,
    taskId: task.id,
    title: subtask.title,
    action,
    params: state.instead?.params ?? subtask.params,
    timeoutHours: subtask.timeoutHours,
    maxAttempts: subtask.retryPolicy.maxAttempts,
    backoff: subtask.retryPolicy.backoff,
    // The longest that may be drawn.
    backoffMs: redeliveryMs(piece, state.attempt, 1),
    attempt: state.attempt,
    idempotent: state.lease?.idempotent ?? false,
    successCriteria: subtask.successCriteria,
    failureHandling: subtask.failureHandling,
    lastProgress: progress ?? state.progress,
    goal: work.plan.goal,
    previous: work.outcomes,
    upcoming: work.after(piece, UPCOMING).map((next) => next.subtask.title),
    lease,
  };
}

function leaseView({ lease, epoch }: SubtaskState, lastsMs: number): LeaseView | undefined {
  return lease && { id: lease.id, epoch, untilMs: lease.deadlineMs, lastsMs };
}

/** In their order. One that cannot be written refuses the whole call; those before it are written all the same. */
export async function reportTo(
  journal: Journal,
  commands: readonly ReportWork[],
): Promise<Result<readonly ReportAnswer[]>> {
  const answers: ReportAnswer[] = [];
  let refused: Refusal | undefined;
  for (const command of commands) {
    const known = journal.work.isReported(command.report);
    const before = journal.state?.seq ?? 0;
    const decided = dispatchSettled(journal, command, `agent:${command.report.agent}`);
    if (!decided.ok) {
      refused = decided;
      break;
    }
    const answer = reportAnswer(journal, command, { known, before, decided });
    if (!answer) refused = noPlan();
    else answers.push(answer);
  }
  await journal.flushTogether();
  return refused ?? accept(answers);
}

interface After {
  readonly known: boolean;
  readonly before: number;
  readonly decided: Extract<Decided, { ok: true }>;
}

/** Of a report that came before: as it was written then, and how things stand now. */
function reportAnswer(journal: Journal, command: ReportWork, { known, before, decided }: After) {
  const { state } = journal;
  const work = journal.work.current();
  if (!state?.origin.plan || !work) return undefined;
  const { report } = command;
  const seq = known ? journal.work.reportSeq(report) : before + 1 + placeOf(decided);
  const event = seq === undefined ? undefined : journal.event(seq);
  const written = event?.type === "agent.reported" ? event : undefined;
  const move = written?.data.move;
  const isHeard = !isTerminal(state.status);
  const next = isHeard ? work.first((piece) => work.actionAt(piece.at) !== null) : undefined;
  const held = work.piece(move?.subtask ?? report.subtaskId ?? report.taskId ?? "");
  const lease = held && work.state(held).lease?.agent === report.agent ? work.state(held) : undefined;
  // A heartbeat that says nothing is not written: it is judged by who holds what.
  const { applied, why } = written?.data ?? judgedNow(whyNotRenewed(state, work, command));
  const answer: ReportAnswer = {
    eventId: report.eventId,
    executionId: state.origin.id,
    recordedAtMs: written?.atMs ?? state.updatedAtMs,
    applied,
    why,
    isDuplicate: known,
    next: next && { id: next.id, action: work.actionAt(next.at) ?? "" },
    message: "",
    forcePause: state.status === "paused",
    forceCancel: !isHeard,
    lease: lease && leaseView(lease, state.origin.plan.leaseMs),
    blocked: move?.to === "blocked" ? askedOf(state, move) : undefined,
    status: state.status,
  };
  return { ...answer, message: sentenceOf(answer, written?.data.move?.to ?? report.eventType, next) };
}

function askedOf({ origin }: ExecutionState, { assignee, options }: Extract<ReportMove, { to: "blocked" }>) {
  return { assignee: assignee ?? origin.owner, options, review: true };
}

function judgedNow(why: string | undefined): Pick<ReportAnswer, "applied" | "why"> {
  return { applied: why === undefined, why };
}

/** The report stands behind what it acknowledges. */
function placeOf({ events }: After["decided"]): number {
  return Math.max(
    0,
    events.findIndex(({ type }) => type === "agent.reported"),
  );
}

function sentenceOf({ applied, why, status }: ReportAnswer, what: string, next: Piece | undefined): string {
  if (!applied) return `Recorded, and nothing changed: ${why ?? "it came late"}`;
  const then =
    status === "succeeded"
      ? "All tasks are done"
      : next
        ? `Proceeding to ${next.subtask.title}`
        : "Nothing else is ready";
  const [said = "Recorded", goesOn = false] = SAID.get(what) ?? [];
  return goesOn ? `${said}. ${then}` : said;
}

/** By what a report moved; whether the next task is named behind it. */
const SAID = new Map<string, readonly [said: string, goesOn: boolean]>([
  ["completed", ["Task complete", true]],
  ["started", ["Task started", false]],
  ["progress", ["Progress recorded", false]],
  ["awaiting", ["Task waits for the outside", true]],
  ["delayed", ["Task failed and is tried again later", true]],
  ["failed", ["Task failed", true]],
  ["blocked", ["Task blocked: a person decides", true]],
]);
