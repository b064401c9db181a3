/** An activity that is handed to a node: what it gets, and what is known of the request that carried it. */
import type { Amount } from "../execution/budget.ts";
import type { Outcome } from "../execution/entry.ts";
import type { Origin } from "../execution/origin.ts";
import type { Json } from "../values/json.ts";

export interface Handover {
  readonly origin: Origin;
  readonly key: string;
  readonly attempt: number;
  /** What it shows when it reports. */
  readonly token: string;
  readonly input: Json;
  /** When its time is over, as far as is known now. */
  readonly untilMs: number;
}

/** Only `unreached` is proof that the request did not arrive. */
export type Sent =
  /** The receiver has it, and reports later. */
  | { readonly how: "accepted" }
  /** The receiver answered with the end. */
  | { readonly how: "finished"; readonly outcome: Outcome; readonly usage?: Amount }
  | { readonly how: "unreached" | "unknown"; readonly message: string };
