/**
 * The tries and probes that run in this process. Owns their identity, their clock and their signal; knows nothing of the
 * log and of what follows from an end. Called by `ActivityRunner`.
 *
 * - A running one is the object that stands for it, not its key or its number: what an earlier try of a key still brings
 *   is not heard once another one, or its probe, has taken its place.
 * - Time runs from the start. It stands in no durable timer: a try dies with its process, and the next process sees an
 *   interrupted one. While the execution is held nothing overruns; it does on release (E6). A failure that
 *   comes after the time is a timeout, whether a timer has said so or not.
 * - One key runs at most once at a time, and at most `most` of them in all.
 */
import type { StepError } from "../../define/errors.ts";
import { stepError } from "../../define/errors.ts";
import { isA } from "../../domain/values/thrown.ts";
import type { World } from "../ports.ts";
import type { Inside } from "../program/call-scope.ts";
import { CallScope } from "../program/call-scope.ts";
import { thenOf } from "../program/then-of.ts";

/** A platform's timers take no more than 2^31 - 1 ms: longer ones are set again on the way. */
const LONGEST_LOOK_MS = 86_400_000;

export interface Running {
  readonly key: string;
  /** As people know it; of a probe: that of what it asks about. */
  readonly name: string;
  readonly phase: "try" | "probe";
  readonly attempt: number;
  /** Milliseconds from its start; absent for none. */
  readonly timeoutMs?: number | undefined;
  perform(signal: () => AbortSignal): unknown;
  /** Exactly one of these is called, once. */
  done(value: unknown): void;
  failed(thrown: unknown): void;
  /** Called when a try has been told to stop with this error. */
  overran(timeout: StepError): void;
  /** Called when a try was told to stop because it lost its race. Its end is heard all the same. */
  readonly dropped?: () => void;
  /** What hears of its end threw: without an owner the try would run again and again. */
  lost(error: unknown): void;
}

interface Started {
  readonly running: Running;
  readonly endsAtMs: number;
  /** What is still to pass, as the platform's timers tell: a clock that is set back makes nothing last longer. */
  leftMs: number;
  /** Made when it asks for its signal: few do. */
  controller?: AbortController;
  callOff?: () => void;
  /** True when it lost its race. */
  withdrawn?: boolean;
}

export interface RunningParts {
  readonly world: World;
  readonly most: number;
  /** While it is, nothing overruns. */
  readonly isHeld: () => boolean;
}

export class RunningTries {
  readonly #parts: RunningParts;
  readonly #started = new Map<string, Started>();
  #withdrawn = 0;
  readonly #callScope: CallScope;

  constructor(parts: RunningParts) {
    this.#parts = parts;
    this.#callScope = new CallScope(parts.world.scope);
  }

  /** The try whose code is running at this moment: a leaf, which may ask nothing (E4). */
  get inside(): Inside | undefined {
    return this.#callScope.inside;
  }
  get keys(): readonly string[] {
    return [...this.#started.keys()];
  }
  /** How many the program waits for. */
  get size(): number {
    return this.#started.size - this.#withdrawn;
  }
  has(key: string): boolean {
    return this.#started.has(key);
  }
  /** Whether one more may start, beside those that are about to. */
  hasRoom(about: number): boolean {
    return this.#started.size + about < this.#parts.most;
  }

  start(running: Running): void {
    const { key, timeoutMs = Number.POSITIVE_INFINITY } = running;
    const started: Started = { running, endsAtMs: this.#parts.world.now() + timeoutMs, leftMs: timeoutMs };
    this.#started.set(key, started);
    const heard = (hear: () => void) => {
      if (this.#leave(started)) hear();
    };
    const made = this.#call(started);
    if (made instanceof Promise) {
      this.#watchClock(started);
      made
        .then(
          (value) => heard(() => running.done(value)),
          (thrown) => heard(() => this.#failed(started, thrown)),
        )
        .catch((error: unknown) => running.lost(error));
      return;
    }
    try {
      heard(() => ("thrown" in made ? running.failed(made.thrown) : running.done(made.value)));
    } catch (error) {
      running.lost(error);
    }
  }

  /** The timer that should have said that its time is over may be late, lost, or held back. */
  #failed(started: Started, thrown: unknown): void {
    const { running } = started;
    if (this.#isOver(started)) running.overran(timeoutOf(running));
    else running.failed(thrown);
  }

  /** Calls its function as a leaf: what it gives at once, or a promise of it. */
  #call(started: Started): Promise<unknown> | { readonly value: unknown } | { readonly thrown: unknown } {
    const { running } = started;
    const hasEnded = () => this.#started.get(running.key) !== started;
    const inside: Inside = {
      name: running.name,
      get ended() {
        return hasEnded();
      },
    };
    try {
      return this.#callScope.call(inside, () => {
        const value = running.perform(() => this.#signal(started));
        if (isA(value, Promise)) return value;
        const then = thenOf(value);
        return then ? new Promise(then) : { value };
      });
    } catch (thrown) {
      return { thrown };
    }
  }

  #signal(started: Started): AbortSignal {
    started.controller ??= new AbortController();
    return started.controller.signal;
  }

  /** Removes a try that ended. Returns false when it was removed before: what it still brings is dropped. */
  #leave(started: Started): boolean {
    const { key } = started.running;
    if (this.#started.get(key) !== started) return false;
    started.callOff?.();
    if (started.withdrawn) this.#withdrawn -= 1;
    return this.#started.delete(key);
  }

  #watchClock(started: Started): void {
    if (!Number.isFinite(started.leftMs)) return;
    const waitMs = Math.min(started.leftMs, LONGEST_LOOK_MS);
    started.callOff = this.#parts.world.later(waitMs, () => {
      started.leftMs -= waitMs;
      this.#look(started);
    });
  }

  #isOver({ endsAtMs, leftMs }: Started): boolean {
    return leftMs <= 0 || endsAtMs <= this.#parts.world.now();
  }

  #look(started: Started): void {
    if (this.#started.get(started.running.key) !== started) return;
    if (!this.#isOver(started)) return this.#watchClock(started);
    if (this.#parts.isHeld()) return;
    const { running, controller } = started;
    this.#leave(started);
    const timeout = timeoutOf(running);
    controller?.abort(timeout);
    try {
      running.overran(timeout);
    } catch (error) {
      running.lost(error);
    }
  }

  /** What overran while the execution was held, and what a lost timer of the platform forgot. */
  lookAtClock(): void {
    for (const started of [...this.#started.values()]) if (this.#isOver(started)) this.#look(started);
  }

  /** Its race is lost: it is told to stop. */
  withdraw(key: string, reason: StepError): void {
    const started = this.#started.get(key);
    if (!started || started.withdrawn) return;
    started.controller?.abort(reason);
    const { dropped } = started.running;
    if (dropped) {
      this.#leave(started);
      dropped();
      return;
    }
    started.withdrawn = true;
    this.#withdrawn += 1;
  }

  abortAll(reason: string): void {
    for (const { controller } of this.#started.values()) controller?.abort(new Error(reason));
  }
}

function timeoutOf({ phase, name, timeoutMs }: Running): StepError {
  const what = phase === "probe" ? `the probe of "${name}"` : `"${name}"`;
  return stepError("timeout", `${what} took longer than ${timeoutMs} ms`);
}
