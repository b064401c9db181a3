import { describe, expect, it } from "vitest";
import { AnswerError, ExecutionFailure, InDoubt, StepError, ToolError } from "../../../src/define/errors.ts";
import { TurnFailure } from "../../../src/domain/model/conversation.ts";
import { thrownText } from "../../../src/engine/trace.ts";

describe("what the log is told of something that was thrown", () => {
  it.each([
    ["a failure code of a definition", new ExecutionFailure("out_of_stock", "Ada has no more tea"), "out_of_stock"],
    ["a step that ended badly", new StepError("timeout", "Ada waited"), "timeout"],
    ["a tool's answer", new ToolError("Ada is not known"), "ToolError"],
    ["an answer that was cut off", new AnswerError("cut_off", "too long"), "answer_cut_off"],
    ["a provider that is busy", new TurnFailure("overloaded", "busy"), "overloaded"],
    ["a request that a model refuses", new TurnFailure("invalid_request", "too long"), "invalid_request"],
  ])("is no fault, and none of its words: %s", (_, thrown, code) => {
    expect(thrownText(thrown)).toEqual({ level: "info", fields: { code } });
  });

  it("is a key that its provider does not know, for the operator", () => {
    const thrown = new TurnFailure("authentication", "no key is configured for gpt-x");
    expect(thrownText(thrown)).toEqual({
      level: "warn",
      fields: { code: "authentication", error: "no key is configured for gpt-x" },
    });
  });

  it("is all that is known of an outside that could not be reached", () => {
    const { level, fields } = thrownText(new InDoubt("the bank hung up"));
    expect([level, fields.error]).toEqual(["warn", "the bank hung up"]);
  });

  it("is the message of any other error, and where it came from without its words", () => {
    const { level, fields } = thrownText(new TypeError("x is not a function"));
    expect(level).toBe("warn");
    expect(fields.error).toBe("x is not a function");
    expect(fields.stack).toMatch(/^TypeError\n\s+at .+trace\.test\.ts:\d+:\d+/);
    expect(fields.stack).not.toContain("is not a function");
  });

  it.each([null, undefined, "a text", { a: 1 }, new Proxy({}, { get: () => Number("x") })])(
    "is something for %s",
    (thrown) => {
      expect(thrownText(thrown)).toMatchObject({ level: "warn", fields: { error: expect.any(String) } });
    },
  );
});
