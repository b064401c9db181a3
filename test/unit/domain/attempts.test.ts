import { describe, expect, it } from "vitest";
import type { AttemptEvent } from "../../../src/domain/execution/command.ts";
import type { Event } from "../../../src/domain/execution/event.ts";
import { emptyIndex } from "../../../src/domain/fold/entry-index.ts";
import { disorderedAttempts } from "../../../src/domain/invariants/attempts.ts";
import { running } from "../../support/log.ts";

const started = (n: number, key = `started${n}`): AttemptEvent => ({ type: "attempt.started", data: { key, n } });
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
