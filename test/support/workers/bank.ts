import { vi } from "vitest";

/** The bank of `ledger.transfer` inside the test's isolate: the same three behaviours, and it counts what was applied. */
export class Bank {
  readonly applied = new Map<string, number>();
  readonly called = new Map<string, number>();
  readonly #answers = new Map<string, unknown>();
  /** So many notices are answered "busy" before one is taken. */
  busyNotices = 2;
  /** Runs after the money moved and before the answer leaves: the place to crash. */
  afterTransfer: () => Promise<void> = async () => {};

  /** Answers every fetch of the Worker from now on. */
  install(): void {
    vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
      const request = new Request(input, init);
      const { transfer_id: id } = (await request.json()) as { transfer_id: string };
      return this.#answer(new URL(request.url).pathname, id, request.headers.get("idempotency-key") ?? "");
    });
  }

  count(path: string, id: string): number {
    return this.applied.get(`${path} ${id}`) ?? 0;
  }

  async #answer(path: string, id: string, key: string): Promise<Response> {
    const name = `${path} ${id}`;
    const calls = (this.called.get(name) ?? 0) + 1;
    this.called.set(name, calls);
    if (path === "/notify" && calls <= this.busyNotices) return Response.json({ error: "busy" }, { status: 503 });
    const known = path === "/transfer" ? undefined : this.#answers.get(name + key);
    if (known) return Response.json(known);
    this.applied.set(name, (this.applied.get(name) ?? 0) + 1);
    const answer = { reserved: true, notified: true, reference: `${id}-${calls}`, transfer_id: id };
    this.#answers.set(name + key, answer);
    if (path === "/transfer") await this.afterTransfer();
    return Response.json(answer);
  }
}
