import type { Event } from "../execution/event.ts";
import type { ExecutionState } from "../execution/state.ts";

type AttemptEvent = Extract<Event, { type: `attempt.${string}` }>;

/** The state names where each attempt began and was judged; what was said of it stays in its events. */
export function foldAttempt(state: ExecutionState, { type, seq, data }: AttemptEvent): ExecutionState {
  const { attempts = [] } = state;
  if (type === "attempt.started") return { ...state, attempts: [...attempts, { n: data.n, startedSeq: seq }] };
  return { ...state, attempts: attempts.map((mark) => (mark.n === data.n ? { ...mark, judgedSeq: seq } : mark)) };
}
