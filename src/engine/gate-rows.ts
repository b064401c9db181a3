/** Open gates: what the store has, under what is staged. Held in memory is only what the next commit writes. */
import type { GateChange, OpenGate, OpenGates } from "../domain/gate.ts";

export class GateRows implements OpenGates {
  readonly #stored: OpenGates;
  #puts = new Map<string, OpenGate>();
  #removals = new Set<string>();

  constructor(stored: OpenGates) {
    this.#stored = stored;
  }

  get(gateId: string): OpenGate | undefined {
    return this.#puts.get(gateId) ?? (this.#removals.has(gateId) ? undefined : this.#stored.get(gateId));
  }

  first(limit: number): readonly OpenGate[] {
    // As many more as may be gone by now.
    const stored = this.#stored.first(limit + this.#removals.size).filter(({ gateId }) => !this.#removals.has(gateId));
    return [...stored, ...this.#puts.values()].slice(0, limit);
  }

  /** Stages what an event changes. `open`: how many are open before it. */
  follow({ opened, closed }: GateChange, open: number): void {
    const gone = closed === "all" ? this.first(open).map(({ gateId }) => gateId) : closed ? [closed.gateId] : [];
    for (const gateId of gone) if (!this.#puts.delete(gateId)) this.#removals.add(gateId);
    if (opened) this.#puts.set(opened.gateId, opened);
  }

  get changes(): { readonly putGates: ReadonlyMap<string, OpenGate>; readonly removeGates: readonly string[] } {
    return { putGates: this.#puts, removeGates: [...this.#removals] };
  }

  /** The changes are on disk. */
  settle(): void {
    this.#puts = new Map();
    this.#removals = new Set();
  }
}
