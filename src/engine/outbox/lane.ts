/** Messages of one kind: those under way, as many at once as may be, and those that wait for a place, in their order. */
export class Lane {
  readonly sending = new Map<string, Promise<void>>();
  /** Ids of messages that are to be sent now. */
  readonly queue = new Set<string>();
  readonly #most: number;
  /** Since when, by id. */
  readonly #sentAtMs = new Map<string, number>();

  constructor(most: number) {
    this.#most = most;
  }

  /** Sends what there is room for; `send` returns nothing for what is not owed any more, or is under way. */
  fill(send: (id: string) => Promise<void> | undefined, now: number): void {
    for (const id of this.queue) {
      if (this.sending.size >= this.#most) return;
      this.queue.delete(id);
      const sent = this.sending.has(id) ? undefined : send(id);
      if (!sent) continue;
      this.sending.set(id, sent);
      this.#sentAtMs.set(id, now);
    }
  }

  isBack(id: string): void {
    this.sending.delete(id);
    this.#sentAtMs.delete(id);
  }

  /** What was not answered within `ms` gives its place up. */
  giveUp(ms: number, now: number): void {
    for (const [id, atMs] of this.#sentAtMs) if (now - atMs >= ms) this.isBack(id);
  }

  /** Resolves when all of them came back. */
  async isEmpty(): Promise<void> {
    while (this.queue.size > 0) await Promise.race(this.sending.values());
    await Promise.all(this.sending.values());
  }
}
