import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { layeredPrompt } from "../../../../src/define/index.ts";

describe("layeredPrompt", () => {
  test("puts layers into a fixed order, drops empty ones, and makes the key of the text", () => {
    const prompt = layeredPrompt({ rules: " Never guess.\r\n", examples: " \n", identity: "You sell tea." });
    expect(prompt.text).toBe("<identity>\nYou sell tea.\n</identity>\n\n<rules>\nNever guess.\n</rules>");
    expect(prompt.layers.map(({ name }) => name)).toEqual(["identity", "rules"]);
    expect(prompt.cacheKey).toBe(createHash("sha256").update(prompt.text).digest("hex"));
    expect(Object.isFrozen(prompt) && Object.isFrozen(prompt.layers)).toBe(true);
  });

  test("gives the same for the same layers in every order, and another key for another text", () => {
    const layers = {
      identity: "a",
      rules: "b",
      knowledge: "c",
      instructions: "d",
      examples: "e",
      output: "f",
      context: "g",
    };
    const reversed = Object.fromEntries(Object.entries(layers).reverse());
    expect(layeredPrompt(reversed)).toEqual(layeredPrompt(layers));
    expect(layeredPrompt(layers).layers.map(({ name }) => name)).toEqual(Object.keys(layers));
    const keys = [layers, { ...layers, rules: "B" }, { identity: "b" }, { rules: "b" }].map(
      (one) => layeredPrompt(one).cacheKey,
    );
    expect(new Set(keys).size).toBe(4);
  });

  test.each([
    [{ rule: "x" }, "rule", '"rule" is no layer: did you mean "rules"?'],
    [{ zzzzzzzz: "x" }, "zzzzzzzz", '"zzzzzzzz" is no layer: the layers are identity, rules'],
    [{ constructor: "x" }, "constructor", '"constructor" is no layer'],
    [{ rules: 3 }, "rules", 'the layer "rules" is 3: give a text'],
    [{ rules: " " }, "layers", "every layer is empty: give at least one with text"],
    [{}, "layers", "every layer is empty"],
    ["You help.", "layers", 'it was given "You help.": give { identity'],
  ])("refuses %j", (layers, field, sentence) => {
    const fault = { code: "invalid_layer", agent: undefined, field, message: expect.stringContaining(sentence) };
    expect(() => layeredPrompt(layers as never)).toThrow(expect.objectContaining(fault));
  });
});
