/**
 * How tries and probes end: what is written of it, and whether another try follows. Called by `Works` once for each end,
 * with the end of just that try. It starts nothing itself but the probe that an end asks for.
 */
import type { StepError } from "../define/errors.ts";
import type { Amount } from "../domain/budget.ts";
import { NOTHING, withoutTurn } from "../domain/budget.ts";
import type { Decided } from "../domain/decided.ts";
import type { EntryError } from "../domain/entry.ts";
import { isUnwritable } from "../domain/event-text.ts";
import type { Json } from "../domain/json.ts";
import { canonicalJson } from "../domain/json.ts";
import { jsonText } from "../domain/json-text.ts";
import type { Written } from "./commits.ts";
import { unwritten } from "./intend.ts";
import type { Journal } from "./journal.ts";
import type { KeyedLaunch } from "./launches.ts";
import type { World } from "./ports.ts";
import { saidBy } from "./probe.ts";
import { afterFailure, afterInterrupt, isInDoubt } from "./retry.ts";
import { toldOf, traceOf } from "./trace.ts";
import type { Launch, Work } from "./work.ts";
import { DEFAULT_PROBE_TIMEOUT_MS } from "./work.ts";

/** How a try ended: with a value, or with an error and perhaps the instant of the next try. */
interface Result {
  readonly value?: Json;
  readonly error?: EntryError;
  readonly retryAtMs?: number | undefined;
  /** It was given up: nobody knows whether it reached the outside. */
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
  readonly launchWhen: (written: Written, launches: readonly KeyedLaunch[]) => void;
  readonly startProbe: (work: Work, attempt: number, failed?: unknown) => void;
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

  succeeded(work: Work, attempt: number, { value, scratch }: Brought): void {
    const made = jsonText(value, `the result of "${work.name}"`);
    if (made.ok) return this.#settled(work, attempt, { value: JSON.parse(made.text) as Json, scratch });
    // The try itself went well: doing it again would not make its result any smaller, and may not be safe.
    const { code, detail: message, path } = made;
    this.#settled(work, attempt, { error: { code, message, details: { path } } });
  }

  failed(work: Work, attempt: number, thrown: unknown): void {
    // Where a repetition is safe, not knowing is only a failure.
    if (isInDoubt(thrown) && afterInterrupt(work) === "ask") return this.#leftOpen(work, attempt, thrown);
    const { level, fields } = toldOf(thrown);
    this.#world.log(level, "a try failed", { key: work.key, attempt, ...fields });
    this.#settled(work, attempt, { ...this.#after(work, thrown), spent: work.spentBy?.(thrown) });
  }

  /** Whether it reached the outside nobody knows: a timeout by itself allows no other try of what is not safe to repeat. */
  timedOut(work: Work, attempt: number, timeout: StepError): void {
    const policy = afterInterrupt(work);
    const { error, retryAtMs } = this.#after(work, timeout);
    const wouldRepeat = work.options.probe !== undefined || retryAtMs !== undefined;
    if (policy === "ask" && wouldRepeat) return this.#leftOpen(work, attempt, timeout);
    this.#settled(work, attempt, {
      error,
      timedOut: true,
      retryAtMs: policy === "retry" ? retryAtMs : undefined,
      // A turn goes on at its provider's and is paid, whoever hears it.
      spent: work.reserve && withoutTurn(work.reserve),
    });
  }

  /** Nobody saw the end of a try. Returns what starts its probe; without one a person is asked. */
  unknown(work: Work, attempt: number, failed?: unknown): Launch | undefined {
    const { probe, probeTimeoutMs: timeoutMs = DEFAULT_PROBE_TIMEOUT_MS } = work.options;
    if (!probe) return this.#doubt(work);
    const decided = this.#journal.dispatch({ type: "begin_probe", key: work.key, attempt, timeoutMs }, "system");
    // Refused while it is held: the entry stays open, and its probe is asked on resume (E6).
    return decided.ok ? () => this.#options.startProbe(work, attempt, failed) : undefined;
  }

  #leftOpen(work: Work, attempt: number, thrown: unknown): void {
    const launch = this.unknown(work, attempt, thrown);
    this.#options.launchWhen(this.#journal.flush(), launch ? [{ key: work.key, launch }] : []);
    this.#options.onDone();
  }

  probed(work: Work, attempt: number, { found, failed, scratch }: Found): void {
    const said = saidBy(found);
    if (!said) return this.cannotTell(work, undefined);
    if (said.happened) return this.succeeded(work, attempt, { value: said.result, scratch });
    // Not begun from here: meanwhile the execution may have been paused or cancelled (E6, P3).
    this.#journal.dispatch({ type: "allow_retry", key: work.key, by: "probe" }, "system");
    if (failed === undefined) return this.#options.onDone();
    this.#settled(work, attempt, this.#after(work, failed));
  }

  /** The probe does not know either, failed, or took too long: a person is asked. */
  cannotTell(work: Work, why: unknown): void {
    if (why !== undefined) {
      const { level, fields } = toldOf(why);
      this.#world.log(level, "a probe failed", { key: work.key, ...fields });
    }
    this.#doubt(work);
    void this.#journal.flush();
    this.#options.onDone();
  }

  #after(work: Work, thrown: unknown): ReturnType<typeof afterFailure> {
    const failures = (this.#journal.index().entries.get(work.key)?.failures ?? 0) + 1;
    return afterFailure(this.#world, work, { failures, thrown });
  }

  /** A fault of ours between a try and its entry. The entry ends with it: left open, the try would be made again. */
  lost(work: Work, attempt: number, error: unknown): void {
    this.#world.log("error", "what came of a try could not be written", { key: work.key, stack: traceOf(error) });
    try {
      const message = `what came of "${work.name}" could not be written down`;
      this.finish(work, attempt, { error: { code: "internal_error", message }, spent: work.reserve });
      this.#options.onDone();
    } catch (again) {
      this.#journal.giveUp(again);
    }
  }

  #settled(work: Work, attempt: number, result: Result): void {
    this.finish(work, attempt, result);
    this.#journal.flushWhenDue();
    this.#options.onDone();
  }

  finish(work: Work, attempt: number, result: Result): void {
    const finished = this.#record(work, attempt, result);
    if (!isUnwritable(finished)) return;
    // The try went as it went: doing it again would not make it any smaller, and may not be safe.
    this.#record(work, attempt, { error: unwritten(work, result, finished), spent: work.reserve });
  }

  #record({ key, kind, name, digest, reserve, usageOf }: Work, attempt: number, result: Result): Decided {
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

  #doubt(work: Work): undefined {
    const entry = this.#journal.index().entries.get(work.key);
    const payload = { effect: work.name, input: work.input ?? null, attempt: entry?.attempt ?? 1 };
    const payloadDigest = this.#world.digest(canonicalJson(payload));
    this.#journal.dispatch(
      { type: "doubt_effect", key: work.key, gateId: this.#world.newId("gate"), payload, payloadDigest },
      "system",
    );
    return undefined;
  }
}
