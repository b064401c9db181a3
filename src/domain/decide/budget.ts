/**
 * What happens where a limit of the budget is met: the execution ends, or a person is asked whether the limit is to be raised
 * (`onExceeded`). The question is an approval as the outside asks for one: the execution stands still until it is decided, and then
 * asks anew for what did not fit. Called by the deciders of what is spent and of approvals.
 *
 * - Which limit, and by how much, stands in the key of the approval (`execution/budget-question.ts`).
 * - A limit is raised by what it was at first, and at least by what is missing; who decides may say another number.
 */
import type { OpenApproval, Verdict } from "../execution/approval.ts";
import { DEFAULT_APPROVAL_EXPIRY_MS } from "../execution/approval.ts";
import type { Amount, LimitName } from "../execution/budget.ts";
import { exceededLimit, isCounted, missingOf, nearedLimits, roundedUsd } from "../execution/budget.ts";
import { askedInKey, budgetKey } from "../execution/budget-question.ts";
import type { Event, NewEvent } from "../execution/event.ts";
import { awaitsRequested } from "../execution/hold.ts";
import type { ExecutionState } from "../execution/state.ts";
import { activeLimit, activeMs } from "../execution/state.ts";
import { isTerminal } from "../execution/status.ts";
import { withoutApproval } from "../fold/approval.ts";
import { evolve } from "../fold/evolve.ts";
import { isRecord } from "../values/is-record.ts";
import { canonicalJson } from "../values/json.ts";
import type { Decided, LiveView } from "./decided.ts";
import { overBudget, timeOut, toRunning, WAITING_FOR_APPROVAL, wakeUp } from "./decided.ts";

/** As callers name it. */
const WIRE_NAME: Readonly<Record<LimitName, string>> = {
  maxTurns: "max_turns",
  maxTokens: "max_tokens",
  maxCostUsd: "max_cost_usd",
  maxChildren: "max_children",
  maxDurationMs: "max_duration",
};

export const asksAboutBudget = ({ limits }: Pick<ExecutionState, "limits">): boolean => limits.onExceeded === "pause";

/** What follows where `amount` more does not fit under its limits; `undefined` where it fits. */
export function beyondLimit(view: LiveView, amount: Amount, now: number): NewEvent[] | undefined {
  const limit = exceededLimit(view.state, amount);
  if (limit === undefined) return undefined;
  if (!asksAboutBudget(view.state)) return [...toRunning(view.state), ...overBudget(limit)];
  return askToRaise(view, { limit, missing: missingOf(view.state, limit, amount) }, now);
}

/** What follows once the active time of an execution is over; nothing while it has some left. */
export function expireActive(view: LiveView, now: number): NewEvent[] {
  const { state } = view;
  const { limitMs, kind } = activeLimit(state);
  const used = activeMs(state, now);
  if (used < limitMs) return [];
  if (kind === "timeout") return timeOut(state, `${limitMs} ms of active time`);
  if (!asksAboutBudget(state)) return [...toRunning(state), ...overBudget(WIRE_NAME.maxDurationMs)];
  // A person was asked already, or has halted it: it takes no time now.
  if (awaitsRequested(state) || (state.status !== "running" && state.status !== "waiting")) return [];
  return askToRaise(view, { limit: "maxDurationMs", missing: used - limitMs + 1 }, now);
}

interface Met {
  readonly limit: LimitName;
  readonly missing: number;
}

function askToRaise(view: LiveView, { limit, missing }: Met, now: number): NewEvent[] {
  const { state, digest } = view;
  const { origin, limits, spent, gates } = state;
  const by = counted(limit, Math.max(origin.limits[limit] ?? 0, missing));
  const count = gates.opened + 1;
  const inWire = (amount: number) => (limit === "maxDurationMs" ? amount / 1_000 : amount);
  const payload = {
    ...{ kind: "budget", limit: WIRE_NAME[limit], now: inWire(limits[limit] ?? 0), raise_by: inWire(by) },
    spent: { turns: spent.turns, tokens: spent.tokens, cost_usd: spent.costUsd, children: spent.children },
    question: `The budget ${WIRE_NAME[limit]} is spent. Raise it by ${inWire(by)}?`,
  };
  const opened: NewEvent = {
    type: "gate.opened",
    data: {
      ...{ key: budgetKey({ limit, by, count }), name: "budget", gateId: `gate_${count}_${origin.id}` },
      ...{ kind: "pause", payload, payloadDigest: digest?.(canonicalJson(payload)) ?? "", onReject: "choose" },
      ...{ expiresAtMs: now + DEFAULT_APPROVAL_EXPIRY_MS, requested: true },
    },
  };
  return [...toRunning(state), opened, WAITING_FOR_APPROVAL];
}

function counted(limit: LimitName, amount: number): number {
  return isCounted(limit) ? Math.ceil(amount) : roundedUsd(amount);
}

/** Returns what the answer to the question means; `undefined` for an approval about anything else. Without a verdict its time is over. */
export function raisedOrEnded(
  { state }: LiveView,
  approval: OpenApproval,
  verdict: Verdict | undefined,
): NewEvent[] | undefined {
  const asked = askedInKey(approval.key);
  if (!asked) return undefined;
  const { limit } = asked;
  if (verdict?.decision !== "approved") return [...toRunning(state), ...overBudget(limit)];
  const by = saidIn(verdict, limit) ?? asked.by;
  // A larger whole number is none any more, and a state that holds it could not be read.
  const to = Math.min(Number.MAX_SAFE_INTEGER, counted(limit, (state.limits[limit] ?? 0) + by));
  const raised: NewEvent = { type: "budget.raised", data: { limit, by, to, raisedBy: verdict.decidedBy } };
  return [raised, ...wakeUp(withoutApproval(state, approval.gateId), "budget_raised")];
}

/** Returns `{"raise_by": N}` of the decision, given in the unit in which it was shown; `undefined` where it raises nothing. */
function saidIn({ response }: Verdict, limit: LimitName): number | undefined {
  const by = isRecord(response) ? response.raise_by : undefined;
  if (typeof by !== "number" || !Number.isFinite(by)) return undefined;
  const most = Math.min(by, Number.MAX_SAFE_INTEGER / 2);
  const amount = counted(limit, limit === "maxDurationMs" ? most * 1_000 : most);
  return amount > 0 ? amount : undefined;
}

const SPENDS: ReadonlySet<string> = new Set(["turn.completed", "turn.failed", "budget.drawn", "child.finished"]);

/** Says once of each limit that 80 % of it are spent, with the event that spends them. */
function warnings(before: ExecutionState, events: readonly NewEvent[], now: number): NewEvent[] {
  if (!events.some(({ type }) => SPENDS.has(type)) || isTerminal(before.status)) return [];
  const after = events.reduce<ExecutionState | undefined>(
    (state, event) => evolve(state, placed(state, event, now)),
    before,
  );
  if (!after || isTerminal(after.status)) return [];
  return nearedLimits(after).flatMap(({ limit, spent, of }): NewEvent[] =>
    after.warned?.[limit] === of ? [] : [{ type: "budget.warned", data: { limit, spent, of } }],
  );
}

function placed(state: ExecutionState | undefined, event: NewEvent, now: number): Event {
  return { ...event, seq: (state?.seq ?? 0) + 1, atMs: now, actor: "system", v: 1 } as Event;
}

export function withWarnings(before: ExecutionState, decided: Decided, now: number): Decided {
  if (!decided.ok) return decided;
  const warned = warnings(before, decided.events, now);
  return warned.length === 0 ? decided : { ...decided, events: [...decided.events, ...warned] };
}
