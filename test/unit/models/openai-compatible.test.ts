/** What only this wire has: what exactly is sent, and the ways in which servers differ. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Message } from "../../../src/domain/model/conversation.ts";
import type { ModelOptions } from "../../../src/models/models.ts";
import { createModels } from "../../../src/models/models.ts";
import { eventData } from "../../../src/models/server-sent-events.ts";
import type { Fetch } from "../../../src/models/silence.ts";
import { startOpenAiServer } from "../../support/models/openai-server.ts";
import type { WireServer } from "../../support/models/wire-server.ts";

const TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

const PNG = "iVBORw0KGgo=";
const signal = new AbortController().signal;

describe("a chat completion", () => {
  let server: WireServer;
  beforeEach(async () => {
    server = await startOpenAiServer();
  });
  afterEach(() => server.close());

  const ask = (request: object, options: ModelOptions = {}) =>
    createModels({ openaiBaseUrl: `${server.url}/v1/`, defaultModel: "llama", ...options }).generate(
      { messages: "hi", maxTokens: 50, ...request },
      { signal },
    );

  it("hears of the caller's trace", async () => {
    server.plan({ text: ["ok"] });
    const models = createModels({ openaiBaseUrl: `${server.url}/v1/`, defaultModel: "llama" });
    await models.generate({ messages: "hi", maxTokens: 50 }, { signal, traceparent: TRACEPARENT });
    expect(server.requests.at(-1)?.headers.traceparent).toBe(TRACEPARENT);
    server.plan({ text: ["ok"] });
    await ask({});
    expect(server.requests.at(-1)?.headers.traceparent).toBeUndefined();
  });

  it("is asked with tools, results and pictures in the words of the wire", async () => {
    const messages: Message[] = [
      { role: "user", content: "find" },
      {
        role: "assistant",
        content: [
          { type: "opaque", provider: "anthropic", model: "claude-sonnet-5-5", data: { signature: "x" } },
          { type: "tool_use", id: "call_1", name: "find", input: { a: 1 } },
          { type: "tool_use", id: "call_2", name: "find", input: {} },
        ],
      },
      {
        role: "user",
        content: [
          { type: "tool_result", toolUseId: "call_1", content: "none", isError: true },
          {
            type: "tool_result",
            toolUseId: "call_2",
            content: [
              { type: "text", text: "here" },
              { type: "image", mediaType: "image/png", data: PNG },
            ],
          },
          { type: "document", mediaType: "application/pdf", data: "JVBERi0=", title: "order" },
          { type: "document", mediaType: "text/plain", data: btoa("plain") },
          { type: "text", text: "and?" },
        ],
      },
    ];
    server.plan({ text: ["ok"] });
    const inputSchema = { type: "object" as const, properties: { a: { type: "integer" } } };
    await ask({ system: "Be brief", messages, tools: [{ name: "find", description: "finds", inputSchema }] });
    const called = (id: string, written: string) => ({
      id,
      type: "function",
      function: { name: "find", arguments: written },
    });
    expect(server.requests[0]?.headers.authorization).toBeUndefined();
    expect(server.requests[0]?.body).toEqual({
      model: "llama",
      max_tokens: 50,
      stream: true,
      stream_options: { include_usage: true },
      tools: [{ type: "function", function: { name: "find", description: "finds", parameters: inputSchema } }],
      messages: [
        { role: "system", content: "Be brief" },
        { role: "user", content: [{ type: "text", text: "find" }] },
        { role: "assistant", content: null, tool_calls: [called("call_1", '{"a":1}'), called("call_2", "{}")] },
        { role: "tool", tool_call_id: "call_1", content: "Error: none" },
        { role: "tool", tool_call_id: "call_2", content: "here\n(image below)" },
        {
          role: "user",
          content: [
            { type: "image_url", image_url: { url: `data:image/png;base64,${PNG}` } },
            { type: "file", file: { filename: "order", file_data: "data:application/pdf;base64,JVBERi0=" } },
            { type: "text", text: "document:\nplain" },
            { type: "text", text: "and?" },
          ],
        },
      ],
    });
  });

  it("has no price", async () => {
    server.plan({ text: ["ok"] });
    expect((await ask({})).costUsd).toBeNull();
  });

  const answering =
    (body: string, type = "text/event-stream"): Fetch =>
    async () =>
      new Response(body, { headers: { "content-type": type } });

  it("is understood in one piece", async () => {
    const body = JSON.stringify({
      choices: [{ message: { content: "whole" }, finish_reason: "stop" }],
      usage: { prompt_tokens: 3, completion_tokens: 2 },
    });
    expect(await ask({}, { fetch: answering(body, "application/json; charset=utf-8") })).toMatchObject({
      content: [{ type: "text", text: "whole" }],
      model: "llama",
      inputTokens: 3,
      outputTokens: 2,
    });
  });

  it("counts as its worst case when the server does not count", async () => {
    const body = 'data: {"choices":[{"delta":{"content":"hi"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n';
    const { inputTokens, outputTokens } = await ask({}, { fetch: answering(body) });
    expect(outputTokens).toBe(50);
    expect(inputTokens).toBeGreaterThan(2);
  });

  it("is a tool call even where the server calls it a stop, and its calls have no index", async () => {
    const calls = ["a", "b"].map((name) => ({ id: name, function: { name, arguments: "{}" } }));
    const chunk = { choices: [{ delta: { tool_calls: calls }, finish_reason: "stop" }] };
    const reply = await ask({}, { fetch: answering(`data: ${JSON.stringify(chunk)}\n\n`) });
    expect(reply.stopReason).toBe("tool_use");
    expect(reply.content).toHaveLength(2);
  });

  const streamed = (...chunks: object[]) =>
    answering(`${chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join("")}data: [DONE]\n\n`);
  const delta = (said: object, finish_reason: string | null = null) => ({ choices: [{ delta: said, finish_reason }] });

  it("keeps parallel calls apart where all have the index 0, one id or none at all", async () => {
    const call = (id: string | null, name: string, input: unknown) => ({
      tool_calls: [{ index: 0, id, function: { name, arguments: input } }],
    });
    for (const id of ["", null, "call_0"]) {
      const fetch = streamed(
        delta(call(id, "charge", '{"cents":100}')),
        delta(call(id, "charge", { cents: 200 })),
        delta({}, "tool_calls"),
      );
      const { content } = await ask({}, { fetch });
      expect(content).toMatchObject([
        { type: "tool_use", name: "charge", input: { cents: 100 } },
        { type: "tool_use", name: "charge", input: { cents: 200 } },
      ]);
      const ids = content.map((block) => (block.type === "tool_use" ? block.id : ""));
      expect(new Set(ids).size).toBe(2);
      expect(ids).not.toContain("");
    }
  });

  it("is heard once where the server ends its pieces with the whole message", async () => {
    const tool = { index: 0, id: "c", function: { name: "find", arguments: '{"a":1}' } };
    const fetch = streamed(delta({ content: "Let me " }), delta({ content: "look", tool_calls: [tool] }), {
      choices: [{ message: { content: "Let me look.", tool_calls: [tool] }, finish_reason: "tool_calls" }],
    });
    const heard: string[] = [];
    const reply = await createModels({ openaiBaseUrl: server.url, defaultModel: "llama", fetch }).generate(
      { messages: "hi", maxTokens: 50 },
      { signal, onDelta: ({ text }) => heard.push(text) },
    );
    expect(heard.join("")).toBe("Let me look.");
    expect(reply.content).toEqual([
      { type: "text", text: "Let me look." },
      { type: "tool_use", id: "c", name: "find", input: { a: 1 } },
    ]);
  });

  it("is whole when the server says that it is done and gives no reason", async () => {
    expect(await ask({}, { fetch: streamed(delta({ content: "hi" })) })).toMatchObject({ stopReason: "end_turn" });
  });

  it("with fields of another form than the wire's is read without them", async () => {
    const said = {
      content: ["no text"],
      tool_calls: [{ index: "0", id: 7, function: { name: "find", arguments: "{}" } }],
    };
    const fetch = streamed({ ...delta(said, "tool_calls"), usage: { prompt_tokens: "many", completion_tokens: 3 } });
    const reply = await ask({}, { fetch });
    expect(reply.content).toEqual([{ type: "tool_use", id: "call_1", name: "find", input: {} }]);
    expect(reply.inputTokens).toBeGreaterThan(2);
  });

  it("is a single call in the older words too", async () => {
    const fetch = streamed(delta({ function_call: { name: "find", arguments: '{"a":1}' } }, "function_call"));
    expect(await ask({}, { fetch })).toMatchObject({
      stopReason: "tool_use",
      content: [{ name: "find", input: { a: 1 } }],
    });
  });

  it("is a refusal when the model says one", async () => {
    const body = 'data: {"choices":[{"delta":{"refusal":"I will not"},"finish_reason":"stop"}]}\n\n';
    expect(await ask({}, { fetch: answering(body) })).toMatchObject({
      stopReason: "refusal",
      stopDetail: "I will not",
    });
  });

  it("is not tried again on an empty purse", async () => {
    server.plan({ status: 429, type: "insufficient_quota" });
    await expect(ask({})).rejects.toMatchObject({ code: "authentication", retryable: false });
  });

  it("limits its output in OpenAI's new word only at OpenAI", async () => {
    const bodies: string[] = [];
    const fetch: Fetch = async (_, init) => {
      bodies.push(String(init?.body));
      return new Response("no", { status: 400 });
    };
    const models = createModels({ openaiKey: "sk-test", fetch });
    await models.generate({ model: "gpt-x", messages: "hi", maxTokens: 5 }, { signal }).catch(() => {});
    expect(JSON.parse(bodies[0] ?? "{}")).toMatchObject({ max_completion_tokens: 5 });
  });
});

it("a reader that has heard enough lets go of the connection", async () => {
  let letGo = false;
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(new TextEncoder().encode("data: [DONE]\n\n")),
    cancel: () => {
      letGo = true;
    },
  });
  const fetch: Fetch = async () => new Response(body, { headers: { "content-type": "text/event-stream" } });
  const models = createModels({ openaiKey: "sk-test", fetch });
  const turn = models.generate({ model: "m", messages: "hi", maxTokens: 5 }, { signal });
  await expect(turn).rejects.toMatchObject({ code: "cut_stream" });
  expect(letGo).toBe(true);
});

describe("server-sent events", () => {
  const read = async (chunks: readonly string[]) => {
    const bytes = chunks.map((chunk) => Uint8Array.from(chunk, (char) => char.charCodeAt(0)));
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        for (const chunk of bytes) controller.enqueue(chunk);
        controller.close();
      },
    });
    const found: string[] = [];
    for await (const data of eventData(body)) found.push(data);
    return found;
  };
  const WIRE =
    ": hello\r\n\r\nevent: x\r\ndata: one\r\ndata:two\r\n\r\nid: 3\rdata:  three\r\rdata: four\n\n\ndata: last";

  it("are read however the bytes are cut", async () => {
    const expected = ["one\ntwo", " three", "four", "last"];
    expect(await read([WIRE])).toEqual(expected);
    for (let cut = 1; cut < WIRE.length; cut += 1)
      expect(await read([WIRE.slice(0, cut), WIRE.slice(cut)]), `cut at ${cut}`).toEqual(expected);
    expect(await read([...WIRE])).toEqual(expected);
  });

  it("are given up when one of them has no end, in one line or in many", async () => {
    const mebibyte = "x".repeat(1_048_576);
    const many = (piece: string) => Array.from({ length: 18 }, () => piece);
    for (const endless of [["data: ", ...many(mebibyte)], many(`data: ${mebibyte}\n`)]) {
      const failure = await read(["data: first\n\n", ...endless]).catch((error: unknown) => error);
      expect(failure).toMatchObject({ name: "TurnFailure", code: "server_error", spent: "unknown" });
      expect(failure).toMatchObject({ message: expect.stringContaining("more than 16777216 characters") });
    }
    // What means nothing is not kept, however long it is.
    expect(await read(["data: first\n\n: ", ...many(mebibyte), "\n", "note: ", ...many(mebibyte)])).toEqual(["first"]);
  });
});
