/**
 * What is told at once, as each audience gets it. With a hundred sockets everything that is done for each of them counts:
 * so a frame is masked once, and made into text once for each form.
 */
import type { Form, OutgoingFrame } from "../../contract/frame-texts.ts";
import { outgoing, textsOf } from "../../contract/frame-texts.ts";
import type { Frame } from "../../contract/frames.ts";
import { maskBody } from "../../contract/mask.ts";
import { eventForOthers } from "../../domain/exceptions.ts";

/**
 * Half an address cannot be recognised: who sees masked text gets no deltas. Neither does who did not ask for them. Others
 * than the owner read no words of exceptions, and neither does who sees masked text.
 */
export type Audience = "everything" | "no deltas" | "others" | "others, no deltas" | "masked";

/** Frames of one audience. An update that a later one makes old is left out. */
export class Parcel {
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
export class Parcels {
  readonly #frames: readonly Frame[];
  readonly #parcels = new Map<Audience, Parcel>();

  constructor(frames: readonly Frame[]) {
    this.#frames = frames;
  }

  for(audience: Audience): Parcel {
    return kept(this.#parcels, audience, () => new Parcel(framesFor(audience, this.#frames)));
  }
}

export function framesFor(audience: Audience, frames: readonly Frame[]): OutgoingFrame[] {
  const wanted = hearsDeltas(audience) ? frames : frames.filter(({ type }) => type !== "delta");
  if (audience === "everything" || audience === "no deltas") return wanted.map(outgoing);
  const shown = wanted.map((frame) =>
    frame.type === "event" ? { ...frame, event: eventForOthers(frame.event) } : frame,
  );
  return shown.map((frame) => outgoing(audience === "masked" ? (maskBody(frame) as Frame) : frame));
}

const hearsDeltas = (audience: Audience) => audience === "everything" || audience === "others";

function kept<K, V>(known: Map<K, V>, key: K, make: () => V): V {
  const found = known.get(key);
  if (found !== undefined) return found;
  const made = make();
  known.set(key, made);
  return made;
}
