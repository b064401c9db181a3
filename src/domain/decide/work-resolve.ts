/** A person says how a blocked subtask goes on: by name, or by answering its approval. Called only by `decide`. */
import type { OpenApproval, Verdict } from "../execution/approval.ts";
import type { DecideApproval } from "../execution/approval-command.ts";
import type { NewEvent } from "../execution/event.ts";
import type { EscalateWork, ResolveWork } from "../execution/work-command.ts";
import { AGENT_ACTION } from "../node/polling-agent.ts";
import type { Refusal, Result } from "../values/fault.ts";
import { accept, refuse } from "../values/fault.ts";
import { isRecord } from "../values/is-record.ts";
import type { Json } from "../values/json.ts";
import { BY_HAND, CANCEL, GIVE_ACTION, SKIP, suggestionOf } from "../work/options.ts";
import type { Piece } from "../work/order.ts";
import type { Work } from "../work/work.ts";
import type { Decided, LiveView } from "./decided.ts";
import { accepted, illegal } from "./decided.ts";
import { subtaskOfKey } from "./work-block.ts";
import { stopping } from "./work-stop.ts";

const MOST_NAMED = 20;
/** Each change of the assignee sends a notification: so many are sent about one block at most. */
const MOST_HANDED_ON = 20;

export function resolveWork(view: LiveView, work: Work, command: ResolveWork): Decided {
  const found = meant(view, work, command);
  if (!found.ok) return found;
  const block = work.state(found.value).blocked;
  const approval = block && view.approvals.get(block.gateId);
  if (!block || !approval) return refuse("no_open_gate", `"${found.value.id}" is not blocked`);
  return answered(view, work, { piece: found.value, approval, command });
}

/** Another one is asked from now on: notified, and named where it is asked who decides. */
export function escalateWork(view: LiveView, work: Work, command: EscalateWork): Decided {
  const found = meant(view, work, command);
  if (!found.ok) return found;
  const { blocked: block } = work.state(found.value);
  if (!block) return refuse("no_open_gate", `"${found.value.id}" is not blocked`);
  const { to, by } = command;
  if ((block.assignee ?? view.state.origin.owner) === to) return accepted();
  if ((block.handedOn ?? 0) >= MOST_HANDED_ON)
    return refuse(
      "invalid_state",
      `"${found.value.id}" was handed on ${MOST_HANDED_ON} times: choose one of its options`,
    );
  const data = { subtask: found.value.id, blockedSinceMs: block.sinceMs, to, by };
  return accepted({ type: "subtask.escalated", data });
}

/** The approval of a blocked subtask, decided where approvals are decided: `undefined` of any other approval. */
export function decideWork(
  view: LiveView,
  approval: OpenApproval,
  command: DecideApproval & { readonly unnamed?: string },
): Decided | undefined {
  const subtask = subtaskOfKey(approval.key);
  const work = view.work?.();
  const piece = subtask === undefined ? undefined : work?.piece(subtask);
  if (!piece || !work) return undefined;
  const { option, response, feedback, by, unnamed } = command;
  if (option === undefined) return mustBe(approval.options ?? []);
  const said = isRecord(response) ? (response as Record<string, Json>) : {};
  const { action, params } = said;
  const resolve: ResolveWork = {
    type: "resolve_work",
    option,
    by,
    ...(typeof action === "string" ? { action } : {}),
    ...(isRecord(params) ? { params: params as Record<string, Json> } : {}),
    ...(response === undefined ? {} : { output: response }),
    ...(feedback === undefined ? {} : { comment: feedback }),
  };
  return answered(view, work, { piece, approval, command: resolve, unnamed });
}

