/**
 * The one way to call another object. What the platform gives to call it with breaks together with it, so each try asks for
 * a new one. What the platform marks as retryable (a deployment that takes an object away in the middle, a machine that
 * goes) is tried once more where doing it twice is doing it once. Never an overloaded object: it has too much to do already.
 */
import type { DispatchCommand } from "../../domain/execution/command.ts";
import { isGivenUp } from "../../domain/values/fault.ts";

interface Call<Actor, T> {
  /** Returns a new way to it each time. */
  readonly actor: () => Actor;
  readonly call: (actor: Actor) => Promise<T>;
  /** Doing it twice is doing it once: a read, or what the receiver recognises. */
  readonly repeatable: boolean;
}

export async function callActor<Actor, T>({ actor, call, repeatable }: Call<Actor, T>): Promise<T> {
  try {
    return await call(actor());
  } catch (error) {
    if (!repeatable || !mayBeTriedAgain(error)) throw error;
    return call(actor());
  }
}

function mayBeTriedAgain(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  // Its storage takes no writes: the next object reads the disk.
  if (isGivenUp(error)) return true;
  const { retryable, overloaded } = error as { readonly retryable?: unknown; readonly overloaded?: unknown };
  return retryable === true && overloaded !== true;
}

/** Commands that the receiver recognises when they come again, with the answer that the first one would have had. */
const REPEATABLE: Readonly<Record<DispatchCommand["type"], boolean>> = {
  pause: true,
  retry_program: true,
  grant_slot: true,
  decide_gate: true,
  resolve_effect: true,
  child_finished: true,
  child_waiting: true,
  adopt_child: true,
  finish_external: true,
  store_external: true,
  report_call: true,
  external_waiting: true,
  receiver_restarted: true,
  restart: true,
  queue_plan: true,
  begin_plan: true,
  dismiss_failure: true,
  // An agent that asks again gets the work that it has not begun; a report that came already is known by its id.
  take_work: true,
  report_work: true,
  // The same one is asked already.
  escalate_work: true,
  // An ended execution refuses a second cancel, a running one a second resume in the middle of its next wait.
  cancel: false,
  resume: false,
  // Each is one more.
  signal: false,
  add_note: false,
  write_log: false,
  retry_delivery: false,
  request_approval: false,
  resolve_work: false,
};

export function isRepeatable({ type }: DispatchCommand): boolean {
  return REPEATABLE[type];
}
