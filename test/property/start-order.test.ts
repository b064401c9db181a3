/** The order of queued starts, against a model that looks at all of them each time. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { QueuedStart } from "../../src/domain/intake/queued-start.ts";
import { AGEING_MS, levelAt, Priority, USUAL_PRIORITY, usualFairness } from "../../src/domain/intake/queued-start.ts";
import { StartOrder } from "../../src/domain/intake/start-order.ts";

type Step =
  | {
      readonly type: "add";
      readonly priority: number;
      readonly fairness: string;
    }
  | { readonly type: "take" }
  | { readonly type: "remove"; readonly nth: number }
  | { readonly type: "wait"; readonly ms: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      type: fc.constant("add" as const),
      priority: fc.integer({ min: 1, max: 5 }),
      fairness: fc.constantFrom("ann", "bob", "cy"),
    }),
  },
  { weight: 4, arbitrary: fc.constant({ type: "take" as const }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("remove" as const), nth: fc.nat(50) }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("wait" as const), ms: fc.nat(2 * AGEING_MS) }) },
);

/** Linear in all that waits, and as short as the rule. */
class Model {
  waiting: (QueuedStart & { readonly came: number })[] = [];
  readonly #turns = new Map<string, number>();
  #last = 0;
  #came = 0;

  add(start: QueuedStart): void {
    if (!this.waiting.some(({ fairness }) => fairness === start.fairness)) this.#turn(start.fairness);
    this.#came += 1;
    this.waiting.push({ ...start, came: this.#came });
  }

  next(now: number): QueuedStart | undefined {
    const place = (start: QueuedStart & { readonly came: number }) =>
      [levelAt(start, now), this.#turns.get(start.fairness) ?? 0, start.came] as const;
    return [...this.waiting].sort((a, b) => {
      const [x, y] = [place(a), place(b)];
      return x[0] - y[0] || x[1] - y[1] || x[2] - y[2];
    })[0];
  }

  take(now: number): QueuedStart | undefined {
    const next = this.next(now);
    if (next) {
      this.remove(next.id);
      this.#turn(next.fairness);
    }
    return next;
  }

  remove(id: string): void {
    this.waiting = this.waiting.filter((start) => start.id !== id);
  }

  #turn(fairness: string): void {
    this.#last += 1;
    this.#turns.set(fairness, this.#last);
  }
}

describe("the order of starts", () => {
  test("is that of the model", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const order = new StartOrder();
        const model = new Model();
        let now = 1_000_000;
        let made = 0;
        for (const each of steps) {
          if (each.type === "wait") now += each.ms;
          if (each.type === "add") {
            made += 1;
            const { type: _type, ...wanted } = each;
            const start = { id: `t${made}`, sinceMs: now, ...wanted };
            order.add(start, now);
            model.add(start);
          }
          if (each.type === "remove") {
            const id = model.waiting[each.nth]?.id ?? "none";
            expect(order.remove(id)).toBe(model.waiting.some((start) => start.id === id));
            model.remove(id);
          }
          if (each.type === "take") expect(order.take(now)?.id).toBe(model.take(now)?.id);
          expect(order.size).toBe(model.waiting.length);
        }
      }),
      { numRuns: 600 },
    );
  });

  test("a position is the number of takes until its turn, where no better level is ahead", () => {
    const starts = fc.array(fc.constantFrom("ann", "bob", "cy"), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(starts, fc.nat(10), (owners, taken) => {
        const order = new StartOrder();
        owners.forEach((fairness, n) => void order.add({ id: `t${n}`, priority: 3, fairness, sinceMs: 0 }, 0));
        for (let n = 0; n < taken; n += 1) order.take(0);
        const positions = new Map(owners.map((_, n) => [`t${n}`, order.position(`t${n}`, 0)]));
        for (let nth = 1; order.size > 0; nth += 1) expect(positions.get(order.take(0)?.id ?? "")).toBe(nth);
      }),
    );
  });

  test("the last priority goes first after four minutes, whatever comes", () => {
    const order = new StartOrder();
    order.add({ id: "old", priority: 5, fairness: "ann", sinceMs: 0 }, 0);
    for (let n = 0; n < 10; n += 1)
      order.add({ id: `n${n}`, priority: 1, fairness: "bob", sinceMs: 4 * AGEING_MS - 1 }, 4 * AGEING_MS - 1);
    expect(order.next(4 * AGEING_MS - 1)?.id).toBe("n0");
    expect(order.next(4 * AGEING_MS)?.id).toBe("old");
  });

  test("what one owner sends takes turns with what another owner of the tenant sends; the usual priority is the middle", () => {
    const [ann, bob] = ["ann", "bob"].map((owner) => usualFairness({ tenant: "acme", owner }));
    expect(ann).not.toBe(bob);
    expect(usualFairness({ tenant: "ac", owner: "me" })).not.toBe(usualFairness({ tenant: "a", owner: "cme" }));
    expect([0, 1, USUAL_PRIORITY, 5, 6, 2.5].map((level) => Priority.safeParse(level).success)).toEqual([
      ...[false, true, true, true, false, false],
    ]);
  });

  test("who floods takes turns with who sends one", () => {
    const order = new StartOrder();
    for (let n = 0; n < 1_000; n += 1) order.add({ id: `f${n}`, priority: 3, fairness: "flood", sinceMs: n }, n);
    order.add({ id: "quiet", priority: 3, fairness: "quiet", sinceMs: 2_000 }, 2_000);
    expect([order.take(2_000)?.id, order.take(2_000)?.id, order.take(2_000)?.id]).toEqual(["f0", "quiet", "f1"]);
  });
});
