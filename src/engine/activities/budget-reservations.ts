/**
 * Our share of the parent's budget. What our own grant does not cover is drawn from the parent before it is reserved;
 * a draw has an id of its own, under which the parent keeps at least what we count, however often we ask (P4).
 */
import type { Amount } from "../../domain/execution/budget.ts";
import { exceededLimit, isNothing, uncovered, usedBy } from "../../domain/execution/budget.ts";
import { isTerminal } from "../../domain/execution/status.ts";
import { backoffMs, CALL_BACKOFF } from "../../domain/values/backoff.ts";
import { FAULTS, refuse } from "../../domain/values/fault.ts";
import type { Journal } from "../journal/journal.ts";
import type { World } from "../ports.ts";
import { traceOf } from "../trace.ts";
import type { StartThunk } from "./activity.ts";

interface Then {
  readonly proceed: () => StartThunk | undefined;
  /** The parent has no more to give. Default: the execution ends, its budget is exceeded. */
  readonly refused?: () => void;
}

interface PendingRequest extends Then {
  readonly key: string;
  readonly amount: Amount;
  /** How often the parent was asked, this time included. */
  readonly attempt: number;
}

export class BudgetReservations {
  readonly #journal: Journal;
  readonly #world: World;
  readonly #onDone: () => void;
  readonly #drawing = new Set<string>();

  constructor(journal: Journal, world: World, onDone: () => void) {
    this.#journal = journal;
    this.#world = world;
    this.#onDone = onDone;
  }

  /** How many draws are under way. */
  get pending(): number {
    return this.#drawing.size;
  }

  has(key: string): boolean {
    return this.#drawing.has(key);
  }

  /** Drops the reservation of what lost its race: what is drawn stays with this execution, and a refusal ends nothing. */
  drop(key: string): void {
    this.#drawing.delete(key);
  }

  /**
   * Goes on at once when the amount is covered (or passes our own limit, which `decide` says better). Otherwise draws
   * what is missing and wakes the run loop, which asks again: meanwhile others may have taken what was covered.
   */
  whenReserved(key: string, amount: Amount, then: Then): StartThunk | undefined {
    const { state } = this.#journal;
    if (!state) return undefined;
    if (isNothing(uncovered(state, amount)) || exceededLimit(state, amount)) return then.proceed();
    this.#drawing.add(key);
    return () => this.#requestBudget({ ...then, key, amount, attempt: 1 });
  }

  #requestBudget(pending: PendingRequest): void {
    this.#granted(pending).catch((error: unknown) => {
      this.#world.log("error", "what was drawn could not be written", { key: pending.key, stack: traceOf(error) });
    });
  }

  async #granted(pending: PendingRequest): Promise<void> {
    const { key, amount, attempt, refused } = pending;
    const { state } = this.#journal;
    if (!this.#drawing.has(key)) return;
    const parentId = state?.origin.parentId;
    if (!state || parentId === undefined || isTerminal(state.status)) return this.#done(key);
    const missing = uncovered(state, amount);
    const drawId = nextDrawId(this.#journal, key);
    const drawn = await this.#world
      .requestBudget({ origin: state.origin, parentId, drawId, amount: missing, used: usedBy(state) })
      .catch((error: unknown) => refuse("unavailable", String(error)));
    if (!drawn.ok && FAULTS[drawn.code].retryable) {
      const waitMs = backoffMs(CALL_BACKOFF, attempt, 0);
      this.#world.later(waitMs, () => this.#requestBudget({ ...pending, attempt: attempt + 1 }));
      return;
    }
    if (drawn.ok) this.#journal.dispatch({ type: "add_grant", drawId, amount: missing }, "system");
    else if (!this.#drawing.has(key)) return;
    // A paused execution does not end by itself: it asks again on resume.
    else if (refused) refused();
    else if (this.#journal.state?.status !== "paused")
      this.#journal.dispatch({ type: "exceed_budget", limit: "of the parent" }, "system");
    await this.#journal.flush();
    this.#done(key);
  }

  #done(key: string): void {
    this.#drawing.delete(key);
    this.#onDone();
  }
}

/** The id of our next draw for a purpose: the same after a crash, until the grant is in our log. */
export function nextDrawId(journal: Journal, purpose: string): string {
  const { draws } = journal.index();
  const prefix = `${journal.state?.origin.id}:${purpose}`;
  for (let count = 1; ; count += 1) if (!draws.has(`${prefix}:${count}`)) return `${prefix}:${count}`;
}
