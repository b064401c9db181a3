import { describe, expect, it } from "vitest";
import * as z from "zod";
import type { Message } from "../../../src/domain/model/conversation.ts";
import { textOf } from "../../../src/domain/model/conversation.ts";
import type { ScriptedStep } from "../../../src/domain/model/script.ts";
import { firstObject, jsonExample } from "../../../src/domain/values/json-example.ts";
import { createModels } from "../../../src/models/models.ts";
import { callsOf } from "../../support/models/stages.ts";

const signal = new AbortController().signal;
const asking = (script?: readonly ScriptedStep[]) => (request: object) =>
  createModels({ script }).generate({ messages: "hi", maxTokens: 500, ...request }, { signal });
const said = (role: Message["role"], content: Message["content"]): Message => ({ role, content });
const tool = (name: string, description: string, properties: object = {}) => ({
  name,
  description,
  inputSchema: { type: "object" as const, properties, required: Object.keys(properties).slice(0, 1) },
});

describe("a script", () => {
  const ask = asking([
    { reply: { text: "first" } },
    { when: ({ system }) => system === "special", reply: ({ maxTokens }) => ({ text: `special ${maxTokens}` }) },
    { reply: { text: "second" } },
  ]);
  const conversation = [said("user", "a"), said("assistant", "b"), said("user", "c")];

  it("answers by the turn of the conversation, not by what this process has seen", async () => {
    for (const _ of [1, 2]) {
      expect(textOf((await ask({})).content)).toBe("first");
      expect(textOf((await ask({ messages: conversation })).content)).toBe("second");
    }
  });

  it("answers first where a condition holds", async () => {
    expect(textOf((await ask({ system: "special" })).content)).toBe("special 500");
  });

  it("leaves what comes after its end to the rule", async () => {
    const messages = [...conversation, said("assistant", "d"), said("user", "e")];
    expect(textOf((await ask({ messages })).content)).toBe("This is a simulated answer to: e");
  });

  it("answers the newest question of a talk, with a tool again; where JSON is wanted the first one is the task", async () => {
    const tools = [tool("find_tea", "Finds tea", { name: { type: "string" } })];
    const calls = callsOf(await asking()({ messages: conversation, tools }));
    expect(calls).toMatchObject([{ name: "find_tea", input: { name: "c" } }]);
    const talk = [...conversation, said("assistant", [{ type: "tool_use", id: "t", name: "find_tea", input: {} }])];
    const result = { type: "tool_result", toolUseId: "t", content: "found" } as const;
    const messages = [...talk, said("user", [result])];
    expect(textOf((await asking()({ messages, tools })).content)).toBe("The tool answered: found");
    expect(textOf((await asking()({ messages: conversation, system: "Answer in JSON." })).content)).toContain("to: a");
  });

  it("stops at the tokens it may write", async () => {
    const reply = await asking([{ reply: { text: "word ".repeat(100) } }])({ maxTokens: 10 });
    expect(reply).toMatchObject({ stopReason: "max_tokens", outputTokens: 10 });
    expect(textOf(reply.content)).toHaveLength(40);
  });
});

describe("without a script", () => {
  const ask = asking();

  it("the same request has the same answer, which costs nothing and says that it is simulated", async () => {
    const [one, two] = [await ask({}), await ask({})];
    expect(one).toEqual(two);
    expect(one).toMatchObject({ costUsd: 0, simulated: true, model: "scripted" });
  });

  it("every model is answered, since no key is there", async () => {
    expect(await ask({ model: "claude-opus-5-5" })).toMatchObject({ model: "scripted", simulated: true });
  });

  it("the tool that fits best is called, once, with what the user said", async () => {
    const tools = [
      tool("stop_execution", "stops the order of things"),
      tool("list_things", "lists whatever there is"),
      tool("place_order", "Places an order", { product: { type: "string" }, count: { type: "integer" } }),
    ];
    const user = said("user", 'Please order: {"product": "tea", "count": 3}');
    const reply = await ask({ messages: [user], tools });
    expect(callsOf(reply)).toEqual([
      { type: "tool_use", id: "call_1_1", name: "place_order", input: { product: "tea", count: 3 } },
    ]);
    const messages = [
      user,
      said("assistant", reply.content),
      said("user", [{ type: "tool_result", toolUseId: "call_1_1", content: "ordered no. 7" }]),
    ];
    const end = await ask({ messages, tools });
    expect(end.stopReason).toBe("end_turn");
    expect(textOf(end.content)).toBe("The tool answered: ordered no. 7");
  });

  it("the tool that only stops is not where a run begins", async () => {
    const reply = await ask({ tools: [tool("stop_execution", "stops")] });
    expect(callsOf(reply)).toEqual([]);
  });

  it("JSON is answered where the system prompt wants it, by its schema if it shows one", async () => {
    const free = await ask({ system: "Answer in JSON." });
    expect(JSON.parse(textOf(free.content))).toEqual({ response: "This is a simulated answer to: hi" });
    const schema = z.toJSONSchema(z.object({ mood: z.enum(["calm", "angry"]), score: z.int().min(1).max(5) }));
    const shaped = await ask({ system: `Answer in JSON as this schema says: ${JSON.stringify(schema)}` });
    expect(JSON.parse(textOf(shaped.content))).toEqual({ mood: "calm", score: 1 });
  });
});

describe("an example of a schema", () => {
  const Everything = z.object({
    text: z.string().min(3).max(12),
    when: z.iso.datetime(),
    id: z.uuid(),
    mail: z.email(),
    day: z.iso.date(),
    count: z.int().min(2).max(4),
    share: z.number().gt(0).lt(1.5),
    kind: z.literal("fixed"),
    flag: z.boolean(),
    tags: z.array(z.string()).min(2),
    nested: z.object({ choice: z.union([z.string(), z.number()]) }),
    maybe: z.string().nullable(),
    left: z.string().optional(),
  });

  it("fits the schema, for any text", () => {
    const schema = z.toJSONSchema(Everything) as Parameters<typeof jsonExample>[0];
    for (const text of ["", "buy 17 apples", 'say "hello there, my friend"', '{"count": 3, "left": "x", "text": 7}'])
      expect(Everything.safeParse(jsonExample(schema, text)).error, text).toBeUndefined();
  });

  it("leaves out what is optional and was not said", () => {
    const schema = { type: "object", properties: { a: { type: "string" }, b: { type: "integer" } }, required: ["a"] };
    expect(jsonExample(schema, "tea")).toEqual({ a: "tea" });
    expect(jsonExample(schema, '{"b": 2, "a": 3}')).toMatchObject({ b: 2, a: expect.any(String) });
  });

  it("follows references and ends where a schema holds itself", () => {
    const Node = z.object({
      name: z.string(),
      get children() {
        return z.array(Node);
      },
    });
    const made = jsonExample(z.toJSONSchema(Node) as Parameters<typeof jsonExample>[0], "leaf");
    expect(made).toMatchObject({ name: "leaf", children: [{ name: "leaf" }] });
  });

  it("finds the first object in a text, whatever braces stand around it", () => {
    expect(firstObject('a { b {"c": "}{", "d": {"e": 1}} f }')).toEqual({ c: "}{", d: { e: 1 } });
    expect(firstObject("{ no json }")).toBeUndefined();
    expect(firstObject("{".repeat(2_000))).toBeUndefined();
  });
});
