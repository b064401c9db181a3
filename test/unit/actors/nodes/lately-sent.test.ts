/** Calls that left for nodes lately: which of them a registration means, and how many are kept. */
import { describe, expect, test } from "vitest";
import { LatelySent } from "../../../../src/actors/nodes/lately-sent.ts";

const call = (instanceId: string | null, atMs = 0, nodeId = "n") => ({ nodeId, instanceId, atMs });

describe("calls that left lately", () => {
  test("are meant by a registration when their process is none that runs now", () => {
    const sent = new LatelySent();
    sent.note("old", call("i1"));
    sent.note("current", call("i2"));
    sent.note("of another version", call("v2"));
    sent.note("of another node", call("i1", 0, "m"));
    sent.note("of a process without a name", call(null));
    expect(sent.toOthers("n", ["i2", "v2"], 1)).toEqual(["old"]);
  });

  test("that are sent once more count for where they went last", () => {
    const sent = new LatelySent();
    sent.note("a", call("i1"));
    sent.note("a", call("i2"));
    expect(sent.toOthers("n", ["i2"], 1)).toEqual([]);
    expect(sent.toOthers("n", ["i1"], 1)).toEqual(["a"]);
  });

  test("are kept for ten minutes, and so many of them", () => {
    const sent = new LatelySent(3);
    for (const id of ["a", "b", "c", "d"]) sent.note(id, call("i1"));
    expect(sent.toOthers("n", [], 1)).toEqual(["b", "c", "d"]);
    expect(sent.toOthers("n", [], 600_000)).toEqual([]);
    sent.note("e", call("i1", 700_000));
    expect(sent.toOthers("n", [], 700_001)).toEqual(["e"]);
  });
});