/** Returns the blocked subtask that is named, or the only one. */
function meant(view: LiveView, work: Work, { subtask }: Pick<ResolveWork, "subtask">): Result<Piece> {
  if (view.state.status === "pending") return illegal(view.state, "be resolved");
  if (subtask !== undefined) {
    const piece = work.piece(subtask);
    if (piece) return accept(piece);
    const message = `no subtask of this execution is called "${subtask.slice(0, 128)}"`;
    return refuse("invalid_input", `task_id: ${message}`, [{ path: "task_id", message }]);
  }
  const { blocked } = work;
  const [only] = blocked;
  if (!only) return refuse("no_open_gate", "no subtask of this execution is blocked");
  if (blocked.length === 1) return accept(only);
  const names = blocked.slice(0, MOST_NAMED).map(({ id }) => id);
  const message = `${blocked.length} subtasks are blocked: name one of ${names.join(", ")}`;
  return refuse("invalid_input", `task_id: ${message}`, [{ path: "task_id", message }]);
}

interface Answer {
  readonly piece: Piece;
  readonly approval: OpenApproval;
  readonly command: ResolveWork;
  readonly unnamed?: string | undefined;
}

function answered(view: LiveView, work: Work, { piece, approval, command, unnamed }: Answer): Decided {
  const { option, by, comment } = command;
  const options = approval.options ?? [];
  if (!options.includes(option)) return mustBe(options);
  const made = eventsOf(work, piece, command);
  if (!made.ok) return made;
  const verdict: Verdict = {
    decision: option === SKIP || option === CANCEL ? "rejected" : "approved",
    option,
    decidedBy: by,
    ...(comment === undefined ? {} : { feedback: comment }),
  };
  const { key, gateId, openedSeq } = approval;
  const data = { key, gateId, kind: "review" as const, verdict, openedSeq };
  const decided: NewEvent = { type: "gate.decided", data: { ...data, ...(unnamed === undefined ? {} : { unnamed }) } };
  const end: NewEvent[] =
    option === CANCEL
      ? [...stopping(view, "cancel"), { type: "execution.cancelled", data: { reason: "approval_rejected", by } }]
      : [];
  return { ok: true, events: [decided, ...made.value, ...end], gateId };
}

function mustBe(options: readonly string[]): Refusal {
  const message = `must be one of ${options.join(", ")}`;
  return refuse("invalid_input", `option: ${message}`, [{ path: "option", message }]);
}

/** A choice of a person begins the attempts anew, with what is asked of agents now: that may be what a person chose before. */
function eventsOf(work: Work, piece: Piece, command: ResolveWork): Result<NewEvent[]> {
  const { id, subtask } = piece;
  const { instead, blocked } = work.state(piece);
  const asked = instead ?? { action: subtask.action, params: subtask.params };
  const { option, by, action, params, output, comment } = command;
  const requeued = (chosen?: { action: string | null; params: Record<string, Json> }): Result<NewEvent[]> => {
    const changed = chosen && chosen.action !== null ? { instead: { ...chosen, action: chosen.action } } : {};
    return accept([{ type: "subtask.requeued", data: { subtask: id, why: option, attempt: 1, by, ...changed } }]);
  };
  if (option === CANCEL) return accept([]);
  if (option === SKIP)
    return accept([{ type: "subtask.skipped", data: { subtasks: [id], why: comment ?? "a person skipped it", by } }]);
  if (option === BY_HAND) {
    const said = {
      ...(output === undefined ? {} : { output }),
      ...(comment === undefined ? {} : { message: comment }),
    };
    return accept([{ type: "subtask.completed", data: { subtask: id, by, ...said } }]);
  }
  if (option === GIVE_ACTION) {
    if (action !== undefined && AGENT_ACTION.test(action))
      return requeued({ action, params: params ?? subtask.params });
    const message = `is needed with the option "${GIVE_ACTION}", and must match ${AGENT_ACTION.source}`;
    return refuse("invalid_input", `action: ${message}`, [{ path: "action", message }]);
  }
  const alternative = subtask.alternatives.find((one) => one.option === option);
  if (alternative) return requeued({ action: alternative.action, params: params ?? alternative.params });
  const suggestion = blocked?.suggestions?.[suggestionOf(option) ?? -1];
  if (suggestion !== undefined) return requeued({ ...asked, params: { ...asked.params, ...params, suggestion } });
  return params ? requeued({ ...asked, params }) : requeued();
}
