/**
 * Knows whether code runs inside a try: a leaf, which may ask the program's context nothing (E4). Called by `RunningTries`
 * around the function of a try, and by the verbs of a context before they do anything.
 *
 * - A guard and nothing else: what it finds is refused, and nothing that is journaled or replayed depends on it.
 * - Up to the first `await` a mark of our own tells; after it the platform's asynchronous context does, where it has not
 *   been lost on the way (a `then` of another library's loses it). Then an operation is taken for one of the program's.
 * - What a try left behind is still inside it after its end.
 */
import type { World } from "../ports.ts";

/** The code of the refusal. The same try would ask the same again, so none follows. */
export const NOT_A_PROGRAM = "not_a_program";

/** A try as its own code sees it from inside. */
export interface Inside {
  readonly name: string;
  readonly ended: boolean;
}

class Mark {
  readonly callScope: CallScope;
  readonly inside: Inside;

  constructor(callScope: CallScope, inside: Inside) {
    this.callScope = callScope;
    this.inside = inside;
  }
}

export class CallScope {
  readonly #scope: World["scope"];
  #called: Inside | undefined;

  constructor(scope: World["scope"]) {
    this.#scope = scope;
  }

  /** Returns the try of this very execution whose code is running; `undefined` in its program, or where no mark shows it. */
  get inside(): Inside | undefined {
    if (this.#called) return this.#called;
    const mark = this.#scope?.current();
    return mark instanceof Mark && mark.callScope === this ? mark.inside : undefined;
  }

  call<T>(inside: Inside, fn: () => T): T {
    const outer = this.#called;
    this.#called = inside;
    try {
      return this.#scope ? this.#scope.run(new Mark(this, inside), fn) : fn();
    } finally {
      this.#called = outer;
    }
  }
}
