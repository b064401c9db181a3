/**
 * What children take of our budget: a share when they begin, and more by draws. What our own grant does not cover is drawn
 * from our parent first, so that no execution ever gives what it was not given (P4).
 */
import { stillToRequest, usedSince } from "../../domain/decide/child.ts";
import type { Decided } from "../../domain/decide/decided.ts";
import type { Amount } from "../../domain/execution/budget.ts";
import { exceededLimit, isNothing, NOTHING, plus, uncovered, usedBy } from "../../domain/execution/budget.ts";
import type { AdoptChild } from "../../domain/execution/child-command.ts";
import { shareOf, sliceOf } from "../../domain/execution/child-origin.ts";
import type { BudgetRequestCommand } from "../../domain/execution/command.ts";
import type { ExecutionState } from "../../domain/execution/state.ts";
import { isTerminal } from "../../domain/execution/status.ts";
import { timerName } from "../../domain/execution/timer.ts";
import { refuse } from "../../domain/values/fault.ts";
import { nextDrawId } from "../activities/budget-reservations.ts";
import type { Journal } from "../journal/journal.ts";
import type { World } from "../ports.ts";

interface Lent {
  readonly command: AdoptChild | BudgetRequestCommand;
  /** Names our own draws for it. */
  readonly purpose: string;
  readonly amountOf: (state: ExecutionState) => Amount;
}

export class Lending {
  readonly #journal: Journal;
  readonly #world: World;

  constructor(journal: Journal, world: World) {
    this.#journal = journal;
    this.#world = world;
  }

  /** A child that came by itself asks to be taken on. Answers when it is decided and committed. */
  adopt(command: AdoptChild): Promise<Decided> {
    const amountOf = (state: ExecutionState) => shareOf(sliceOf(command.asked ?? {}, state).grant);
    return this.#lend({ command, purpose: `adopted:${command.childId}`, amountOf });
  }

  /** A child asks for more. Answers when it is decided and committed. */
  requestBudget(command: BudgetRequestCommand): Promise<Decided> {
    return this.#lend({
      command,
      purpose: command.drawId,
      amountOf: () => stillToRequest(this.#journal.index(), command),
    });
  }

  async #lend({ command, purpose, amountOf }: Lent): Promise<Decided> {
    for (;;) {
      // The time of an execution may have ended while its process was away, before the alarm that says so: P4.
      this.#journal.dispatch({ type: "fire_timer", name: timerName("active") }, "system");
      const { state } = this.#journal;
      if (!state) return refuse("not_found", "there is no such execution");
      const amount = amountOf(state);
      const missing = uncovered(state, amount);
      const { parentId } = state.origin;
      const ours = isNothing(missing) || isTerminal(state.status) || exceededLimit(state, amount) !== undefined;
      if (ours || parentId === undefined) {
        const decided = this.#journal.dispatch(command, "system");
        await this.#journal.flushTogether();
        const draws = command.type === "draw_budget" && decided.ok;
        if (!draws || isNothing(stillToRequest(this.#journal.index(), command))) return decided;
        return refuse("unavailable", "a person is asked to raise the budget");
      }
      const drawId = nextDrawId(this.#journal, purpose);
      const told = command.type === "draw_budget" ? usedSince(this.#journal.index(), command) : NOTHING;
      const used = plus(usedBy(state), told);
      const drawn = await this.#world.requestBudget({ origin: state.origin, parentId, drawId, amount: missing, used });
      if (!drawn.ok) return drawn;
      this.#journal.dispatch({ type: "add_grant", drawId, amount: missing }, "system");
    }
  }
}
