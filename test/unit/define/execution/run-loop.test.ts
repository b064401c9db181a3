/** The run loop, sentence by sentence, on the real engine in the simulator. */
import { describe, expect, expectTypeOf, it } from "vitest";
import * as z from "zod";
import type { ExecutionContext, Validator } from "../../../../src/define/index.ts";
import { defineAgent, defineExecution, fail, pass, stopExecution, validJson } from "../../../../src/define/index.ts";
import type { ScriptedAnswer } from "../../../../src/domain/model/script.ts";
import type { Ran } from "../../../support/executions.ts";
import { runDefinition } from "../../../support/executions.ts";

const agent = defineAgent({ id: "worker", description: "Works.", version: "1" });
const NEXT = "The previous response was invalid. Please try again.";

interface Case {
  readonly says: readonly (string | ScriptedAnswer)[];
  readonly validators?: readonly Validator<unknown, "out_of_stock">[];
  readonly maxRetries?: number;
  readonly onRetry?: "feedback" | "execute";
  readonly maxToolRounds?: number;
  readonly execute?: (ctx: ExecutionContext<{ task?: string | undefined }, "out_of_stock">) => Promise<string>;
}

function definitionOf({ says, execute = ({ conversation }) => conversation.ask("Do it."), ...rest }: Case) {
  return defineExecution({
    key: "job",
    agent,
    name: "Job",
    description: "A job.",
    input: z.object({ task: z.string().optional() }),
    failureCodes: ["out_of_stock"],
    script: says.map((said) => ({ reply: typeof said === "string" ? { text: said } : said })),
    execute,
    ...rest,
  });
}

const run = (given: Case, limits = {}): Promise<Ran> => runDefinition(definitionOf(given), {}, { origin: { limits } });
const always = (judgement: ReturnType<Validator<unknown, "out_of_stock">["validate"]>, name = "own") => ({
  name,
  validate: () => judgement,
});
const types = ({ events }: Ran) => events.map(({ type }) => type).filter((type) => type.startsWith("attempt."));

