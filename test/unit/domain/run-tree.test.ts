import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Status } from "../../../src/domain/execution/status.ts";
import type { RunNode } from "../../../src/domain/read-models/run-tree.ts";
import { buildRunTree, countStatuses, statusOfRun } from "../../../src/domain/read-models/run-tree.ts";
import type { ExecutionSummary } from "../../../src/domain/read-models/summary.ts";

const row = (id: string, fields: Partial<ExecutionSummary> = {}): ExecutionSummary => ({
  tenant: "t",
  id,
  owner: "o",
  seq: 1,
  agent: "a",
  fn: "f",
  kind: "reasoner",
  status: "running",
  reason: null,
  runId: "r",
  parentId: null,
  sessionId: null,
  actorId: null,
  createdAtMs: 0,
  startedAtMs: null,
  finishedAtMs: null,
  updatedAtMs: 0,
  errorCode: null,
  errorMessage: null,
  turns: 0,
  tokens: 0,
  costUsd: 0,
  ...fields,
});

/** `a(b(c) d)` */
function drawn({ summary, children }: RunNode): string {
  return children.length === 0 ? summary.id : `${summary.id}(${children.map(drawn).join(" ")})`;
}
const forest = (rows: Iterable<ExecutionSummary>): string => buildRunTree(rows).roots.map(drawn).join(" | ");

describe("a run's tree", () => {
  test("hangs children under their parents, siblings by creation, then id", () => {
    const rows = [
      row("c", { parentId: "a", createdAtMs: 3 }),
      row("a"),
      row("d", { parentId: "b", createdAtMs: 4 }),
      row("e", { parentId: "a", createdAtMs: 2 }),
      row("b", { parentId: "a", createdAtMs: 2 }),
    ];
    expect(forest(rows)).toBe("a(b(d) e c)");
    const { timeline, maxDepth } = buildRunTree(rows);
    expect(timeline.map(({ summary, depth }) => `${summary.id}${depth}`)).toEqual(["a0", "b1", "e1", "c1", "d2"]);
    expect(maxDepth).toBe(2);
  });

  test("makes a root of whoever's parent is not in the run, earliest first", () => {
    expect(forest([row("late", { createdAtMs: 2 }), row("orphan", { parentId: "gone", createdAtMs: 1 })])).toBe(
      "orphan | late",
    );
  });

  test("takes the newer of two rows of one execution", () => {
    const rows = [row("a", { seq: 2, status: "succeeded" }), row("a", { seq: 1, status: "queued" })];
    for (const order of [rows, rows.toReversed()]) {
      expect(buildRunTree(order).timeline.map(({ summary }) => summary.status)).toEqual(["succeeded"]);
    }
  });

  test("breaks a cycle at its earliest node, whatever hangs on it", () => {
    const cycle = [
      row("tail", { parentId: "x", createdAtMs: 0 }),
      row("x", { parentId: "z", createdAtMs: 3 }),
      row("y", { parentId: "x", createdAtMs: 1 }),
      row("z", { parentId: "y", createdAtMs: 2 }),
    ];
    expect(forest(cycle)).toBe("y(z(x(tail)))");
    expect(forest([row("self", { parentId: "self" })])).toBe("self");
  });

  test("stands a chain of 20,000", () => {
    const chain = Array.from({ length: 20_000 }, (_, at) =>
      row(`n${at}`, { createdAtMs: at, parentId: at === 0 ? null : `n${at - 1}` }),
    );
    expect(buildRunTree(chain.toReversed()).maxDepth).toBe(19_999);
  });

  test("stands 20,000 children of one parent", () => {
    const brood = Array.from({ length: 20_000 }, (_, at) => row(`n${at}`, { createdAtMs: 1, parentId: "mother" }));
    expect(buildRunTree([...brood, row("mother")]).roots[0]?.children).toHaveLength(20_000);
  });

  const ids = ["a", "b", "c", "d", "e", "f", "g", "h"];
  const anyRows = fc.uniqueArray(
    fc.record({
      id: fc.constantFrom(...ids),
      parentId: fc.option(fc.constantFrom(...ids, "gone")),
      createdAtMs: fc.integer({ min: 0, max: 4 }),
      status: fc.constantFrom(...Status.options),
    }),
    { selector: ({ id }) => id },
  );

  test("is the same for any order of the rows, and holds each of them exactly once", () => {
    fc.assert(
      fc.property(
        anyRows.chain((rows) => fc.tuple(fc.constant(rows), fc.shuffledSubarray(rows, { minLength: rows.length }))),
        ([rows, shuffled]) => {
          const made = (fields: typeof rows) => buildRunTree(fields.map((one) => row(one.id, one)));
          const tree = made(rows);
          expect(made(shuffled)).toEqual(tree);
          const seen: string[] = [];
          const walk = (node: RunNode, depth: number) => {
            expect(node.depth).toBe(depth);
            seen.push(node.summary.id);
            for (const child of node.children) {
              expect(child.summary.parentId).toBe(node.summary.id);
              walk(child, depth + 1);
            }
          };
          for (const root of tree.roots) walk(root, 0);
          expect(seen.toSorted()).toEqual(rows.map(({ id }) => id).toSorted());
          expect(tree.timeline.map(({ summary }) => summary.id).toSorted()).toEqual(seen.toSorted());
        },
      ),
      { numRuns: 2_000 },
    );
  });
});

describe("a run's status", () => {
  const cases: [Status[], Status][] = [
    [["succeeded", "succeeded"], "succeeded"],
    [["succeeded", "cancelled"], "cancelled"],
    [["cancelled", "timeout"], "timeout"],
    [["timeout", "failed", "cancelled"], "failed"],
    [["failed", "running"], "running"],
    [["failed", "waiting"], "running"],
    [["failed", "pending"], "running"],
    [["failed", "queued"], "running"],
    [["failed", "blocked"], "running"],
    [["running", "paused", "failed"], "paused"],
  ];
  test.each(cases)("%j is %s", (statuses, wanted) => {
    expect(statusOfRun(statuses)).toBe(wanted);
    expect(statusOfRun(statuses.toReversed())).toBe(wanted);
  });

  test("counts leave out what there is none of", () => {
    expect(countStatuses(["failed", "running", "failed"])).toEqual({ failed: 2, running: 1 });
  });
});
