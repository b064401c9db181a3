/** What an execution makes of a bulk operation that sends its move again. */
import { describe, expect, test } from "vitest";
import { running } from "../../support/log.ts";

const pause = (bulk: string) => ({ type: "pause", by: "olga", bulk }) as const;
const resume = { type: "resume", by: "olga" } as const;

describe("a move of a bulk operation", () => {
  test("is made once, also when a person took it back meanwhile", () => {
    const log = running();
    expect(log.tell(pause("exec_a"))).toEqual(["execution.paused"]);
    expect(log.tell(resume)).toEqual(["execution.resumed"]);
    expect(log.tell(pause("exec_a"))).toEqual([]);
    expect(log.state).toMatchObject({ status: "running", bulks: ["exec_a"] });
    expect(log.tell(pause("exec_b"))).toEqual(["execution.paused"]);
    expect(log.tell({ ...resume, bulk: "exec_a" })).toEqual([]);
    expect(log.tell({ ...resume, bulk: "exec_c" })).toEqual(["execution.resumed"]);
  });

  test("is no refusal when its own cancel ended the execution", () => {
    const log = running();
    const cancel = { type: "cancel", by: "olga", bulk: "exec_a" } as const;
    expect(log.tell(cancel)).toEqual(["execution.cancelled"]);
    expect(log.tell(cancel)).toEqual([]);
    expect(log.tell({ ...cancel, bulk: "exec_b" })).toEqual(["invalid_state"]);
    expect(log.state).toMatchObject({ status: "cancelled", bulks: ["exec_a"] });
  });

  test("of ten the last eight are known", () => {
    const log = running();
    for (let n = 0; n < 10; n += 1) log.tell(pause(`exec_${n}`), resume);
    expect(log.state?.bulks).toEqual([2, 3, 4, 5, 6, 7, 8, 9].map((n) => `exec_${n}`));
  });
});