describe("an agentic execution", () => {
  it("that passes the first time takes one turn, and its result is the parsed JSON", async () => {
    const ran = await run({ says: ['{"done": true}'], validators: [stopExecution, validJson] });
    expect(ran).toMatchObject({ status: "succeeded", output: { done: true }, turns: 1 });
    const verdicts = ["stop_execution", "valid_json"].map((validator) => ({ validator, passed: true }));
    expect(ran.attempts).toEqual([{ n: 1, verdicts, feedback: undefined }]);
    expect(types(ran)).toEqual(["attempt.started", "attempt.completed"]);
  });

  it("whose JSON fails once and then passes takes two turns, in one conversation", async () => {
    const ran = await run({ says: ["Sure! Here it is.", "[1]"], validators: [validJson] });
    expect(ran).toMatchObject({ status: "succeeded", output: [1], turns: 2 });
    const told = ran.conversation.messages.map(({ role, kind, attempt }) => `${attempt} ${role} ${kind}`);
    expect(told).toEqual(["1 user prompt", "1 assistant answer", "2 user feedback", "2 assistant answer"]);
    const [first, second] = ran.attempts;
    expect(first?.feedback).toContain("valid JSON");
    expect(ran.conversation.messages[2]?.text).toBe(first?.feedback);
    expect(second).toMatchObject({
      n: 2,
      verdicts: [
        { validator: "stop_execution", passed: true },
        { validator: "valid_json", passed: true },
      ],
      feedback: undefined,
    });
  });

  it.each([
    ["two equal keys", '{"id": 1, "id": 2}', '"id" is there twice'],
    ["a number that would be rounded", '{"orders": [12345678901234567890]}', '"orders.0" is an integer of more digits'],
    ["a number alone", "12345678901234567890", "the value is an integer of more digits"],
  ])("whose JSON could be read in two ways is corrected, with and without validators: %s", async (_, said, told) => {
    for (const validators of [[], [validJson]]) {
      const ran = await run({ says: [said, '{"id": "2"}'], validators });
      expect(ran).toMatchObject({ status: "succeeded", output: { id: "2" }, turns: 2 });
      expect(ran.attempts[0]?.feedback).toContain(told);
      expect(ran.conversation.messages[2]?.text).toContain(told);
    }
  });

  it("that answers in prose with a long number keeps it", async () => {
    const prose = "The order 12345678901234567890 is on its way.";
    expect(await run({ says: [prose] })).toMatchObject({ status: "succeeded", output: { response: prose }, turns: 1 });
  });

  it("that fails four times takes exactly 1 + 3 + 1 turns and ends with the model's summary", async () => {
    const ran = await run({ says: ["a", "b", "c", "d", "It never wrote JSON."], validators: [validJson] });
    expect(ran).toMatchObject({ status: "failed", turns: 5 });
    expect(ran.error).toMatchObject({ code: "max_retries_exceeded", message: "It never wrote JSON." });
    expect(ran.attempts.map(({ n }) => n)).toEqual([1, 2, 3, 4]);
    expect(ran.conversation.messages.filter(({ kind }) => kind === "summary").map(({ role }) => role)).toEqual([
      "user",
      "assistant",
    ]);
  });

  it("has a summary of at most 100 words, whatever the model writes", async () => {
    const long = Array.from({ length: 300 }, (_, index) => `word${index}`).join(" ");
    const { error } = await run({ says: ["a", long], validators: [validJson], maxRetries: 0 });
    expect(error?.message.split(/\s+/)).toHaveLength(100);
    expect(error?.message.endsWith("word99…")).toBe(true);
  });

  it("has one of at most 100 words also where no model writes it", async () => {
    const feedback = Array.from({ length: 300 }, (_, index) => `word${index}`).join(" ");
    const validators = [always(fail({ feedback }))];
    const ran = await run({ says: ["a"], validators, maxRetries: 0 }, { maxTurns: 1 });
    expect(ran.error?.message).toMatch(/^The response was still invalid after 1 attempts: word0 /);
    expect(ran.error?.message.split(/\s+/)).toHaveLength(100);
  });

  it("keeps its failure when the summary cannot be paid: the budget changes the words, not the code", async () => {
    const ran = await run({ says: ["a", "b"], validators: [validJson], maxRetries: 1 }, { maxTurns: 2 });
    expect(ran).toMatchObject({ status: "failed", turns: 2, error: { code: "max_retries_exceeded" } });
    expect(ran.error?.message).toMatch(/^The response was still invalid after 2 attempts: The response must be valid/);
  });

  it("ends with budget_exceeded when the budget ends before the corrections do", async () => {
    const ran = await run({ says: ["a", "b"], validators: [validJson] }, { maxTurns: 2 });
    expect(ran).toMatchObject({ status: "failed", turns: 2, error: { code: "budget_exceeded" } });
  });

  it("stops at a failure that needs no retry, without another turn, and its feedback is the explanation", async () => {
    const refused = always(fail({ retryNeeded: false, feedback: "The shop is closed." }));
    const ran = await run({ says: ["x"], validators: [refused] });
    expect(ran).toMatchObject({ status: "failed", turns: 1 });
    expect(ran.error).toEqual({ code: "validation_failed", message: "The shop is closed." });
    expect(ran.events.find(({ type }) => type === "attempt.rejected")?.data).toMatchObject({ n: 1, retry: false });
  });

  it("carries the definition's own code from a validator", async () => {
    const refused = always(fail({ retryNeeded: false, failureCode: "out_of_stock", feedback: "None left." }));
    expect((await run({ says: ["x"], validators: [refused] })).error).toEqual({
      code: "out_of_stock",
      message: "None left.",
    });
  });

  it("carries the definition's own code from ctx.fail", async () => {
    const ran = await run({ says: [], execute: async (ctx) => ctx.fail("out_of_stock", "None left.") });
    expect(ran).toMatchObject({ status: "failed", turns: 0, error: { code: "out_of_stock", message: "None left." } });
  });

  it("asks validators in order, and the first failure decides", async () => {
    const asked: string[] = [];
    const say = (name: string, judgement: ReturnType<Validator["validate"]>): Validator => ({
      name,
      validate: () => {
        asked.push(name);
        return judgement;
      },
    });
    const second = fail({ retryNeeded: false, feedback: "second" });
    const validators = [say("first", pass), say("second", second), say("third", fail({ feedback: "third" }))];
    const ran = await run({ says: ["x"], validators });
    expect(asked).toEqual(["first", "second"]);
    expect(ran.error?.message).toBe("second");
    expect(ran.attempts[0]?.verdicts).toEqual([
      { validator: "stop_execution", passed: true },
      { validator: "first", passed: true },
      { validator: "second", passed: false, feedback: "second" },
    ]);
  });

  it("tells the model something when a validator gave no feedback", async () => {
    const once: Validator = { name: "once", validate: (...[, , , { attempt }]) => (attempt === 1 ? fail() : pass) };
    const ran = await run({ says: ["x", "y"], validators: [once] });
    expect(ran.conversation.messages[2]?.text).toBe(NEXT);
    expect(ran.output).toEqual({ response: "y" });
  });

  it("gives a response that is no JSON as text, when nobody asked for JSON", async () => {
    expect((await run({ says: ["All done."] })).output).toEqual({ response: "All done." });
  });

  it("takes a code fence off a result", async () => {
    expect((await run({ says: ['```json\n{"a": 1}\n```'], validators: [validJson] })).output).toEqual({ a: 1 });
  });
});

