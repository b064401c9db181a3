/**
 * How tries and probes end: what is written of it, and whether another try follows. Called by `ActivityRunner` once for each end,
 * with the end of just that try. It starts nothing itself but the probe that an end asks for.
 */

import type { StepError } from "../../define/errors.ts";
import type { Decided } from "../../domain/decide/decided.ts";
import type { Amount } from "../../domain/execution/budget.ts";
import { NOTHING, withoutTurn } from "../../domain/execution/budget.ts";
import type { EntryError } from "../../domain/execution/entry.ts";
import { asWork, entryError } from "../../domain/execution/entry.ts";
import { isUnwritable } from "../../domain/execution/event-text.ts";
import type { Json } from "../../domain/values/json.ts";
import { canonicalJson } from "../../domain/values/json.ts";
import { jsonText } from "../../domain/values/json-text.ts";
import type { Written } from "../journal/commits.ts";
import type { Journal } from "../journal/journal.ts";
import type { World } from "../ports.ts";
import { thrownText, traceOf } from "../trace.ts";
import type { Activity, StartThunk } from "./activity.ts";
import { DEFAULT_CHECK_TIMEOUT_MS } from "./activity.ts";
import { unwritten } from "./intend.ts";
import { outcomeIn } from "./outcome-check.ts";
import type { KeyedStart } from "./pending-starts.ts";
import { afterFailure, afterInterrupt, isInDoubt } from "./retry.ts";

/** How a try ended: with a value, or with an error and perhaps the instant of the next try. */
interface Result {
  readonly value?: Json;
  readonly error?: EntryError;
  readonly retryAtMs?: number | undefined;
  /** True when the try was given up: no process knows whether it reached the outside. */
  readonly timedOut?: boolean;
  readonly scratch?: Json | undefined;
  /** Of a try that brought no value. */
  readonly spent?: Amount | undefined;
}

interface Brought {
  readonly value: unknown;
  readonly scratch: Json | undefined;
}

interface Found {
  readonly found: unknown;
  /** What the try that it asked about ended with, where that was in this process: then it failed. */
  readonly failed: unknown;
  readonly scratch: Json | undefined;
}

interface EndOptions {
  readonly onDone: () => void;
  readonly startWhen: (written: Written, starts: readonly KeyedStart[]) => void;
  readonly startOutcomeCheck: (activity: Activity, attempt: number, failed?: unknown) => void;
}

export class TryEnds {
  readonly #journal: Journal;
  readonly #world: World;
  readonly #options: EndOptions;

  constructor(journal: Journal, world: World, options: EndOptions) {
    this.#journal = journal;
    this.#world = world;
    this.#options = options;
  }

  succeeded(activity: Activity, attempt: number, { value, scratch }: Brought): void {
    const made = jsonText(value, `the result of "${activity.name}"`);
    if (made.ok) return this.#settled(activity, attempt, { value: JSON.parse(made.text) as Json, scratch });
    // The try itself went well: doing it again would not make its result any smaller, and may not be safe.
    const { code, detail: message, path } = made;
    this.#settled(activity, attempt, { error: entryError(code, message, { path }) });
  }

  failed(activity: Activity, attempt: number, thrown: unknown): void {
    // Where a repetition is safe, not knowing is only a failure.
    if (isInDoubt(thrown) && afterInterrupt(activity) === "ask") return this.#leftOpen(activity, attempt, thrown);
    const { level, fields } = thrownText(thrown);
    this.#world.log(level, "a try failed", { key: activity.key, attempt, ...fields });
    this.#settled(activity, attempt, { ...this.#after(activity, thrown), spent: activity.spentBy?.(thrown) });
  }

