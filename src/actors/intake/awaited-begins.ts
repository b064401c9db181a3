/** Readers of queued executions who wait until theirs has begun. */
export class AwaitedBegins {
  readonly #awaited = new Map<string, Set<() => void>>();

  /** Executions that a reader waits for. */
  get size(): number {
    return this.#awaited.size;
  }

  /** Resolves when it has begun, or after so long. */
  until(id: string, holdMs: number): Promise<void> {
    return new Promise((resolve) => {
      const readers = this.#awaited.get(id) ?? new Set();
      const timer = setTimeout(() => {
        readers.delete(tell);
        if (readers.size === 0) this.#awaited.delete(id);
        resolve();
      }, holdMs);
      const tell = () => {
        clearTimeout(timer);
        resolve();
      };
      readers.add(tell);
      this.#awaited.set(id, readers);
    });
  }

  hasBegun(id: string): void {
    const readers = this.#awaited.get(id);
    this.#awaited.delete(id);
    for (const tell of readers ?? []) tell();
  }
}
