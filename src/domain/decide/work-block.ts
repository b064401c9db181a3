/** A subtask is blocked: a person is asked by the one approval mechanism. Called only by `decide`. */
import type { NewEvent } from "../execution/event.ts";
import { approvalIdOf } from "../execution/execution-id.ts";
import type { ExecutionState } from "../execution/state.ts";
import type { Json } from "../values/json.ts";
import { canonicalJson } from "../values/json.ts";
import type { Piece } from "../work/order.ts";
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

/** For a block that no report brings. */
export function openBlock(view: LiveView, piece: Piece, block: Block): NewEvent[] {
  const { state } = view;
  const { errorType, error, ahead, ...rest } = block;
  const gateId = gateIdAt(state, ahead);
  const words = { ...(errorType === undefined ? {} : { errorType }), error: error ?? block.why };
  return [
    { type: "subtask.blocked", data: { subtask: piece.id, gateId, ...rest, ...words } },
    reviewOf(view, piece, { ...block, gateId }),
  ];
}

interface Review extends Block {
  readonly gateId: string;
  readonly suggestions?: readonly string[] | undefined;
}

/** What the person is asked; its payload is what they decide on. */
export function reviewOf(
  { state: { origin }, digest }: LiveView,
  { id, task, subtask }: Piece,
  review: Review,
): NewEvent {
  const { gateId, why, options, errorType, error, suggestions } = review;
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
