/** Calls within a node: which are taken, and that a late word undoes nothing. */
import { describe, expect, test } from "vitest";
import type { ReportCall } from "../../../src/domain/execution/command.ts";
import { running } from "../../support/log.ts";

const call = (id: string, status: ReportCall["status"], more: Partial<ReportCall> = {}): ReportCall => ({
  ...{ type: "report_call", id, parentId: "exec_1", node: "shop", fn: "sort", status, by: "nora" },
  ...more,
});

describe("a call within a node", () => {
  test("is known from its first word to its end, each once", () => {
    const log = running();
    expect(log.tell(call("c", "running"), call("c", "running"))).toEqual(["log.reported"]);
    log.now = 5_000;
    expect(log.tell(call("c", "succeeded", { durationMs: 10 }), call("c", "succeeded"))).toEqual(["log.reported"]);
    expect([...log.index.calls.values()]).toEqual([
      { id: "c", node: "shop", fn: "sort", status: "succeeded", startedAtMs: 1_000, endedAtMs: 5_000 },
    ]);
    expect(log.events.at(-1)).toMatchObject({ data: { entries: [{ callId: "c", reasoner: "sort" }], by: "nora" } });
  });

  test("that has ended stays so, whatever comes late; one whose end comes first began by its duration", () => {
    const log = running();
    expect(log.tell(call("c", "failed", { durationMs: 400 }))).toEqual(["log.reported"]);
    expect(log.tell(call("c", "running"), call("c", "succeeded"))).toEqual([]);
    expect(log.index.calls.get("c")).toMatchObject({ status: "failed", startedAtMs: 600, endedAtMs: 1_000 });
  });

  test("is taken beneath the execution, beneath a call of it, and nowhere else", () => {
    const log = running();
    expect(log.tell(call("d", "running", { parentId: "c" }))).toEqual(["not_found"]);
    expect(log.tell(call("c", "running"), call("d", "running", { parentId: "c" }))).toHaveLength(2);
    expect(log.index.calls.get("d")).toMatchObject({ parentId: "c" });
    // Its end may not say where it is.
    expect(log.tell(call("d", "succeeded", { parentId: undefined, fn: "" }))).toEqual(["log.reported"]);
    expect(log.index.calls.get("d")).toMatchObject({ parentId: "c", fn: "sort", status: "succeeded" });
  });

  test("is one of a thousand of its execution; the end of a known one is heard all the same", () => {
    const log = running();
    for (let n = 0; n < 1_000; n += 1) log.tell(call(`c${n}`, "running"));
    expect(log.tell(call("more", "running"))).toEqual([]);
    expect(log.tell(call("c7", "succeeded"))).toEqual(["log.reported"]);
    expect(log.index.calls.size).toBe(1_000);
  });
});
