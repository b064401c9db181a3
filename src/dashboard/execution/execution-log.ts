/**
 * One execution as a page knows it: its events, the state after each of them (folded by the actor's own function), and the text
 * that its models write. Grows while it is read; `version` tells a reader that there is more.
 */

import { TurnTexts } from "../../client/stream/turn-texts.ts";
import type { ExecutionBody } from "../../contract/executions/body.ts";
import { fromWire } from "../../contract/executions/from-wire.ts";
import type { Frame } from "../../contract/stream/frames.ts";
import type { Event } from "../../domain/execution/event.ts";
import type { ExecutionState } from "../../domain/execution/state.ts";
import { FoldedStates } from "./folded-states.ts";
import { Prefix } from "./prefix.ts";

export class ExecutionLog {
  readonly events: Event[] = [];
  /** By the place of the event in `events`. */
  readonly states = new FoldedStates(this.events);
  readonly texts = new TurnTexts();
  /** As the server told it last: what is no part of the fold, as the result of a large output and the sentence of `why`. */
  body: ExecutionBody | undefined;
  version = 0;
  readonly #whole = new Prefix();
  readonly #past = new Prefix();

  /** Takes a frame of the stream. Returns whether the body is out of date by it. */
  take(frame: Frame): boolean {
    this.version += 1;
    this.texts.take(frame);
    if (frame.type === "snapshot") {
      this.body = frame.execution;
      return false;
    }
    if (frame.type === "execution_update") return frame.status !== this.body?.status || frame.seq !== this.body.seq;
    if (frame.type === "event") this.#add(fromWire(frame.event));
    return false;
  }

  takeBody(body: ExecutionBody): void {
    if (this.body && this.body.seq > body.seq) return;
    this.version += 1;
    this.body = body;
  }

  /** The log up to this seq, all of it for `undefined`. */
  upTo(seq: number | undefined): Pick<Prefix, "events" | "trace"> {
    if (seq === undefined) return this.#whole.to(this.events, this.events.length);
    return this.#past.to(this.events, Math.min(Math.max(0, this.#placeOf(seq) + 1), this.events.length));
  }

  /** The state after the event with this seq; the newest for `undefined`. */
  stateAt(seq: number | undefined): ExecutionState | undefined {
    return seq === undefined ? this.states.newest : this.states.at(this.#placeOf(seq));
  }

  get lastSeq(): number {
    return this.events.at(-1)?.seq ?? 0;
  }

  #add(event: Event): void {
    if (event.seq <= this.lastSeq) return;
    this.events.push(event);
    this.states.grow();
  }

  /** Seqs have no gaps. */
  #placeOf(seq: number): number {
    return seq - (this.events[0]?.seq ?? 1);
  }
}
