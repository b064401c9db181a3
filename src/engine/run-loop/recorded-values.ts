/**
 * What answers a program at once and is journaled all the same: clock, dice, and what a schema said. Values are written down
 * in the moment they are asked for, so their place in the log is their place in the program (E3).
 */
import type { Entry } from "../../domain/execution/entry.ts";
import { doneSeqOf } from "../../domain/execution/entry.ts";
import { valueIn } from "../../domain/execution/entry-value.ts";
import type { Json } from "../../domain/values/json.ts";
import type { Journal } from "../journal/journal.ts";
import { misplaced } from "../operations/determinism.ts";
import type { Values } from "../operations/operation.ts";
import { reusableFor } from "../operations/reusable-results.ts";
import { Patches } from "../program/patches.ts";
import type { Unasked } from "./unasked.ts";

interface Run {
  readonly journal: Journal;
  readonly unasked: Unasked;
  /** True once nothing that the program says is written down any more. */
  readonly isOver: () => boolean;
  /** The program is not the one that wrote the log. */
  readonly onChanged: (detail: string) => void;
}

export class RecordedValues implements Values {
  readonly #run: Run;
  readonly #patches: Patches;

  constructor(run: Run) {
    this.#run = run;
    this.#patches = new Patches({
      has: (key) => this.#entry(key) !== undefined,
      record: (key, name, value) => this.record(key, name, value),
      next: () => run.unasked.first?.name,
    });
  }

  value(key: string, name: string, make: () => number): number {
    const { journal, unasked, isOver } = this.#run;
    unasked.take(key);
    if (!isOver() && reusableFor({ key, kind: "value", name }, journal.index()))
      journal.dispatch({ type: "reuse_entry", key }, "program");
    const known = this.#entry(key);
    this.#checkPlace(key);
    if (known?.kind === "value" && known.value !== undefined) return known.value;
    const value = make();
    this.record(key, name, value);
    return value;
  }

  patched(...[id, asked]: Parameters<Values["patched"]>): boolean {
    return this.#patches.holds(id, asked);
  }

  recall(key: string): Json | undefined {
    const { journal, unasked } = this.#run;
    unasked.take(key);
    const doneSeq = doneSeqOf(this.#entry(key));
    const event = doneSeq === undefined ? undefined : journal.event(doneSeq);
    const known = event && valueIn(event, key)?.outcome;
    return known?.ok ? known.value : undefined;
  }

  record(key: string, name: string, value: Json): void {
    const { journal, isOver } = this.#run;
    if (isOver()) return;
    const outcome = { ok: true, value } as const;
    journal.dispatch({ type: "finish_entry", key, kind: "value", name, attempt: 1, outcome }, "program");
    journal.flushSoon();
  }

  #checkPlace(key: string): void {
    const { unasked, onChanged } = this.#run;
    const { first } = unasked;
    if (first && first.startedSeq < (this.#entry(key)?.startedSeq ?? Number.POSITIVE_INFINITY))
      onChanged(misplaced(key));
  }

  #entry(key: string): Entry | undefined {
    return this.#run.journal.index().entries.get(key);
  }
}
