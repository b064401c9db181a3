import { describe, expect, it } from "vitest";
import { NOTHING } from "../../../src/domain/execution/budget.ts";
import type { DoneEntry, Entry, OpenEntry } from "../../../src/domain/execution/entry.ts";

const asked = { key: "e", name: "e", startedSeq: 2, attempt: 1, reserve: NOTHING };

/** Held by `tsc`: a line below that compiles without its refusal makes the check red. */
const REFUSED: readonly Entry[] = [
  // @ts-expect-error: what is done says how it ended
  { ...asked, kind: "step", status: "done", doneSeq: 3 },
  // @ts-expect-error: a failure has a code
  { ...asked, kind: "step", status: "done", doneSeq: 3, ok: false },
  // @ts-expect-error: what is open has not ended
  { ...asked, kind: "step", status: "open", doneSeq: 3, ok: true },
  // @ts-expect-error: what backs off says until when
  { ...asked, kind: "effect", status: "backing_off", timedOut: false },
  // @ts-expect-error: a doubt has its approval
  { ...asked, kind: "effect", status: "in_doubt" },
  // @ts-expect-error: a sleep is never in doubt
  { ...asked, kind: "sleep", status: "in_doubt", gateId: "gate_1" },
  // @ts-expect-error: an open child has an id
  { ...asked, kind: "child", status: "open" },
  // @ts-expect-error: the clock answers at once
  { ...asked, kind: "value", status: "open" },
  // @ts-expect-error: only a try is asked about
  { ...asked, kind: "signal", signal: "s", status: "open", probing: true },
];

describe("an entry", () => {
  it("that no log can lead to is not written", () => {
    expect(REFUSED).toHaveLength(9);
  });

  it("is told apart by kind and status", () => {
    const open: OpenEntry = { ...asked, kind: "child", childId: "exec_1", status: "open" };
    const done: DoneEntry = {
      ...asked,
      kind: "child",
      status: "done",
      doneSeq: 3,
      ok: false,
      errorCode: "child_failed",
    };
    expect([open.childId, done.childId]).toEqual(["exec_1", undefined]);
  });
});
