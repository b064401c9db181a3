/**
 * What is asked about an activity that is finished from outside: by the engine, which sends its one message, and by the outside,
 * which tells what becomes of it. A part of `command.ts`.
 */
import type { Amount } from "./budget.ts";
import type { Outcome } from "./entry.ts";

/** The activity that the outside means. What is absent fits any; an older attempt or another's token fits none. */
export interface ExternalRef {
  readonly key?: string;
  readonly attempt?: number;
  readonly token?: string;
}

/** Called right before the request leaves: it is at most one. `instance` names the process of the receiver. */
export interface BeginSending {
  readonly type: "begin_sending";
  readonly key: string;
  readonly attempt: number;
  readonly instance?: string;
}

/** What the sender knows of its request. `retryAtMs`: it is proven not to have arrived. */
export interface NoteSent {
  readonly type: "note_sent";
  readonly key: string;
  readonly attempt: number;
  readonly unsent?: { readonly message: string; readonly retryAtMs: number };
}

/** How it ended. A repetition, and what comes too late, changes nothing and is no refusal. */
export interface FinishExternal {
  readonly type: "finish_external";
  readonly of: ExternalRef;
  readonly outcome: Outcome;
  readonly usage?: Amount;
}

/**
 * A result that is larger than a row is about to be put into the file store. Of several the first is the one: another one's changes
 * nothing.
 */
export interface StoreExternal {
  readonly type: "store_external";
  readonly of: ExternalRef;
  readonly digest: string;
}

/** How it goes: whether it waits for a person, and how far it is. */
export interface ExternalWaiting {
  readonly type: "external_waiting";
  readonly of: ExternalRef;
  readonly waiting: boolean;
  readonly percent?: number;
}

/** A new process took the place of the receiver's: what an older one was sent and does not report within the grace is lost. */
export interface ReceiverRestarted {
  readonly type: "receiver_restarted";
  readonly instance: string;
  /** Processes that stand beside it: those of other versions. What they were sent is theirs still. */
  readonly beside?: readonly string[];
  readonly graceMs: number;
}

export type ExternalCommand = StoreExternal | FinishExternal | ExternalWaiting | ReceiverRestarted;
