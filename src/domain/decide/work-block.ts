/** A subtask is blocked: a person is asked by the one approval mechanism. Called only by `decide`. */
import type { NewEvent } from "../execution/event.ts";
import { approvalIdOf } from "../execution/execution-id.ts";
import type { ExecutionState } from "../execution/state.ts";
import type { Json } from "../values/json.ts";
import { canonicalJson } from "../values/json.ts";
import type { Piece } from "../work/order.ts";
import type { Work } from "../work/work.ts";
import type { LiveView } from "./decided.ts";

/** No name of a program holds a "#": nothing that a program asks for can be meant. */
const KEY = "#subtask:";

/** One of its own for each approval: a subtask may be blocked more than once. */
function approvalKeyOf(subtask: string, gateId: string): string {
  return `${KEY}${subtask}#${gateId.slice(gateId.lastIndexOf(".") + 1)}`;
}

/** The subtask that an approval is about; `undefined` of any other approval. */
export function subtaskOfKey(key: string): string | undefined {
  return key.startsWith(KEY) ? key.slice(KEY.length, key.lastIndexOf("#")) : undefined;
}

interface Block {
  readonly why: string;
  readonly options: string[];
  readonly blocking: boolean;
  readonly errorType?: string;
  readonly error?: string;
  /** The agent whose lease ended without a word. */
  readonly lapsed?: string;
  /** How many events come before these in the same decision. */
  readonly ahead?: number;
}

/** Its id is made of where it opens in the log: the same event always opens the same approval. */
function gateIdAt({ origin, seq }: ExecutionState, ahead = 0): string {
  return approvalIdOf(origin.id, `s${seq + 1 + ahead}`);
}

/** Who is asked about a subtask, where its plan names one: nearest first. */
export function assigneeOf({ plan }: Work, { task }: Piece): { readonly assignee?: string } {
  const assignee = task.escalateTo ?? plan.escalateTo;
  return assignee === undefined ? {} : { assignee };
}

/** For a block that no report brings. */
export function openBlock(view: LiveView, piece: Piece, block: Block): NewEvent[] {
  const { state } = view;
  const work = view.work?.();
  const { errorType, error, ahead, ...rest } = block;
  const gateId = gateIdAt(state, ahead);
  const named = work ? assigneeOf(work, piece) : {};
  const words = { ...(errorType === undefined ? {} : { errorType }), error: error ?? block.why };
  return [
    { type: "subtask.blocked", data: { subtask: piece.id, gateId, ...rest, ...words, ...named } },
    reviewOf(view, piece, { ...block, gateId, ...named }),
  ];
}

interface Review extends Block {
  readonly gateId: string;
  readonly suggestions?: readonly string[] | undefined;
  readonly assignee?: string | undefined;
}

/** What the person is asked; its payload is what they decide on. */
export function reviewOf(
  { state: { origin }, digest }: LiveView,
  { id, task, subtask }: Piece,
  review: Review,
): NewEvent {
  const { gateId, why, options, errorType, error, suggestions, assignee } = review;
  const payload: Json = {
    plan_id: origin.plan?.id ?? null,
    task_id: id,
    title: subtask.title,
    task_title: task.title,
    action: subtask.action,
    why,
    error_type: errorType ?? null,
    error_message: error ?? null,
    suggestions: [...(suggestions ?? [])],
    options: [...options],
    escalated_to: assignee ?? origin.owner,
  };
  return {
    type: "gate.opened",
    data: {
      key: approvalKeyOf(id, gateId),
      name: subtask.title.slice(0, 200),
      gateId,
      kind: "review",
      payload,
      payloadDigest: digest?.(canonicalJson(payload)) ?? gateId,
      onReject: "choose",
      options: [...options],
    },
  };
}
