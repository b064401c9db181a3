/** The library of validators, each alone: what passes, what fails, and what it tells the model. */
import { describe, expect, it } from "vitest";
import * as z from "zod";
import type { Judgement, ToolCall, ToolScratchpad, Validator } from "../../../../src/define/index.ts";
import {
  allSucceeded,
  called,
  everyItemAttempted,
  fail,
  matchesSchema,
  pass,
  stopExecution,
  validJson,
} from "../../../../src/define/index.ts";
import type { Json } from "../../../../src/domain/values/json.ts";

interface Given {
  readonly response?: string;
  readonly input?: unknown;
  readonly recorded?: Readonly<Record<string, Json>>;
  readonly calls?: readonly ToolCall[];
}

const ctx = { executionId: "exec_1", attempt: 1, signal: new AbortController().signal };

function judge(validator: Validator<never, string>, given: Given = {}): Judgement<string> | Promise<Judgement<string>> {
  const { response = "", input = {}, recorded = {}, calls = [] } = given;
  const scratchpad: ToolScratchpad = {
    record: () => {},
    read: (name) => recorded[name],
    clear: () => {},
    calls: (tool) => calls.filter((call) => tool === undefined || call.tool === tool),
  };
  return validator.validate(response, input as never, scratchpad, ctx);
}
const feedbackOf = async (validator: Validator<never, string>, given: Given = {}) => {
  const judgement = await judge(validator, given);
  return judgement.passed ? "passed" : judgement.feedback;
};

const call = (input: Json, outcome: ToolCall["outcome"], recorded?: Json): ToolCall => ({
  ...{ tool: "upsert", input, outcome, recorded },
});
const went = { ok: true, output: "done" } as const;
const broke = { ok: false, error: "503" } as const;
const NOT_CALLED = 'The tool "upsert" was not called. Call it before you answer, then answer again.';

describe("fail", () => {
  it("wants a retry unless it says otherwise, and has no code unless it names one", () => {
    expect(fail()).toEqual({ passed: false, retryNeeded: true });
    expect(fail({ feedback: "no", retryNeeded: false, failureCode: "gone" })).toEqual({
      ...{ passed: false, retryNeeded: false, feedback: "no", failureCode: "gone" },
    });
  });
});

describe("validJson", () => {
  it.each(['{"a":1}', " [1, 2]\n", "null", '"text"', '```json\n{"a":1}\n```', "```\n[1]\n```"])(
    "takes %j",
    (response) => expect(judge(validJson, { response })).toEqual(pass),
  );
  it.each(["", "Sure: {}", '{"a":1', 'Here:\n```json\n{"a":1}\n```', "{'a': 1}"])("refuses %j", async (response) =>
    expect(await feedbackOf(validJson, { response })).toMatch(/^The response must be valid JSON and nothing else: /),
  );
});

describe("matchesSchema", () => {
  const schema = matchesSchema(z.object({ items: z.array(z.object({ sku: z.string() })) }));
  it("names each field that does not fit by its path", async () => {
    expect(await judge(schema, { response: '{"items":[{"sku":"a"}]}' })).toEqual(pass);
    const feedback = await feedbackOf(schema, { response: '{"items":[{"sku":1},{}]}' });
    expect(feedback).toContain("- items.0.sku: ");
    expect(feedback).toContain("- items.1.sku: ");
  });
  it("says that it is no JSON where it is none", async () => {
    expect(await feedbackOf(schema, { response: "no" })).toContain("must be valid JSON");
  });
});

describe("stopExecution", () => {
  it("passes until the model stopped, and then needs no retry", () => {
    expect(judge(stopExecution)).toEqual(pass);
    const recorded = { stop_execution: { reason: "nothing to do" } };
    expect(judge(stopExecution, { recorded })).toEqual(fail({ retryNeeded: false, feedback: "nothing to do" }));
  });
});

describe("called", () => {
  it.each<[string, Given, string]>([
    ["nothing ran", {}, NOT_CALLED],
    ["another tool ran", { calls: [{ ...call(1, went), tool: "other" }] }, NOT_CALLED],
    ["it ran", { calls: [call(1, went)] }, "passed"],
    ["it ran and failed", { calls: [call(1, broke)] }, "passed"],
    ["it recorded something", { recorded: { upsert: null } }, "passed"],
  ])("when %s", async (...[, given, feedback]) => expect(await feedbackOf(called("upsert"), given)).toBe(feedback));
});

describe("allSucceeded", () => {
  const failed = (names: string) => `The following items of "upsert" failed: ${names}. Please retry them.`;
  it.each<[string, Given, string]>([
    ["the tool was not called", {}, NOT_CALLED],
    ["all items went well", { recorded: { upsert: { a: true, b: { ok: true } } } }, "passed"],
    ["some did not", { recorded: { upsert: { a: true, b: false, c: null } } }, failed("b, c")],
    ["one says why", { recorded: { upsert: { a: { ok: false, error: "no price" } } } }, failed("a (no price)")],
    ["calls record item by item", { calls: [call(1, went, { a: true }), call(2, went, { b: false })] }, failed("b")],
    ["a later call mends an item", { calls: [call(1, went, { a: false }), call(1, went, { a: true })] }, "passed"],
    ["a call ended in an error", { calls: [call({ sku: "a" }, broke)] }, failed('{"sku":"a"} (503)')],
    ["the same call was mended", { calls: [call({ sku: "a" }, broke), call({ sku: "a" }, went)] }, "passed"],
    ["what is recorded has no items", { calls: [call(1, went, true)] }, "passed"],
  ])("when %s", async (...[, given, said]) => expect(await feedbackOf(allSucceeded("upsert"), given)).toBe(said));

  it("names at most a hundred", async () => {
    const upsert = Object.fromEntries(Array.from({ length: 130 }, (_, index) => [`item${index}`, false]));
    expect(await feedbackOf(allSucceeded("upsert"), { recorded: { upsert } })).toContain("item99 and 30 more. Please");
  });
});

describe("everyItemAttempted", () => {
  const every = everyItemAttempted("item_ids", "upsert");
  const missing = (names: string) => `"upsert" was not used for these items: ${names}. Please process them too.`;
  it.each<[string, Given, string]>([
    ["the input has no items", { input: {} }, "passed"],
    ["its items are null", { input: { item_ids: null } }, "passed"],
    ["the tool was not called", { input: { item_ids: ["a"] } }, NOT_CALLED],
    [
      "all were attempted, well or badly",
      { input: { item_ids: ["a", 2] }, recorded: { upsert: { a: false, 2: true } } },
      "passed",
    ],
    ["some were not", { input: { item_ids: ["a", "b", "c"] }, calls: [call(1, went, { b: true })] }, missing("a, c")],
  ])("when %s", async (...[, given, said]) => expect(await feedbackOf(every, given)).toBe(said));
});
