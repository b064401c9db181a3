/** Parts of what an execution keeps: bounded by count and by bytes, each saying where the next one begins. */
import type { Event } from "../execution/event.ts";
import type { EffectView } from "./view.ts";

export interface EventQuery {
  readonly after: number;
  readonly limit: number;
  /** Only events of this type. */
  readonly type?: string | undefined;
}
export interface EventPage {
  readonly events: Event[];
  /** The `after` of the next page; `null` when the log was read to its end. */
  readonly next: number | null;
}

/** `after` is the seq at which the last effect of the page before began. */
export interface EffectQuery {
  readonly after: number;
  readonly limit: number;
}
export interface EffectPage {
  readonly effects: EffectView[];
  readonly next: number | null;
}
