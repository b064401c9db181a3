/** What events of executions mean in a conversation: bounded, and each question ends with its execution. */
import { describe, expect, it } from "vitest";
import type { OpenExecution } from "../../../../src/actors/memory/chat-events.ts";
import { movedBy } from "../../../../src/actors/memory/chat-events.ts";
import type { Json } from "../../../../src/domain/values/json.ts";
import { MAX_ROW_BYTES, utf8Bytes } from "../../../../src/domain/values/json-text.ts";

const at = "2026-11-27T08:00:00.000Z";
const OPEN: OpenExecution = { executionId: "e", root: "e", agent: "desk", after: 3, at, text: "Hello?", approvals: [] };
const event = (type: string, data: { readonly [name: string]: Json }) => ({ seq: 4, type, at, actor: "system", data });
const moved = (open: OpenExecution, type: string, data: { readonly [name: string]: Json } = {}) =>
  movedBy(open, event(type, data) as never);
const gate = (gate_id: string, payload: Json = { n: 1 }) => ({ gate_id, payload, payload_digest: "d" });

describe("an event of an execution", () => {
  it("that asks a person is told with what it shows, without it where that is too large for a frame", () => {
    const small = moved(OPEN, "gate.opened", gate("g"));
    expect(small?.events).toMatchObject([{ type: "approval", agent: "desk", payload: { n: 1 }, payload_digest: "d" }]);
    expect(small?.now).toMatchObject({ after: 4, approvals: [{ approval_request_id: "g" }] });
    const [large] = moved(OPEN, "gate.opened", gate("g", "x".repeat(150_000)))?.events ?? [];
    expect(large).toMatchObject({ payload: null, omitted: true });
  });

  it("that asks once more keeps the newest 20 questions", () => {
    let open = OPEN;
    for (let n = 1; n <= 25; n += 1) open = moved(open, "gate.opened", gate(`g${n}`))?.now ?? open;
    expect(open.approvals.map((one) => one.approval_request_id)).toEqual(
      Array.from({ length: 20 }, (_, n) => `g${n + 6}`),
    );
  });

  it.each(['"', "語", "\u0001"])(
    "that asks keeps no more than fits into a row, beside the longest message: %j",
    (letter) => {
      let open: OpenExecution = { ...OPEN, text: "\u0001".repeat(100_000) };
      const payload = letter.repeat(Math.floor(149_000 / JSON.stringify(letter).length));
      for (let n = 1; n <= 20; n += 1) open = moved(open, "gate.opened", gate(`g${n}`, payload))?.now ?? open;
      expect(open.approvals.map(({ omitted = false }) => omitted).slice(0, 20)).toContain(true);
      expect(open.approvals[0]?.payload).toBe(payload);
      const row = JSON.stringify({ data: JSON.stringify(open) });
      expect(utf8Bytes(row)).toBeLessThan(MAX_ROW_BYTES);
    },
  );

  it("that decides a question, or lets its time be over, ends this one alone", () => {
    const two = ["g1", "g2"].reduce((open, id) => moved(open, "gate.opened", gate(id))?.now ?? open, OPEN);
    const decided = moved(two, "gate.decided", { gate_id: "g1", verdict: { decision: "approved" } });
    expect(decided?.events).toMatchObject([
      { type: "approval_ended", approval_request_id: "g1", decision: "approved" },
    ]);
    expect(decided?.now?.approvals).toMatchObject([{ approval_request_id: "g2" }]);
    expect(moved(two, "gate.expired", { gate_id: "g2" })?.events).toMatchObject([{ decision: "expired" }]);
  });

  it("that hands work on opens the one below, for the same message and under its agent's name", () => {
    const begun = moved(OPEN, "child.started", { child_id: "c", target: "my.catalog.chat" })?.begun;
    expect(begun).toEqual({ executionId: "c", root: "e", agent: "my.catalog", after: 0, at, approvals: [] });
  });

  it("that ends it ends its questions; only that of the message itself is its answer, or says that there is none", () => {
    const asks = moved(OPEN, "gate.opened", gate("g"))?.now ?? OPEN;
    const below = { ...asks, root: "another" };
    const types = (open: OpenExecution, type: string, data = {}) => {
      const end = moved(open, type, data);
      expect(end?.now).toBeUndefined();
      return end?.events.map((one) => one.type);
    };
    const output = { output: { response: "Tea." } };
    expect(types(asks, "execution.succeeded", output)).toEqual(["approval_ended", "answer"]);
    expect(types(below, "execution.succeeded", output)).toEqual(["approval_ended"]);
    for (const [type, status] of [
      ["execution.failed", "failed"],
      ["execution.cancelled", "cancelled"],
      ["execution.timed_out", "timeout"],
    ] as const) {
      expect(types(asks, type)).toEqual(["approval_ended", "failed"]);
      expect(types(below, type)).toEqual(["approval_ended"]);
      expect(moved(OPEN, type, { code: "c", message: "m" })?.events).toMatchObject([
        { status, code: "c", message: "m" },
      ]);
    }
  });

  it("that brings an answer too long for a frame, or one in the file store, is told as cut", () => {
    const answer = (data: { readonly [name: string]: Json }) => moved(OPEN, "execution.succeeded", data)?.events[0];
    expect(answer({ output: { response: "x".repeat(150_000) } })).not.toHaveProperty("cut");
    const long = answer({ output: { response: "x".repeat(150_001) } });
    expect([long?.type === "answer" && long.text.length, long]).toMatchObject([150_000, { cut: true }]);
    expect(answer({ output: null, stored: { file: "f" } })).toMatchObject({ text: "", cut: true });
  });

  it("of any other kind means nothing", () => {
    for (const type of ["step.started", "execution.waiting", "toString"]) expect(moved(OPEN, type)).toBeUndefined();
  });
});
