import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Event, NewEvent } from "../../../src/domain/execution/event.ts";
import { allAppendable, parseEvent } from "../../../src/domain/execution/event-text.ts";
import { fold } from "../../../src/domain/fold/evolve.ts";
import { MAX_ROW_BYTES } from "../../../src/domain/values/json-text.ts";
import { ORIGIN } from "../../support/log.ts";

const FIRST = { seq: 7, atMs: 5, actor: "ann", v: 1 };
const made = (type: string, data: unknown) => allAppendable([{ type, data } as NewEvent], FIRST);
const note = (message: unknown, more: object = {}) => made("note.added", { message, tags: [], ...more });
const step = (more: object) =>
  made("step.completed", { key: "k", kind: "step", name: "n", attempt: 1, output: null, ...more });

describe("an event that is appended", () => {
  it("is its text", () => {
    const answer = note("hello");
    const text = answer.ok ? answer.value[0]?.text : "";
    expect(JSON.parse(text ?? "")).toEqual({ ...FIRST, type: "note.added", data: { message: "hello", tags: [] } });
  });

  it("is numbered after the one before it, and one that does not fit lets none of them through", () => {
    const good: NewEvent = { type: "note.added", data: { message: "x", tags: [] } };
    const both = allAppendable([good, good], FIRST);
    expect(both.ok && both.value.map(({ event }) => event.seq)).toEqual([7, 8]);
    const bad: NewEvent = { type: "progress.reported", data: { percent: Number.NaN } };
    expect(allAppendable([good, bad], FIRST)).toMatchObject({ ok: false, code: "invalid_value" });
  });

  it.each<[string, ReturnType<typeof made>, string, string]>([
    ["a number that is none", made("progress.reported", { percent: Number.NaN }), "invalid_value", "percent"],
    ["more than all", made("progress.reported", { percent: 101 }), "invalid_value", "percent"],
    [
      "an infinite instant",
      made("step.started", { key: "k", kind: "sleep", name: "n", attempt: 1, wakeAtMs: 1 / 0 }),
      "invalid_value",
      "wakeAtMs",
    ],
    [
      "half a turn",
      step({ usage: { turns: 0.5, tokens: 0, costUsd: 0, children: 0 } }),
      "invalid_value",
      "usage.turns",
    ],
    ["a field that no reader knows", note("x", { colour: "red" }), "invalid_value", ""],
    ["a text that is none", note(5), "invalid_value", "message"],
    ["a key that is too long", step({ key: "k".repeat(1_001) }), "invalid_value", "key"],
    ["a name that is too long", step({ name: "n".repeat(601) }), "invalid_value", "name"],
    ["a result that is no JSON", step({ output: { sum: 1n } }), "value_not_json", "output.sum"],
    ["details that contain themselves", failed(circle()), "value_not_json", "error.details.self"],
    ["a code that is too long", failed(null, "c".repeat(201)), "invalid_value", "error.code"],
    ["a note larger than a row", note("x".repeat(MAX_ROW_BYTES)), "value_too_large", ""],
    ["tags larger than a row", note("x", { tags: ["y".repeat(MAX_ROW_BYTES)] }), "value_too_large", ""],
    [
      "a result and a scratch that are so together",
      step({ output: "x".repeat(1_400_000), scratch: { a: "y".repeat(200_000) } }),
      "value_too_large",
      "",
    ],
  ])("is refused with its field: %s", (...[, answer, code, path]) => {
    expect(answer).toMatchObject({ ok: false, code, errors: [{ path }] });
  });

  it("never throws, whatever it is made of, and what it takes is read back the same", () => {
    fc.assert(
      fc.property(fc.anything({ withBigInt: true, withDate: true, withMap: true }), (value) => {
        for (const answer of [note(value), step({ output: value }), step({ usage: value }), failed(value)]) {
          if (!answer.ok) continue;
          for (const { event, text } of answer.value) {
            expect(parseEvent(JSON.parse(text))).toEqual(JSON.parse(JSON.stringify(event)));
          }
        }
      }),
    );
  });
});

function circle(): object {
  const value: Record<string, unknown> = {};
  value.self = value;
  return value;
}

function failed(details: unknown, code = "x") {
  const error = { code, message: "m", details };
  return made("step.failed", { key: "k", kind: "step", name: "n", attempt: 1, error });
}

describe("an event that is read", () => {
  it("of a type that only newer code knows keeps its type, its place and all of its data", () => {
    const stored = {
      seq: 7,
      type: "plan.revised",
      atMs: 5,
      actor: "program",
      v: 9,
      data: { a: [{ b: null }], key: 3 },
    };
    expect(parseEvent(structuredClone(stored))).toEqual(stored);
  });

  const created = { seq: 1, atMs: 1, actor: "a", v: 1, type: "execution.created", data: { origin: ORIGIN, input: 1 } };

  it("keeps the fields that newer code wrote, at any depth", () => {
    const newer = {
      ...created,
      sealedBy: "x",
      data: { ...created.data, mood: 1, origin: { ...ORIGIN, region: "eu" } },
    };
    expect(parseEvent(JSON.parse(JSON.stringify(newer)))).toEqual(newer);
  });

  it("gets what its schema adds", () => {
    const { owned: _owned, ...older } = ORIGIN;
    const read = parseEvent({ ...created, data: { origin: older, input: 1 } });
    expect(read).toEqual(created);
  });

  it.each<[string, unknown]>([
    ["of an unknown type", { seq: 2, atMs: 2, actor: "a", v: 9, type: "mood.changed", data: { to: "blue" } }],
    ["whose data does not fit", { seq: 2, atMs: 2, actor: "a", v: 1, type: "execution.failed", data: { code: 5 } }],
    ["without data", { seq: 2, atMs: 2, actor: "a", v: 1, type: "note.added" }],
    ["that is none", ["what", "is", "this"]],
    ["that is nothing", null],
  ])("keeps its place and means nothing: %s", (_, raw) => {
    const read = parseEvent(raw, 2);
    expect(read.seq).toBe(2);
    const before = fold([parseEvent(created)]);
    expect(fold([read], before)).toEqual({ ...before, seq: 2, updatedAtMs: read.atMs });
  });

  it("keeps of a creation what fits, so that the execution is still somebody's", () => {
    const odd = { ...created, data: { origin: { ...ORIGIN, timeoutMs: "long", limits: 5, runId: "r" }, metadata: 1 } };
    const state = fold([parseEvent(odd)]);
    expect(state).toMatchObject({ status: "pending", limits: {}, origin: { id: ORIGIN.id, owner: "ann", runId: "r" } });
    expect(state?.origin.timeoutMs).toBeGreaterThan(0);
    expect(fold([parseEvent({ ...created, data: { origin: { id: "x" } } })])).toBeUndefined();
  });

  it("is never refused", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(parseEvent(value, 3).seq).toBeGreaterThan(0);
        const event: Event = parseEvent({ ...created, data: value });
        expect(event.seq).toBe(1);
      }),
    );
  });
});
