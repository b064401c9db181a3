import fc from "fast-check";
import { expect, test } from "vitest";
import { Queue } from "../../../src/domain/execution/queue.ts";
import { growthOf } from "../../support/limits/growth.ts";

test("gives back what was added, in order, whatever is added and taken between", () => {
  const act = fc.oneof(fc.record({ add: fc.nat() }), fc.record({ take: fc.nat(5) }));
  fc.assert(
    fc.property(fc.array(act, { maxLength: 200 }), (acts) => {
      const queue = new Queue<number>();
      let plain: number[] = [];
      for (const one of acts) {
        if ("add" in one) {
          queue.add(one.add);
          plain.push(one.add);
        } else {
          expect(queue.takeMany(one.take)).toEqual(plain.slice(0, one.take));
          plain = plain.slice(one.take);
        }
        expect(queue.size).toBe(plain.length);
      }
      expect(queue.take()).toBe(plain[0]);
    }),
  );
});

test("costs the same for each item, however many wait", () => {
  const fill = (size: number) => Array.from({ length: size }, (_, item) => item);
  const throughQueue = (items: readonly number[]) => {
    const queue = new Queue<number>();
    for (const item of items) queue.add(item);
    while (queue.take() !== undefined);
  };
  expect(growthOf(400_000, fill, throughQueue)).toMatchObject({ isLinear: true });
});
