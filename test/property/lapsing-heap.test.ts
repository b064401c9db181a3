/** A heap whose items lapse, against a model that sorts all that stand each time. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { LapsingHeap } from "../../src/domain/intake/lapsing-heap.ts";

test("gives what stands in order, and holds at most twice that and a few", () => {
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.record({ add: fc.nat(1_000) }) },
    { weight: 4, arbitrary: fc.record({ lapse: fc.nat(400) }) },
    { weight: 1, arbitrary: fc.record({ takeUpTo: fc.nat(300) }) },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
      const standing = new Set<{ readonly at: number }>();
      const heap = new LapsingHeap<{ readonly at: number }>(
        (a, b) => a.at < b.at,
        (item) => standing.has(item),
      );
      const model = () => [...standing].sort((a, b) => a.at - b.at);
      for (const each of steps) {
        if ("add" in each) {
          const item = { at: each.add };
          standing.add(item);
          heap.add(item);
        } else if ("lapse" in each) {
          const item = [...standing][each.lapse];
          if (item) standing.delete(item);
        } else {
          const due = model().filter(({ at }) => at <= each.takeUpTo);
          const taken = heap.takeWhile(({ at }) => at <= each.takeUpTo);
          expect(taken.map(({ at }) => at)).toEqual(due.map(({ at }) => at));
          for (const item of taken) standing.delete(item);
        }
        expect(heap.first?.at).toBe(model()[0]?.at);
      }
    }),
    { numRuns: 300 },
  );
  const few = new LapsingHeap<number>(
    (a, b) => a < b,
    (item) => item >= 99_990,
  );
  for (let n = 0; n < 100_000; n += 1) few.add(n);
  expect(few.size).toBeLessThan(200);
  expect(few.first).toBe(99_990);
});
