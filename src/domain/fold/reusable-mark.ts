import type { Event } from "../execution/event.ts";
import type { ReusableResult } from "../execution/reusable-result.ts";
import { saysSimulated } from "../model/simulated.ts";

/** An offer without its values, which stay in the event that brought it. */
export interface ReusableMark extends Omit<ReusableResult, "output" | "input" | "scratch"> {
  /** Its place in the order of the execution that offers it. */
  readonly rank: number;
  readonly seq: number;
  /** False: it was begun there, and nothing says what came of it. */
  readonly answered: boolean;
  readonly value?: number;
  /** Of a turn: no model was asked there. */
  readonly simulated?: boolean;
}

function markOf(
  { output, input: _input, scratch: _scratch, ...known }: ReusableResult,
  seq: number,
  rank: number,
): ReusableMark {
  return {
    ...known,
    rank,
    seq,
    answered: output !== undefined,
    ...numberOf(known.kind, output),
    ...(known.kind === "turn" && saysSimulated(output) ? { simulated: true } : {}),
  };
}

/** What the clock or the dice said: the one value that an index keeps. */
export function numberOf(kind: string, output: unknown): { readonly value?: number } {
  return kind === "value" && typeof output === "number" ? { value: output } : {};
}

/** Both ends of a restart. A part of the entry index. */
export interface Restarts {
  /** What may be taken over from the execution that this one follows. */
  readonly offers: Map<string, ReusableMark>;
  /** Executions that follow this one, by id. */
  readonly successors: Map<string, { readonly seq: number; readonly digest: string }>;
  /** What the schema had made of the input of the execution that this one follows; absent where that was the input as it was sent. */
  inputBefore: string | undefined;
}

export function foldRestart(restarts: Restarts, event: Event): void {
  const { offers, successors } = restarts;
  if (event.type === "journal.inherited") {
    for (const offer of event.data.offers) offers.set(offer.key, markOf(offer, event.seq, offers.size));
    restarts.inputBefore = event.data.parsed;
  } else if (event.type === "input.parsed" && event.data.differs) {
    for (const offer of offers.values()) if (isOfInputUnsaid(offer)) offers.delete(offer.key);
  } else if (event.type === "successor.started") {
    const { id, digest } = event.data;
    successors.set(id, { seq: event.seq, digest });
  }
}

/** A step that does not say what it computes from may compute from the execution's own input. */
export function isOfInputUnsaid({ kind, digest }: Pick<ReusableResult, "kind" | "digest">): boolean {
  return kind === "step" && digest === undefined;
}
