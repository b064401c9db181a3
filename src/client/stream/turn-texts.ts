import * as z from "zod";
import type { DeltaFrame, Frame } from "../../contract/stream/frames.ts";
import type { TurnText } from "../../domain/model/conversation.ts";
import { TurnReply, textOf } from "../../domain/model/conversation.ts";

const Completed = z.object({
  key: z.string(),
  attempt: z.number(),
  output: TurnReply.pick({ content: true }),
});

/**
 * The text of turns while they are written, out of a stream's frames: `texts.take(frame)` for each, then
 * `texts.of(turn)?.text`. `turn` is the `key` of the turn's `turn.started` event. A higher try begins the text anew; what
 * comes twice changes nothing.
 */
export class TurnTexts {
  readonly #texts = new Map<string, TurnText>();

  of(turn: string): TurnText | undefined {
    return this.#texts.get(turn);
  }

  take(frame: Frame): void {
    if (frame.type === "delta") this.add(frame);
    if (frame.type === "snapshot") for (const text of frame.turns_in_flight) this.#texts.set(text.turn, text);
    if (frame.type === "event" && frame.event.type === "turn.completed") this.#complete(frame.event.data);
  }

  /** The whole text, also for a reader that was away while its end was written. */
  #complete(data: unknown): void {
    const { success, data: turn } = Completed.safeParse(data);
    if (success) this.#texts.set(turn.key, { turn: turn.key, try: turn.attempt, text: textOf(turn.output.content) });
  }

  /** What of a delta is new, if anything is; `gap` when something before it is missing. */
  add(delta: DeltaFrame): DeltaFrame | "gap" | undefined {
    const { turn, offset, try: attempt } = delta;
    const known = this.#texts.get(turn);
    if (known && attempt < known.try) return undefined;
    const before = known?.try === attempt ? known.text : "";
    if (offset > before.length) return "gap";
    const text = delta.text.slice(before.length - offset);
    // A new try is news even before it has written anything.
    if (text === "" && known?.try === attempt) return undefined;
    this.#texts.set(turn, { turn, try: attempt, text: before + text });
    return { ...delta, offset: before.length, text };
  }

  forget(turn: string): void {
    this.#texts.delete(turn);
  }
}
