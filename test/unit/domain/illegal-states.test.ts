import { describe, expect, it } from "vitest";
import type { Life } from "../../../src/domain/execution/life.ts";
import { ExecutionState } from "../../../src/domain/execution/state.ts";
import { running } from "../../support/log.ts";

/** Held by `tsc`: a line below that compiles without its refusal makes the check red. */
const REFUSED: readonly Life[] = [
  // @ts-expect-error: what runs has a running clock, or is suspended
  { status: "running", startedAtMs: 1 },
  // @ts-expect-error: what is suspended has no running clock
  { status: "running", startedAtMs: 1, activeSinceMs: 1, suspended: "sleeping", reason: "sleeping" },
  // @ts-expect-error: what waits says for what
  { status: "waiting", startedAtMs: 1 },
  // @ts-expect-error: what is paused has no running clock
  { status: "paused", startedAtMs: 1, activeSinceMs: 1 },
  // @ts-expect-error: what is queued has not begun
  { status: "queued", startedAtMs: 1 },
  // @ts-expect-error: what succeeded names its result
  { status: "succeeded", startedAtMs: 1, finishedAtMs: 2 },
  // @ts-expect-error: what failed has an error
  { status: "failed", startedAtMs: 1, finishedAtMs: 2, resultSeq: 3 },
  // @ts-expect-error: what goes on has not finished
  { status: "waiting", reason: "waiting_for_approval", startedAtMs: 1, finishedAtMs: 2 },
  // @ts-expect-error: only what has ended is archived
  { status: "running", startedAtMs: 1, activeSinceMs: 1, archivedAtMs: 2 },
];

describe("a state", () => {
  it("that no log leads to is not written, and a stored one of this kind is folded anew", () => {
    const { state } = running();
    const stored = { ...state, activeSinceMs: undefined, startedAtMs: undefined };
    const parsed = REFUSED.map((life) => ExecutionState.safeParse(JSON.parse(JSON.stringify({ ...stored, ...life }))));
    expect(parsed.map(({ success }) => success)).toEqual(REFUSED.map(() => false));
  });

  it("is read back from its row as it was written", () => {
    const { state } = running();
    expect(ExecutionState.parse(JSON.parse(JSON.stringify(state)))).toEqual(state);
  });
});
