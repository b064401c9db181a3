import { describe, expect, it } from "vitest";
import { NOTHING } from "../../../../src/domain/execution/budget.ts";
import type { Entry } from "../../../../src/domain/execution/entry.ts";
import { EntryKind } from "../../../../src/domain/execution/entry.ts";
import { dispatched, runsHere } from "../../../../src/engine/operations/dispatch.ts";
import type { Operation, OperationKind } from "../../../../src/engine/operations/operation.ts";

const KINDS = EntryKind.options.filter((kind): kind is OperationKind => kind !== "value");

/** What the run loop did with an operation of this kind. */
function doneWith(kind: OperationKind, entry: Entry | undefined): string[] {
  const acts: string[] = [];
  const operation: Operation = {
    ...{ key: "e", name: "e", kind },
    isWithdrawn: () => false,
    start: () => () => acts.push("starts"),
    resume: () => () => acts.push("resumes"),
    complete: () => acts.push("completes"),
  };
  dispatched(operation, entry)?.();
  return acts;
}

const asked = { key: "e", name: "e", startedSeq: 2, attempt: 1, reserve: NOTHING };
const open: Entry = { ...asked, kind: "step", status: "open" };
const done: Entry = { ...asked, kind: "step", status: "done", doneSeq: 3, ok: true };

describe("an operation", () => {
  it.each(KINDS)("of the kind %s starts where the journal has nothing, and never when its entry is done", (kind) => {
    expect(doneWith(kind, undefined)).toEqual(["starts"]);
    expect(doneWith(kind, done)).toEqual([]);
  });

  it("with an open entry is resumed where it runs in this process; all others rest until an event ends them", () => {
    const resumed = KINDS.filter((kind) => doneWith(kind, open).length > 0);
    expect(resumed).toEqual(["step", "effect", "tool", "turn"]);
    expect(KINDS.filter((kind) => runsHere({ kind }))).toEqual(resumed);
  });
});