  /** No process knows whether it reached the outside: a timeout alone allows no other try of what is not safe to repeat. */
  timedOut(activity: Activity, attempt: number, timeout: StepError): void {
    const policy = afterInterrupt(activity);
    const { error, retryAtMs } = this.#after(activity, timeout);
    const wouldRepeat = activity.options.checkOutcome !== undefined || retryAtMs !== undefined;
    if (policy === "ask" && wouldRepeat) return this.#leftOpen(activity, attempt, timeout);
    this.#settled(activity, attempt, {
      error,
      timedOut: true,
      retryAtMs: policy === "retry" ? retryAtMs : undefined,
      // A turn goes on at its provider's and is paid, even if no program hears it.
      spent: activity.reserve && withoutTurn(activity.reserve),
    });
  }

  /** No process saw the end of a try. Returns what starts its probe; without a probe a person is asked. */
  unknown(activity: Activity, attempt: number, failed?: unknown): StartThunk | undefined {
    const { checkOutcome, checkTimeoutMs: timeoutMs = DEFAULT_CHECK_TIMEOUT_MS } = activity.options;
    if (!checkOutcome) return this.#doubt(activity);
    const decided = this.#journal.dispatch({ type: "begin_probe", key: activity.key, attempt, timeoutMs }, "system");
    // Refused while it is held: the entry stays open, and its probe is asked on resume (E6).
    return decided.ok ? () => this.#options.startOutcomeCheck(activity, attempt, failed) : undefined;
  }

  #leftOpen(activity: Activity, attempt: number, thrown: unknown): void {
    const start = this.unknown(activity, attempt, thrown);
    this.#options.startWhen(this.#journal.flush(), start ? [{ key: activity.key, start }] : []);
    this.#options.onDone();
  }

  outcomeChecked(activity: Activity, attempt: number, { found, failed, scratch }: Found): void {
    const outcome = outcomeIn(found);
    if (!outcome) return this.cannotTell(activity, undefined);
    if (outcome.happened) return this.succeeded(activity, attempt, { value: outcome.result, scratch });
    // Not begun from here: meanwhile the execution may have been paused or cancelled (E6, P3).
    this.#journal.dispatch({ type: "allow_retry", key: activity.key, by: "probe" }, "system");
    if (failed === undefined) return this.#options.onDone();
    this.#settled(activity, attempt, this.#after(activity, failed));
  }

  /** The probe does not know either, failed, or took too long: a person is asked. */
  cannotTell(activity: Activity, why: unknown): void {
    if (why !== undefined) {
      const { level, fields } = thrownText(why);
      this.#world.log(level, "a probe failed", { key: activity.key, ...fields });
    }
    this.#doubt(activity);
    void this.#journal.flush();
    this.#options.onDone();
  }

  #after(activity: Activity, thrown: unknown): ReturnType<typeof afterFailure> {
    const failures = (asWork(this.#journal.index().entries.get(activity.key))?.failures ?? 0) + 1;
    return afterFailure(this.#world, activity, { failures, thrown });
  }

  /** A fault of ours between a try and its entry. The entry ends with it: left open, the try would be made again. */
  lost(activity: Activity, attempt: number, error: unknown): void {
    this.#world.log("error", "what came of a try could not be written", { key: activity.key, stack: traceOf(error) });
    try {
      const message = `what came of "${activity.name}" could not be written down`;
      this.finish(activity, attempt, { error: entryError("internal_error", message), spent: activity.reserve });
      this.#options.onDone();
    } catch (again) {
      this.#journal.giveUp(again);
    }
  }

  #settled(activity: Activity, attempt: number, result: Result): void {
    this.finish(activity, attempt, result);
    this.#journal.flushWhenDue();
    this.#options.onDone();
  }

  finish(activity: Activity, attempt: number, result: Result): void {
    const finished = this.#record(activity, attempt, result);
    if (!isUnwritable(finished)) return;
    // The try went as it went: doing it again would not make it any smaller, and may not be safe.
    this.#record(activity, attempt, { error: unwritten(activity, result, finished), spent: activity.reserve });
  }

  #record({ key, kind, name, digest, reserve, usageOf }: Activity, attempt: number, result: Result): Decided {
    const { value, error, retryAtMs, timedOut, scratch, spent = NOTHING } = result;
    // A try that was answered with an error is not paid, and is no turn.
    const usage = reserve && (value === undefined ? spent : (usageOf?.(value) ?? reserve));
    return this.#journal.dispatch(
      {
        type: "finish_entry",
        key,
        kind,
        name,
        attempt,
        ...(kind === "step" && digest !== undefined ? { digest } : {}),
        outcome: error ? { ok: false, error } : { ok: true, value: value ?? null },
        ...(retryAtMs === undefined ? {} : { retryAtMs }),
        ...(timedOut ? { timedOut } : {}),
        ...(scratch === undefined ? {} : { scratch }),
        ...(usage === undefined ? {} : { usage }),
      },
      "program",
    );
  }

  #doubt(activity: Activity): undefined {
    const entry = this.#journal.index().entries.get(activity.key);
    const payload = { effect: activity.name, input: activity.input ?? null, attempt: entry?.attempt ?? 1 };
    const payloadDigest = this.#world.digest(canonicalJson(payload));
    this.#journal.dispatch(
      { type: "doubt_effect", key: activity.key, gateId: this.#world.newId("gate"), payload, payloadDigest },
      "system",
    );
    return undefined;
  }
}
