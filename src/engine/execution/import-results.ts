/**
 * From one execution's journal into another's: the source hands out pages (`offer-pages.ts`), the follower writes them into
 * its own log (P5).
 */
import { isTerminal } from "../../domain/execution/status.ts";
import { backoffMs, CALL_BACKOFF } from "../../domain/values/backoff.ts";
import type { Journal } from "../journal/journal.ts";
import { isForNow } from "../outbox/deliver.ts";
import type { World } from "../ports.ts";

/**
 * Takes over what the source offers, page by page, each on disk before the next. A crash goes on with the page that is
 * missing. Rejects when the source cannot be reached, or refuses for now: then it is asked again.
 */
export async function importResults(journal: Journal, world: World): Promise<void> {
  for (;;) {
    const { state } = journal;
    if (!state?.inherits || isTerminal(state.status)) return;
    const { offset, upto } = state.inherits;
    const page = await world.offers(state.origin, { offset, upto });
    if (page.ok) journal.dispatch({ type: "inherit", offset, ...page.value }, "system");
    else if (isForNow(page.code)) throw new Error(`it refuses for now: ${page.detail}`);
    else {
      const message = `what it should take over is not to be had (${page.detail}); restart it with "reuse": "none"`;
      journal.dispatch({ type: "fail", code: "source_unavailable", message }, "system");
    }
    await journal.flush();
  }
}

/**
 * What an execution takes over from the one that it follows, before its program begins. One for an execution: an alarm, or a
 * caller, may ask for it while another try is planned already.
 */
export class ResultImport {
  readonly #journal: Journal;
  readonly #world: World;
  readonly #goOn: () => void;
  /** How often the source could not be asked, and whether it is about to be asked again. */
  #unheard = 0;
  #planned = false;

  constructor(journal: Journal, world: World, goOn: () => void) {
    this.#journal = journal;
    this.#world = world;
    this.#goOn = goOn;
  }

  /** True when everything that it may take over lies in its own log. Else the source is asked again in a moment. */
  async isComplete(): Promise<boolean> {
    try {
      await importResults(this.#journal, this.#world);
      return true;
    } catch (error) {
      this.#world.log("warn", "the followed execution could not be asked", { error: String(error) });
      this.#askAgain();
      return false;
    }
  }

  #askAgain(): void {
    this.#unheard += 1;
    if (this.#planned) return;
    this.#planned = true;
    this.#world.later(backoffMs(CALL_BACKOFF, this.#unheard, 0), () => {
      this.#planned = false;
      this.#goOn();
    });
  }
}
