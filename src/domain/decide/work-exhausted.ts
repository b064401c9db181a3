/** The attempts of a subtask are spent: a person is asked, or its task is in error, as its plan says. Called only by `decide`. */
import type { NewEvent } from "../execution/event.ts";
import { optionsAfterError } from "../work/options.ts";
import type { Piece } from "../work/order.ts";
import { dependentsOf } from "../work/order.ts";
import type { Work } from "../work/work.ts";
import type { LiveView } from "./decided.ts";
import { openBlock } from "./work-block.ts";

interface Spent {
  readonly piece: Piece;
  readonly error: string;
  readonly errorType: string;
}

export function exhausted(view: LiveView, work: Work, { piece, error, errorType }: Spent): NewEvent[] {
  const tries = piece.subtask.retryPolicy.maxAttempts;
  const why = `its ${tries} attempts are spent`;
  if (work.plan.onExhausted === "block")
    return openBlock(view, piece, {
      ...{ why, error, errorType, blocking: false },
      options: optionsAfterError(piece.subtask, []),
    });
  return [{ type: "subtask.failed", data: { subtask: piece.id, why: error } }, ...skipAfter(work, piece)];
}

/** What waits for one that failed is skipped with the reason. */
export function skipAfter(work: Work, { at, id }: Piece): NewEvent[] {
  const open = work.pieces(dependentsOf(work.order, at)).filter((piece) => {
    const { status } = work.state(piece);
    return status === "queued";
  });
  if (open.length === 0) return [];
  return [
    {
      type: "subtask.skipped",
      data: { subtasks: open.map((piece) => piece.id), why: `it waited for ${id}, which failed` },
    },
  ];
}
