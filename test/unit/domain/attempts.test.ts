import { describe, expect, it } from "vitest";
import type { AttemptEvent } from "../../../src/domain/execution/command.ts";
import type { Event } from "../../../src/domain/execution/event.ts";
import { emptyIndex } from "../../../src/domain/fold/entry-index.ts";
import { disorderedAttempts } from "../../../src/domain/invariants/attempts.ts";
import { running } from "../../support/log.ts";

const started = (n: number, turn?: number): AttemptEvent => ({
  type: "attempt.started",
  data: { key: `started${n}`, n, ...(turn === undefined ? {} : { turn }) },
});
const completed = (n: number): AttemptEvent => ({ type: "attempt.completed", data: { key: `c${n}`, n, verdicts: [] } });
const rejected = (n: number, retry = true): AttemptEvent => ({
  type: "attempt.rejected",
  data: { key: `r${n}`, n, verdicts: [], feedback: "no", retry },
});
const wrongs = (...said: readonly AttemptEvent[]) => {
  const events = said.map((event, index) => ({ ...event, seq: index + 1, atMs: 1, actor: "test", v: 1 }) as Event);
  const check = disorderedAttempts();
  const step = { before: undefined, after: undefined, isLate: false, index: emptyIndex() };
  return events.flatMap((event, position) => check({ ...step, event, position })).map(({ detail }) => detail);
};

describe("attempts in the log", () => {
  it("are in order when each is judged before the next begins", () => {
    expect(wrongs(started(1), rejected(1), started(2), completed(2))).toEqual([]);
    expect(wrongs(started(1), rejected(1), started(2))).toEqual([]);
    expect(wrongs(started(1), completed(1), started(2, 2), rejected(2), started(3, 2), completed(3))).toEqual([]);
  });

  it.each<[string, readonly AttemptEvent[], string]>([
    ["a number is left out", [started(1), rejected(1), started(3)], "attempt 3 follows attempt 1"],
    ["one begins before the last was judged", [started(1), started(2)], "attempt 2 began without a retry of 1"],
    ["one begins after a success", [started(1), completed(1), started(2)], "attempt 2 began without a retry of 1"],
    [
      "one begins after the last word",
      [started(1), rejected(1, false), started(2)],
      "attempt 2 began without a retry of 1",
    ],
    ["a turn is left out", [started(1), completed(1), started(2, 3)], "turn 3 follows turn 1"],
    [
      "a turn begins again",
      [started(1), completed(1), started(2, 2), completed(2), started(3)],
      "turn 1 follows turn 2",
    ],
    [
      "a turn begins while the last is corrected",
      [started(1), rejected(1), started(2, 2)],
      "attempt 2 began without an acceptance of 1",
    ],
    [
      "a turn begins after the last word",
      [started(1), rejected(1, false), started(2, 2)],
      "attempt 2 began without an acceptance of 1",
    ],
    [
      "a turn begins while an attempt is open",
      [started(1), started(2, 2)],
      "attempt 2 began without an acceptance of 1",
    ],
    [
      "an attempt begins a turn that was accepted",
      [started(1), completed(1), started(2, 2), completed(2), started(3, 2)],
      "attempt 3 began without a retry of 2",
    ],
    ["one is judged twice", [started(1), rejected(1), completed(1)], "attempt 1 was judged, and was not open"],
  ])("are not when %s", (...[, said, detail]) => expect(wrongs(...said)).toContain(detail));

  it("are said once a key, and the state names where they stand", () => {
    const log = running();
    const say = (event: AttemptEvent) => log.tell({ type: "say_attempt", event });
    expect([say(started(1)), say(started(1)), say(rejected(1)), say(started(2))].flat()).toEqual([
      ...["attempt.started", "attempt.rejected", "attempt.started"],
    ]);
    const [first, second, third] = log.events.filter(({ type }) => type.startsWith("attempt.")).map(({ seq }) => seq);
    expect(log.state?.attempts).toEqual([
      { n: 1, startedSeq: first, judgedSeq: second },
      { n: 2, startedSeq: third },
    ]);
    expect(log.violations()).toEqual([]);
  });

  it("are not said after the end", () => {
    const log = running();
    log.tell({ type: "cancel", by: "ann" });
    expect(log.tell({ type: "say_attempt", event: started(1) })).toEqual(["invalid_state"]);
  });
});
