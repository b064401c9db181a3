import type { Offer } from "./offer.ts";
import { saysSimulated } from "./simulated.ts";

/** An offer without its values, which stay in the event that brought it. */
export interface OfferMark extends Omit<Offer, "output" | "input" | "scratch"> {
  /** Its place in the order of the execution that offers it. */
  readonly rank: number;
  readonly seq: number;
  /** False: it was begun there, and nothing says what came of it. */
  readonly answered: boolean;
  readonly value?: number;
  /** Of a turn: no model was asked there. */
  readonly simulated?: boolean;
}

export function markOf(
  { output, input: _input, scratch: _scratch, ...known }: Offer,
  seq: number,
  rank: number,
): OfferMark {
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
