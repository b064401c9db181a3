/** P1 in words, out of the state alone: why an execution has not ended, who has to act, and when it wakes by itself. */
import type { OpenApproval } from "../execution/approval.ts";
import type { ExecutionState } from "../execution/state.ts";
import { activeLimit, activeMs } from "../execution/state.ts";
import type { Status } from "../execution/status.ts";
import { isTerminal } from "../execution/status.ts";
import { unreachable } from "../values/json.ts";
import type { Work } from "../work/work.ts";
import { reasonOfWork } from "./why-work.ts";

/** P1 in words: why an execution has not ended, who it waits for, and when it wakes by itself. */
export interface Why {
  readonly sentence: string;
  /** Who has to act: the engine, time, a person, a child, the outside, a remote agent, an operator. */
  readonly owner: "engine" | "clock" | "person" | "child" | "caller" | "node" | "operator" | "agent";
  readonly nextWakeAtMs?: number;
}

/** What runs in the process of an execution, and what waits there until one of these has ended. */
export interface Crowd {
  readonly running: number;
  readonly queued: number;
}

/** What the state does not hold: how crowded its process is, and the approval that has been open longest. */
interface About {
  readonly crowd?: Crowd | undefined;
  readonly approval?: OpenApproval | undefined;
  /** Of an execution of a plan. */
  readonly work?: Work | undefined;
}

/** `wakeAtMs`: the instant that the program or its caller set, next; `Infinity` for none. */
export function whyNotEnded(
  state: ExecutionState,
  wakeAtMs: number,
  { crowd, approval, work }: About = {},
): Why | undefined {
  if (isTerminal(state.status)) return undefined;
  const { owner, sentence } = (work && reasonOfWork(state, work)) ?? reasonOf(state, approval);
  const queued = crowd && crowd.queued > 0 ? `: ${crowdInWords(crowd)}` : "";
  const wake = Number.isFinite(wakeAtMs) ? { nextWakeAtMs: wakeAtMs } : {};
  return { owner, sentence: `${sentence}${queued}`, ...wake };
}

/** Of one execution. */
function crowdInWords({ running, queued }: Crowd): string {
  return `${running} of its tries run, which is as many as may run at once, and ${queued} wait for one of them to end`;
}

function reasonOf(state: ExecutionState, approval: OpenApproval | undefined): Omit<Why, "nextWakeAtMs"> {
  const { status }: { status: Status } = state;
  switch (status) {
    case "pending":
    case "queued":
      return {
        owner: "engine",
        sentence: state.awaitsTurn ? AWAITS_TURN : "it is accepted and begins with the next wake",
      };
    case "running":
      return running(state);
    case "waiting":
      return waiting(approval);
    case "blocked":
      return {
        owner: "operator",
        sentence: `it is blocked (${state.reason ?? "no reason given"}): resume it, restart it, or cancel it`,
      };
    case "paused":
      return { owner: "operator", sentence: "an operator paused it: resume or cancel it" };
    case "succeeded":
    case "failed":
    case "cancelled":
    case "timeout":
      return { owner: "engine", sentence: "it has ended" };
  }
  return unreachable(status);
}

const AWAITS_TURN = "it is queued, and begins in its turn";

function running(state: ExecutionState): Omit<Why, "nextWakeAtMs"> {
  const resting = RESTING.get(state.suspended ?? "");
  return resting?.(state) ?? { owner: "engine", sentence: "its program is at work" };
}

/** By the word of `execution.suspended`. */
const RESTING = new Map<string, (state: ExecutionState) => Omit<Why, "nextWakeAtMs">>([
  ["awaiting_slot", () => ({ owner: "engine", sentence: "it waits for a slot under a limit" })],
  ["sleeping", () => ({ owner: "clock", sentence: "it sleeps until its next timer" })],
  ["backing_off", () => ({ owner: "clock", sentence: "an effect failed and is tried again after its backoff" })],
  ["awaiting_node", () => ({ owner: "node", sentence: "a remote agent works at it, or is about to be called" })],
  ["awaiting_signal", () => ({ owner: "caller", sentence: "it waits for a signal" })],
  [
    "awaiting_child",
    ({ openChildren }) => ({ owner: "child", sentence: `it waits for ${openChildren} child execution(s)` }),
  ],
]);

function waiting(approval: OpenApproval | undefined): Omit<Why, "nextWakeAtMs"> {
  if (!approval) return { owner: "child", sentence: "a child execution waits for a person's decision" };
  const what = approval.kind === "review" ? "what became of an interrupted effect" : `the approval ${approval.gateId}`;
  return { owner: "person", sentence: `it waits for a person to decide ${what}` };
}

/** When the active limit would be passed if the program goes on from now; `undefined` while the active clock stands. */
export function activeLimitAtMs(state: ExecutionState, now: number): number | undefined {
  if (state.activeSinceMs === undefined || isTerminal(state.status)) return undefined;
  return now + Math.max(0, activeLimit(state).limitMs - activeMs(state, now));
}
