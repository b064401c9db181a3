/**
 * Our share of the parent's budget. What our own grant does not cover is drawn from the parent before it is reserved;
 * a draw has an id of its own, so repeating it after a crash takes nothing twice (P4).
 */
import { type Amount, exceededLimit, isNothing, shortfall } from "../domain/budget.ts";
import { refuse } from "../domain/fault.ts";
import type { Launch } from "./ask.ts";
import type { Journal } from "./journal.ts";
import type { World } from "./ports.ts";

const TRY_AGAIN_MS = 1_000;

interface Wanted {
  readonly key: string;
  readonly amount: Amount;
  readonly proceed: () => Launch | undefined;
}

export class Shares {
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
  get drawing(): number {
    return this.#drawing.size;
  }

  /** Goes on at once when the amount is covered (or passes our own limit, which `decide` says better). */
  covered(key: string, amount: Amount, proceed: () => Launch | undefined): Launch | undefined {
    const { state } = this.#journal;
    if (!state) return undefined;
    if (isNothing(shortfall(state, amount)) || exceededLimit(state, amount)) return proceed();
    if (this.#drawing.has(key)) return undefined;
    this.#drawing.add(key);
    return () => void this.#draw({ key, amount, proceed });
  }

  async #draw(wanted: Wanted): Promise<void> {
    const { state } = this.#journal;
    if (!state?.origin.parentId) return;
    const { origin } = state;
    const missing = shortfall(state, wanted.amount);
    const drawId = `${origin.id}:${wanted.key}:${this.#journal.index().entries.get(wanted.key)?.attempt ?? 0}`;
    const drawn = await this.#world
      .draw({ origin, parentId: state.origin.parentId, drawId, amount: missing })
      .catch((error: unknown) => refuse("unavailable", String(error)));
    if (!drawn.ok && drawn.code === "unavailable") {
      this.#world.later(TRY_AGAIN_MS, () => void this.#draw(wanted));
      return;
    }
    this.#drawing.delete(wanted.key);
    if (drawn.ok) this.#journal.dispatch({ type: "add_grant", drawId, amount: missing }, "system");
    else this.#journal.dispatch({ type: "exceed_budget", limit: `of the parent (${drawn.detail})` }, "system");
    const launch = drawn.ok ? wanted.proceed() : undefined;
    this.#journal.flush();
    launch?.();
    this.#onDone();
  }
}
