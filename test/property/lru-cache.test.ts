import fc from "fast-check";
import { expect, test } from "vitest";
import { LruCache } from "../../src/domain/values/lru-cache.ts";

interface Known {
  readonly key: string;
  readonly value: number;
  readonly untilMs: number;
}

/** The same, written down as plainly as possible: the one used longest ago is first. */
class Plain {
  known: readonly Known[] = [];
  readonly #most: number;
  readonly #sizeOf: (value: number) => number;

  constructor(most: number, sizeOf: (value: number) => number) {
    this.#most = most;
    this.#sizeOf = sizeOf;
  }

  get(key: string, nowMs: number): number | undefined {
    const entry = this.known.find((one) => one.key === key);
    this.delete(key);
    if (!entry || nowMs >= entry.untilMs) return undefined;
    this.known = [...this.known, entry];
    return entry.value;
  }

  find(isWanted: (value: number) => boolean): number | undefined {
    const found = this.known.find(({ value }) => isWanted(value));
    if (found) this.known = [...this.known.filter((one) => one !== found), found];
    return found?.value;
  }

  set(key: string, value: number, untilMs: number): void {
    this.delete(key);
    this.known = [...this.known, { key, value, untilMs }];
    while (this.known.length > 1 && this.known.reduce((sum, one) => sum + this.#sizeOf(one.value), 0) > this.#most)
      this.known = this.known.slice(1);
  }

  delete(key: string): void {
    this.known = this.known.filter((one) => one.key !== key);
  }

  clear(): void {
    this.known = [];
  }
}

type Cache = Pick<Plain, "get" | "find" | "set" | "delete" | "clear">;
type Use = readonly [said: string, run: (cache: Cache) => unknown];

const key = fc.constantFrom(..."abcdefgh");
const instant = fc.oneof(fc.constant(Number.POSITIVE_INFINITY), fc.nat(20));
const use = fc.oneof(
  fc.tuple(key, fc.nat(9), instant).map((given): Use => [`set ${given}`, (cache) => cache.set(...given)]),
  fc.tuple(key, fc.nat(20)).map((given): Use => [`get ${given}`, (cache) => cache.get(...given)]),
  fc.nat(9).map((wanted): Use => [`find ${wanted}`, (cache) => cache.find((value) => value === wanted)]),
  key.map((given): Use => [`delete ${given}`, (cache) => cache.delete(given)]),
  fc.constant<Use>(["clear", (cache) => cache.clear()]),
);

test("remembers what a plain list in the order of use does, by count or by size, whatever it is asked", () => {
  const sizes = fc.constantFrom(
    () => 1,
    (value: number) => value,
  );
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 12 }), sizes, fc.array(use, { maxLength: 60 }), (most, sizeOf, uses) => {
      const [cache, plain] = [new LruCache<string, number>(most, sizeOf), new Plain(most, sizeOf)];
      for (const [text, one] of uses) expect([text, one(cache)]).toEqual([text, one(plain)]);
      // What is left, newest first: asking moves an entry, so each is asked once.
      for (const { key: left, value } of plain.known) expect(cache.get(left, -1)).toBe(value);
      for (const gone of "abcdefgh")
        if (!plain.known.some((one) => one.key === gone)) expect(cache.get(gone, -1)).toBeUndefined();
    }),
    { numRuns: 2_000 },
  );
});