describe("a failure without a code of its own", () => {
  it("is runtime_error when the code throws, and shows a person no stack", async () => {
    const broken = async () => {
      throw new TypeError("items is not iterable");
    };
    const ran = await run({ says: [], execute: broken });
    expect(ran.error).toEqual({ code: "runtime_error", message: "items is not iterable" });
    expect(JSON.stringify(ran.events)).not.toContain("run-loop.test.ts");
  });

  it.each([
    ["throws", () => Promise.reject(new Error("no network"))],
    [
      "throws at once",
      () => {
        throw new Error("no network");
      },
    ],
  ])("is runtime_error when a validator %s: that is never a pass", async (...[, validate]) => {
    const ran = await run({ says: ["{}"], validators: [{ name: "remote", validate }] });
    expect(ran).toMatchObject({ status: "failed", turns: 1, error: { code: "runtime_error" } });
    expect(ran.error?.message).toBe('the validator "remote" failed: no network');
  });

  it("is unknown when it is reported without one, or with one that the definition does not declare", async () => {
    const nameless = await run({ says: [], execute: async (ctx) => ctx.fail("unknown", "Something is off.") });
    expect(nameless.error).toEqual({ code: "unknown", message: "Something is off." });
    const foreign = async (ctx: { fail(code: string, message: string): never }) => ctx.fail("nobody_knows", "Off.");
    const undeclared = await run({ says: [], execute: foreign as NonNullable<Case["execute"]> });
    expect(undeclared.error).toEqual({
      code: "unknown",
      message: "Off.",
      details: { undeclared_code: "nobody_knows" },
    });
  });

  it("cannot be written with an undeclared code: it does not compile", () => {
    const base = { key: "k", agent, name: "", description: "", input: z.object({}), failureCodes: ["mine"] } as const;
    // @ts-expect-error: "yours" is not declared
    defineExecution({ ...base, execute: async (ctx) => ctx.fail("yours", "") });
    defineExecution({ ...base, execute: async (ctx) => ctx.fail("mine", "") });
    const yours: Validator<unknown, "yours"> = { name: "y", validate: () => fail({ failureCode: "yours" }) };
    // @ts-expect-error: a validator that may name "yours" does not belong here
    defineExecution({ ...base, validators: [yours], execute: async () => "" });
    const typed = defineExecution({
      ...base,
      input: z.object({ ids: z.array(z.string()).default([]) }),
      execute: async (ctx) => {
        expectTypeOf(ctx.input).toEqualTypeOf<{ ids: string[] }>();
        return "";
      },
    });
    expectTypeOf<NonNullable<(typeof typed)["~functions"]>["k"]["input"]>().toEqualTypeOf<{
      ids?: string[] | undefined;
    }>();
  });
});

describe("a correction", () => {
  it("with onRetry execute runs the attempt again, with the feedback, in the same conversation", async () => {
    const seen: unknown[] = [];
    const execute: Case["execute"] = (ctx) => {
      seen.push([ctx.attempt, ctx.feedback]);
      return ctx.conversation.ask(ctx.feedback === undefined ? "Begin." : `Again, because: ${ctx.feedback}`);
    };
    const ran = await run({ says: ["no", "{}"], validators: [validJson], onRetry: "execute", execute });
    expect(ran).toMatchObject({ status: "succeeded", turns: 2 });
    expect(seen.at(-1)).toEqual([2, ran.attempts[0]?.feedback]);
    expect(ran.conversation.messages[2]).toMatchObject({ kind: "prompt", attempt: 2 });
    expect(ran.conversation.messages[2]?.text).toMatch(/^Again, because: The response must be/);
  });

  it("follows an answer that was cut off, without asking the validators", async () => {
    const ran = await run({ says: [{ text: '{"a":', stopReason: "max_tokens" }, '{"a": 1}'], validators: [validJson] });
    expect(ran).toMatchObject({ status: "succeeded", output: { a: 1 }, turns: 2 });
    expect(ran.attempts[0]?.verdicts).toMatchObject([{ validator: "whole_answer", passed: false }]);
    expect(ran.conversation.messages[2]?.text).toContain("cut off");
  });

  it("does not follow a refusal: trying again in the same words is pointless", async () => {
    const ran = await run({ says: [{ text: "I will not.", stopReason: "refusal" }], validators: [validJson] });
    expect(ran).toMatchObject({ status: "failed", turns: 1, error: { code: "validation_failed" } });
    expect(ran.error?.message).toBe("The model declined to answer.");
  });
});

describe("a turn that the provider paused", () => {
  it("goes on where it stopped, and its texts are one answer", async () => {
    const ran = await run({ says: [{ text: '{"a":', stopReason: "pause_turn" }, " 1}"], validators: [validJson] });
    expect(ran).toMatchObject({ status: "succeeded", output: { a: 1 }, turns: 2 });
    expect(ran.attempts).toHaveLength(1);
  });
});

describe("the context of execute", () => {
  it("has the input with its defaults, and a question at a time", async () => {
    const execute: Case["execute"] = async ({ conversation, input }) => {
      const first = conversation.ask("one");
      const second = await conversation.ask("two").catch((error: Error) => error.message);
      return `${JSON.stringify(input)} ${await first} ${second}`;
    };
    const ran = await run({ says: ["1"], execute });
    expect(ran.output).toEqual({ response: "{} 1 one question at a time: await conversation.ask" });
  });

  it("asks the model as often as it likes, and only the last word is judged", async () => {
    const execute: Case["execute"] = async ({ conversation }) => {
      await conversation.ask("plan");
      return conversation.ask("now do it");
    };
    const ran = await run({ says: ["a plan", "{}"], execute, validators: [validJson] });
    expect(ran).toMatchObject({ status: "succeeded", turns: 2 });
    expect(ran.attempts).toHaveLength(1);
  });
});
