import type { SimWorld } from "./sim-world.ts";
import type { Json } from "../../../src/domain/json.ts";

/** The world beyond Errand: it remembers what reached it, and honours idempotency keys where it is asked to. */
export class Outside {
  readonly #world: SimWorld;
  readonly calls = new Map<string, number>();
  readonly applied = new Map<string, number>();
  readonly #answers = new Map<string, Json>();

  constructor(world: SimWorld) {
    this.#world = world;
  }

  count(name: string): void {
    this.calls.set(name, (this.calls.get(name) ?? 0) + 1);
  }

  /** Applied once a key, however often it is called. */
  idempotent(name: string, key: string): Promise<Json> {
    return this.#world.reach(name, () => {
      this.count(name);
      const id = `${name} ${key}`;
      if (!this.#answers.has(id)) {
        this.#answers.set(id, `${name}!`);
        this.applied.set(name, (this.applied.get(name) ?? 0) + 1);
      }
      return this.#answers.get(id) ?? null;
    });
  }

  /** Applied at each call. */
  plain(name: string): Promise<Json> {
    return this.#world.reach(name, () => {
      this.count(name);
      this.applied.set(name, (this.applied.get(name) ?? 0) + 1);
      return `${name}!`;
    });
  }

  /** Answers with an error so many times, then applies once a key. */
  flaky(name: string, key: string, failures: number): Promise<Json> {
    return this.#world.reach(name, () => {
      this.count(name);
      if ((this.calls.get(name) ?? 0) <= failures) return { failed: true };
      const id = `${name} ${key}`;
      if (!this.#answers.has(id)) {
        this.#answers.set(id, `${name}!`);
        this.applied.set(name, (this.applied.get(name) ?? 0) + 1);
      }
      return this.#answers.get(id) ?? null;
    });
  }
}
