/** Which span an event of a log begins, and which it ends with what. Called only by `trace.ts`. */
import type { Amount } from "../execution/budget.ts";
import type { Event } from "../execution/event.ts";
import type { Json } from "../values/json.ts";
import type { Attributes } from "./span.ts";
import { callSeed } from "./span.ts";

interface Begun {
  /** By which its end finds it. */
  readonly key: string;
  readonly name: string;
  /** 1 internal, 3 client. */
  readonly kind: number;
  readonly attributes: Attributes;
  readonly isAttempt?: boolean;
  /** What its id is made of, where another log names it too. */
  readonly seed?: string;
}

interface Outcome {
  /** Absent: the execution itself. */
  readonly key?: string;
  readonly attributes?: Attributes;
  readonly error?: string;
}

const OPERATIONS: ReadonlyMap<string, string> = new Map([
  ["turn", "chat"],
  ["tool", "execute_tool"],
]);

export function spanBegun({ type, data }: Event): Begun | undefined {
  if (type === "step.started" || type === "tool.started" || type === "turn.started") {
    const { key, kind, name, attempt, recovered } = data;
    const operation = OPERATIONS.get(kind);
    const attributes = {
      "gen_ai.operation.name": operation,
      "gen_ai.tool.name": kind === "tool" ? name : undefined,
      "errand.entry.key": key,
      "errand.entry.kind": kind,
      "errand.entry.try": attempt,
      "errand.recovered": recovered,
    };
    return { key: entryKey(key), name: `${operation ?? kind} ${name}`, kind: kind === "turn" ? 3 : 1, attributes };
  }
  if (type === "attempt.started")
    return {
      key: attemptKey(data.n),
      name: `attempt ${data.n}`,
      kind: 1,
      attributes: { "errand.attempt": data.n },
      isAttempt: true,
    };
  if (type === "gate.opened" && data.kind !== "review")
    return {
      key: approvalKey(data.gateId),
      name: `approval ${data.name}`,
      kind: 1,
      attributes: { "errand.approval.id": data.gateId },
    };
  if (type === "child.started") {
    const { childId, target, key } = data;
    const attributes = {
      "gen_ai.operation.name": "invoke_agent",
      "errand.entry.key": key,
      "errand.child.execution_id": childId,
    };
    return { key: childKey(childId), name: `call ${target}`, kind: 3, attributes, seed: callSeed(childId) };
  }
  return undefined;
}

export function outcomeOf(event: Event): Outcome | undefined {
  const { type, data } = event;
  if (type === "step.completed" || type === "tool.completed" || type === "turn.completed")
    return { key: entryKey(data.key), attributes: { ...modelOf(data.output), ...spentOf(data.usage) } };
  if (type === "step.failed" || type === "tool.failed" || type === "turn.failed")
    return { key: entryKey(data.key), attributes: spentOf(data.usage), error: data.error.code };
  if (type === "entry.withdrawn") return { key: entryKey(data.key), error: "withdrawn" };
  if (type === "attempt.completed") return { key: attemptKey(data.n) };
  if (type === "attempt.rejected") return { key: attemptKey(data.n), error: "rejected" };
  if (type === "gate.decided")
    return { key: approvalKey(data.gateId), attributes: { "errand.decision": data.verdict.decision } };
  if (type === "gate.expired") return { key: approvalKey(data.gateId), error: "expired" };
  if (type === "child.finished")
    return { key: childKey(data.childId), ...(data.outcome.ok ? {} : { error: data.outcome.error.code }) };
  return ended(event);
}

function ended({ type, data }: Event): Outcome | undefined {
  const status = (word: string) => ({ attributes: { "errand.status": word } });
  if (type === "execution.succeeded") return status("succeeded");
  if (type === "execution.failed") return { ...status("failed"), error: data.code };
  if (type === "execution.cancelled") return { ...status("cancelled"), error: "cancelled" };
  if (type === "execution.timed_out") return { ...status("timeout"), error: "timeout" };
  return undefined;
}

const entryKey = (key: string) => `entry ${key}`;
const attemptKey = (n: number) => `attempt ${n}`;
const approvalKey = (gateId: string) => `approval ${gateId}`;
const childKey = (childId: string) => `child ${childId}`;

/** Of a turn: which model answered. */
function modelOf(output: Json | undefined): Attributes {
  const { model, stopReason, simulated } = (typeof output === "object" && output !== null ? output : {}) as Record<
    string,
    unknown
  >;
  if (typeof model !== "string") return {};
  return {
    "gen_ai.response.model": model,
    "gen_ai.response.finish_reasons": typeof stopReason === "string" ? stopReason : undefined,
    "errand.simulated": simulated === true ? true : undefined,
  };
}

function spentOf(usage: Amount | undefined): Attributes {
  if (!usage) return {};
  return {
    "gen_ai.usage.input_tokens": usage.inputTokens,
    "gen_ai.usage.output_tokens": usage.outputTokens,
    "errand.cost_usd": usage.costUsd,
  };
}
