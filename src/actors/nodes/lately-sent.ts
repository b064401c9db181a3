/**
 * Calls that left for nodes in the last minutes, in memory only. Between a call and its row in the index a node may register anew: then
 * the index does not name the execution that its older process had, and this does.
 */
interface SentCall {
  readonly nodeId: string;
  /** Of the process that it was sent to; `null`: it has no name, and nothing proves that it is gone. */
  readonly instanceId: string | null;
  readonly atMs: number;
}

const KEPT_MS = 600_000;
const MOST = 20_000;

export class LatelySent {
  /** By execution, the oldest first. */
  readonly #calls = new Map<string, SentCall>();
  readonly #most: number;

  constructor(most = MOST) {
    this.#most = most;
  }

  note(executionId: string, call: SentCall): void {
    if (call.instanceId === null) return;
    this.#calls.delete(executionId);
    this.#calls.set(executionId, call);
    for (const [oldest, { atMs }] of this.#calls) {
      if (this.#calls.size <= this.#most && atMs > call.atMs - KEPT_MS) return;
      this.#calls.delete(oldest);
    }
  }

  /** Executions of this node that were sent to another process than these. */
  toOthers(nodeId: string, instances: readonly string[], nowMs: number): string[] {
    const present = new Set<string | null>(instances);
    return [...this.#calls].flatMap(([executionId, call]) => {
      const isMeant = call.nodeId === nodeId && !present.has(call.instanceId) && call.atMs > nowMs - KEPT_MS;
      return isMeant ? [executionId] : [];
    });
  }
}
