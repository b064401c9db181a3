/**
 * Requests that wait for an answer, by tenant. Counted in this isolate's memory: on one machine the count is exact, on
 * Cloudflare's network it is one for each isolate.
 */
import type { Refusal } from "../../domain/values/fault.ts";
import { refuse } from "../../domain/values/fault.ts";
import type { Limits } from "../../domain/values/limits.ts";
import { inWords } from "../../domain/values/limits.ts";

export class LongPolls {
  readonly #limits: Limits;
  readonly #waiting = new Map<string, number>();

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /** Runs what waits while it counts as one of the tenant's; a refusal when there are too many. */
  async during<T>(tenant: string, wait: () => Promise<T>): Promise<T | Refusal> {
    const waiting = this.#waiting.get(tenant) ?? 0;
    if (waiting >= this.#limits.longPolls)
      return refuse(
        "too_many_waits",
        `this tenant has ${waiting} requests that wait for an answer; ${inWords("longPolls", this.#limits)} are held`,
      );
    this.#waiting.set(tenant, waiting + 1);
    try {
      return await wait();
    } finally {
      const left = (this.#waiting.get(tenant) ?? 1) - 1;
      if (left > 0) this.#waiting.set(tenant, left);
      else this.#waiting.delete(tenant);
    }
  }
}
