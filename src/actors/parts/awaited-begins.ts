/** Readers of queued executions who wait until theirs has begun. */
export class AwaitedBegins {
  readonly #awaited = new Map<string, (() => void)[]>();

  /** Resolves when it has begun, or after so long. */
  until(id: string, holdMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, holdMs);
      const tell = () => {
        clearTimeout(timer);
        resolve();
      };
      this.#awaited.set(id, [...(this.#awaited.get(id) ?? []), tell]);
    });
  }

  hasBegun(id: string): void {
    for (const tell of this.#awaited.get(id) ?? []) tell();
    this.#awaited.delete(id);
  }
}
