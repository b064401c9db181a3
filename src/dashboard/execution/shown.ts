/** What a page shows of an execution at one instant: everything is folded from the same events, up to the same seq. Pure. */
import type { ExecutionBody } from "../../contract/executions/body.ts";
import type { OpenApproval } from "../../domain/execution/approval.ts";
import type { Event } from "../../domain/execution/event.ts";
import type { ExecutionState } from "../../domain/execution/state.ts";
import { isTerminal } from "../../domain/execution/status.ts";
import type { Trace } from "../../domain/read-models/waterfall.ts";
import type { Why } from "../../domain/read-models/why.ts";
import { whyNotEnded } from "../../domain/read-models/why.ts";
import type { ExecutionLog } from "./execution-log.ts";
import type { Question } from "./open-questions.ts";
import { openQuestions } from "./open-questions.ts";

export interface Shown {
  readonly log: ExecutionLog;
  readonly body: ExecutionBody;
  /** Up to the cursor. */
  readonly events: readonly Event[];
  readonly state: ExecutionState | undefined;
  readonly trace: Trace;
  /** Of the whole log: its scale stays while the cursor moves. */
  readonly whole: Trace;
  readonly questions: readonly Question[];
  /** The seq of the cursor; undefined: it goes along with what comes. */
  readonly at: number | undefined;
  readonly status: ExecutionBody["status"];
}

export function shownAt(log: ExecutionLog, body: ExecutionBody, at: number | undefined): Shown {
  const { events, trace } = log.upTo(at);
  const state = log.stateAt(at);
  const { trace: whole } = log.upTo(undefined);
  const status = at === undefined ? newest(body, state) : (state?.status ?? body.status);
  return {
    ...{ log, body, events, state, trace, whole, at, status },
    questions: openQuestions(events),
  };
}

/** Whichever of the two has read further: the fold of the events, or what the server told. */
function newest(body: ExecutionBody, state: ExecutionState | undefined): ExecutionBody["status"] {
  return state && state.seq >= body.seq ? state.status : body.status;
}

/** Why it has not ended at this instant, in the server's words or by the server's own function. */
export function whyOf({ body, state, at, questions, events, status }: Shown): Why | undefined {
  if (isTerminal(status)) return undefined;
  if (at === undefined && body.why && body.status === status) {
    const { sentence, owner, next_wake_at: wake } = body.why;
    return {
      sentence,
      owner: owner as Why["owner"],
      ...(wake === undefined ? {} : { nextWakeAtMs: Date.parse(wake) }),
    };
  }
  return state && whyNotEnded(state, nextWakeMs(events), { approval: questions[0] && openApproval(questions[0]) });
}

function openApproval({ opened, seq, askedAtMs }: Question): OpenApproval {
  const { gateId, key, kind, onReject, payloadDigest } = opened;
  return { gateId, key, kind, onReject, digest: payloadDigest, openedSeq: seq, requestedAtMs: askedAtMs };
}

/** The instant at which the newest sleep or backoff ends, as far as it is open; `Infinity` for none. */
function nextWakeMs(events: readonly Event[]): number {
  const wakes = new Map<string, number>();
  for (const event of events) {
    if (event.type === "step.started" && event.data.wakeAtMs !== undefined)
      wakes.set(event.data.key, event.data.wakeAtMs);
    if (event.type === "step.completed" || event.type === "step.failed") wakes.delete(event.data.key);
    if (event.type === "step.failed" && event.data.retryAtMs !== undefined)
      wakes.set(event.data.key, event.data.retryAtMs);
  }
  return Math.min(Number.POSITIVE_INFINITY, ...wakes.values());
}

/** What the execution was given, as its first event has it. */
export function inputOf({ log }: Pick<Shown, "log">): unknown {
  const [first] = log.events;
  return first?.type === "execution.created" ? first.data.input : undefined;
}
