/** The graph of a run: no two boxes on each other, callers left of what they called, and order that stays while it grows. */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { ExecutionSummary } from "../../../src/client/transport/options.ts";
import { BOX, layoutOf } from "../../../src/dashboard/runs/layout.ts";

const row = (n: number, parent: number | undefined) =>
  ({
    execution_id: `exec_${n}`,
    parent_execution_id: parent === undefined ? null : `exec_${parent}`,
    created_at: new Date(1_000 + n).toISOString(),
  }) as ExecutionSummary;

/** Each row's parent is an earlier one, or none. */
const anyRun = fc
  .array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 40 })
  .map((draws) =>
    draws.map((draw, n) => row(n, draw < 0.15 || n === 0 ? undefined : Math.min(n - 1, Math.floor(draw * n)))),
  );

test("has a place for each, without two on each other, and each right of the one that called it", () => {
  fc.assert(
    fc.property(anyRun, fc.boolean(), (rows, reversed) => {
      const { places, edges, width, height } = layoutOf(reversed ? [...rows].reverse() : rows);
      expect(new Set(places.map(({ row }) => row))).toEqual(new Set(rows));
      expect(edges).toHaveLength(rows.filter((one) => one.parent_execution_id !== null).length);
      for (const { from, to } of edges) expect(to.x).toBeGreaterThan(from.x + BOX.width);
      for (const [at, { x, y }] of places.entries()) {
        expect(x + BOX.width).toBeLessThanOrEqual(width);
        expect(y + BOX.height).toBeLessThanOrEqual(height);
        for (const other of places.slice(at + 1))
          expect(other.x !== x || Math.abs(other.y - y) >= BOX.height).toBe(true);
      }
    }),
    { numRuns: 200 },
  );
});

test("keeps the order of what was there while it grows: what comes later stands below its siblings", () => {
  fc.assert(
    fc.property(anyRun, fc.nat(40), fc.boolean(), (rows, cut, reversed) => {
      const laid = (some: readonly ExecutionSummary[]) => layoutOf(reversed ? [...some].reverse() : some).places;
      const orderOf = (some: readonly ExecutionSummary[]) => laid(some).map(({ row: { execution_id: id } }) => id);
      const before = orderOf(rows.slice(0, cut));
      expect(orderOf(rows).filter((id) => before.includes(id))).toEqual(before);
      // The rows are made in the order of their creation: of two siblings the first is the older one.
      const topOf = new Map(laid(rows).map(({ row: { execution_id: id }, y }) => [id, y]));
      const lowest = new Map<string | null, number>();
      for (const { execution_id: id, parent_execution_id: parent } of rows) {
        const top = topOf.get(id) ?? Number.NaN;
        expect(top).toBeGreaterThan(lowest.get(parent) ?? -1);
        lowest.set(parent, top);
      }
    }),
    { numRuns: 200 },
  );
});

test("a row whose caller is not shown is a root, and a chain of 20,000 calls is laid out", () => {
  expect(layoutOf([row(7, 3)]).places).toMatchObject([{ x: 0, y: 0 }]);
  const chain = Array.from({ length: 20_000 }, (_, n) => row(n, n === 0 ? undefined : n - 1));
  expect(layoutOf(chain).height).toBe(BOX.height);
});
