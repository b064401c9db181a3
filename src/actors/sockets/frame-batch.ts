/**
 * What is told at once, as each audience gets it. With a hundred sockets everything that is done for each of them counts:
 * so a frame is masked once, and made into text once for each form.
 */
import { maskBody } from "../../contract/privacy/mask.ts";
import type { Form, OutgoingFrame } from "../../contract/stream/frame-texts.ts";
import { outgoing, textsOf } from "../../contract/stream/frame-texts.ts";
import type { Frame } from "../../contract/stream/frames.ts";
import { eventForOthers } from "../../domain/values/exceptions.ts";

/**
 * Half an address cannot be recognised: who sees masked text gets no deltas. Neither does who did not ask for them. Others
 * than the owner read no words of exceptions, and neither does who sees masked text.
 */
export type Visibility = "everything" | "no deltas" | "others" | "others, no deltas" | "masked";

/** Frames of one audience. An update that a later one makes old is left out. */
export class FrameBatch {
  readonly frames: readonly OutgoingFrame[];
  readonly #texts = new Map<Form, readonly string[]>();

  constructor(frames: readonly OutgoingFrame[]) {
    const newest = frames.findLastIndex(({ type }) => type === "execution_update");
    this.frames = frames.filter(({ type }, position) => type !== "execution_update" || position === newest);
  }

  textsIn(form: Form): readonly string[] {
    return kept(this.#texts, form, () => textsOf(this.frames, form));
  }
}

/** The same frames for all audiences. */
export class FrameBatches {
  readonly #frames: readonly Frame[];
  readonly #batches = new Map<Visibility, FrameBatch>();

  constructor(frames: readonly Frame[]) {
    this.#frames = frames;
  }

  for(visibility: Visibility): FrameBatch {
    return kept(this.#batches, visibility, () => new FrameBatch(framesFor(visibility, this.#frames)));
  }
}

export function framesFor(visibility: Visibility, frames: readonly Frame[]): OutgoingFrame[] {
  const wanted = hearsDeltas(visibility) ? frames : frames.filter(({ type }) => type !== "delta");
  if (visibility === "everything" || visibility === "no deltas") return wanted.map(outgoing);
  const shown = wanted.map((frame) =>
    frame.type === "event" ? { ...frame, event: eventForOthers(frame.event) } : frame,
  );
  return shown.map((frame) => outgoing(visibility === "masked" ? (maskBody(frame) as Frame) : frame));
}

const hearsDeltas = (visibility: Visibility) => visibility === "everything" || visibility === "others";

function kept<K, V>(known: Map<K, V>, key: K, make: () => V): V {
  const found = known.get(key);
  if (found !== undefined) return found;
  const made = make();
  known.set(key, made);
  return made;
}
