/** A log as spans: what a collector would show. */
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { NOTHING } from "../../../src/domain/execution/budget.ts";
import type { Command } from "../../../src/domain/execution/command.ts";
import type { Span } from "../../../src/domain/read-models/span.ts";
import { TraceReader } from "../../../src/domain/read-models/trace.ts";
import type { Log } from "../../support/log.ts";
import { running } from "../../support/log.ts";

const hash = (text: string) => createHash("sha256").update(text).digest("hex");

function spansOf({ events }: Log): Span[] {
  const reader = new TraceReader(hash);
  const spans = events.flatMap((event) => {
    reader.read(event);
    return reader.taken();
  });
  return [...spans, ...reader.unended()];
}

const start = (kind: string, key: string, more: object = {}) =>
  ({ type: "start_entry", key, kind, name: key, attempt: 1, ...more }) as Command;
const finish = (kind: string, key: string, more: object = {}) =>
  ({ type: "finish_entry", key, kind, name: key, attempt: 1, outcome: { ok: true, value: 1 }, ...more }) as Command;
const told = (span: Span | undefined, key: string) => span?.attributes.find((one) => one.key === key)?.value;

describe("the trace of a log", () => {
  it("has a span a try, under the execution's own, from its beginning to its end", () => {
    const log = running();
    log.now = 2_000;
    log.tell(start("effect", "pay"));
    log.now = 2_500;
    log.tell(finish("effect", "pay"));
    log.now = 3_000;
    log.tell({ type: "succeed", output: 1 } as Command);
    const [pay, root, ...more] = spansOf(log);
    expect(more).toEqual([]);
    expect(pay).toMatchObject({
      name: "effect pay",
      parentSpanId: root?.spanId,
      startTimeUnixNano: "2000000000",
      endTimeUnixNano: "2500000000",
      status: { code: 1 },
    });
    expect(root).toMatchObject({
      name: "invoke_agent a.f",
      startTimeUnixNano: "1000000000",
      endTimeUnixNano: "3000000000",
    });
    expect(root?.parentSpanId).toBeUndefined();
    expect(told(root, "errand.status")).toEqual({ stringValue: "succeeded" });
    expect(root?.traceId).toMatch(/^[0-9a-f]{32}$/);
    expect(root?.spanId).toMatch(/^[0-9a-f]{16}$/);
  });

  it("is the same each time, and goes on being it when the log grows", () => {
    const log = running();
    log.tell(start("effect", "pay"), finish("effect", "pay"));
    const before = spansOf(log);
    expect(spansOf(log)).toEqual(before);
    log.tell({ type: "succeed", output: 1 } as Command);
    const after = spansOf(log);
    expect(after[0]).toEqual(before[0]);
    expect(after[1]?.spanId).toBe(before[1]?.spanId);
    expect(told(before[1], "errand.status")).toEqual({ stringValue: "open" });
  });

  it("has an interrupted try and the one behind it, and the recovery as an event", () => {
    const log = running();
    log.now = 2_000;
    log.tell(start("effect", "pay", { idempotent: true }));
    log.now = 9_000;
    log.tell({ type: "recover" } as Command);
    log.now = 9_500;
    log.tell(start("effect", "pay", { attempt: 2, idempotent: true, recovered: true }));
    log.now = 9_600;
    log.tell(finish("effect", "pay", { attempt: 2 }), { type: "succeed", output: 1 } as Command);
    const [lost, again, root] = spansOf(log);
    expect(lost).toMatchObject({ endTimeUnixNano: "9000000000", status: { code: 2 } });
    expect(told(lost, "error.type")).toEqual({ stringValue: "interrupted" });
    expect(again).toMatchObject({ startTimeUnixNano: "9500000000", status: { code: 1 } });
    expect(told(again, "errand.entry.try")).toEqual({ intValue: "2" });
    expect(lost?.spanId).not.toBe(again?.spanId);
    expect(root?.events.map(({ name }) => name)).toContain("execution.recovered");
  });

  it("tells a turn's model, tokens and cost by the names of the conventions, and no word of what was said", () => {
    const log = running();
    const usage = { ...NOTHING, turns: 1, tokens: 30, costUsd: 0.25, inputTokens: 20, outputTokens: 10 };
    const output = { model: "m-1", stopReason: "end_turn", content: [{ type: "text", text: "secret words" }] };
    log.tell(start("turn", "conversation", { reserve: { ...NOTHING, turns: 1 }, input: { messages: "secret words" } }));
    log.tell(finish("turn", "conversation", { usage, outcome: { ok: true, value: output } }));
    const [turn] = spansOf(log);
    expect(turn).toMatchObject({ name: "chat conversation", kind: 3 });
    expect(
      Object.fromEntries((turn?.attributes ?? []).map(({ key, value }) => [key, Object.values(value)[0]])),
    ).toMatchObject({
      "gen_ai.operation.name": "chat",
      "gen_ai.response.model": "m-1",
      "gen_ai.usage.input_tokens": "20",
      "gen_ai.usage.output_tokens": "10",
      "errand.cost_usd": 0.25,
    });
    expect(JSON.stringify(spansOf(log))).not.toContain("secret");
  });

  it("hangs a child's trace below the call of its parent, in one trace", () => {
    const log = running();
    log.tell({
      type: "start_child",
      key: "c",
      name: "c",
      childId: "exec_2",
      target: "b.g",
      digest: "d",
      input: 1,
      limits: {},
      grant: NOTHING,
    } as Command);
    const child = running({ id: "exec_2", parentId: "exec_1" });
    const call = spansOf(log).find(({ name }) => name === "call b.g");
    const [root] = spansOf(child);
    expect(call).toBeDefined();
    expect(root?.parentSpanId).toBe(call?.spanId);
    expect(root?.traceId).toBe(call?.traceId);
    expect(spansOf(running({ tenant: "other" }))[0]?.traceId).not.toBe(root?.traceId);
  });

  it("goes on in the trace in which it was started, below the span that started it", () => {
    const [traceId, caller] = ["4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"];
    const traceparent = `00-${traceId}-${caller}-01`;
    expect(spansOf(running({ traceparent }))).toMatchObject([{ traceId, parentSpanId: caller }]);
    const [child] = spansOf(running({ traceparent, id: "exec_2", parentId: "exec_1" }));
    expect(child?.traceId).toBe(traceId);
    expect(child?.parentSpanId).not.toBe(caller);
  });

  it("bounds what it tells of one execution, and counts the rest", () => {
    const log = running();
    for (let n = 0; n < 100; n += 1)
      log.tell({ type: "pause", by: "ann" } as Command, { type: "resume", by: "ann" } as Command);
    const root = spansOf(log).at(-1);
    expect(root?.events).toHaveLength(128);
    expect(root?.droppedEventsCount).toBe(
      log.events.filter(({ type }) => /paused|resumed|started/.test(type)).length - 128,
    );
  });
});
