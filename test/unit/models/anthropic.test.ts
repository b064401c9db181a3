/** What only Anthropic's wire has: what exactly is sent, the prompt cache, reasoning, stop details. */

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { layeredPrompt } from "../../../src/define/index.ts";
import type { Message } from "../../../src/domain/model/conversation.ts";
import type { Json } from "../../../src/domain/values/json.ts";
import { createModels } from "../../../src/models/models.ts";
import { startAnthropicServer } from "../../support/models/anthropic-server.ts";
import type { WireServer } from "../../support/models/wire-server.ts";

const TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

const PNG = "iVBORw0KGgo=";
const EPHEMERAL = { type: "ephemeral" };
const FIND = { name: "find", description: "finds", inputSchema: { type: "object" as const, properties: {} } };
const STOP = { name: "stop", description: "stops", inputSchema: { type: "object" as const, properties: {} } };

describe("a request to Anthropic", () => {
  let server: WireServer;
  beforeEach(async () => {
    server = await startAnthropicServer();
  });
  afterEach(() => server.close());

  const ask = (request: object) =>
    createModels({ anthropicKey: "sk-ant-test", anthropicBaseUrl: server.url }).generate(
      { messages: "hi", maxTokens: 50, ...request },
      { signal: new AbortController().signal },
    );
  const sent = async (request: object) => {
    server.plan({ text: ["ok"] });
    await ask(request);
    return server.requests.at(-1)?.body ?? {};
  };

  it("goes to the current Sonnet when it names no model, and nowhere but to the base URL", async () => {
    expect(await sent({})).toEqual({
      model: "claude-sonnet-5-5",
      max_tokens: 50,
      stream: true,
      messages: [{ role: "user", content: [{ type: "text", text: "hi" }] }],
    });
    expect(server.requests[0]?.path).toBe("/v1/messages");
    expect(server.requests[0]?.headers["anthropic-version"]).toBe("2026-10-21");
  });

  it("takes the caller's trace along", async () => {
    server.plan({ text: ["ok"] });
    const models = createModels({ anthropicKey: "sk-ant-test", anthropicBaseUrl: server.url });
    const how = { signal: new AbortController().signal, traceparent: TRACEPARENT };
    await models.generate({ messages: "hi", maxTokens: 50 }, how);
    expect(server.requests.at(-1)?.headers.traceparent).toBe(TRACEPARENT);
    await sent({});
    expect(server.requests.at(-1)?.headers.traceparent).toBeUndefined();
  });

  it("marks the stable prefix of a layered prompt apart from its context, and counts what is found in the cache", async () => {
    const models = createModels({ anthropicKey: "sk-ant-test", anthropicBaseUrl: server.url });
    const ask = async (context: string, usage: object) => {
      const { text } = layeredPrompt({ context, rules: "Never promise a price.", identity: "You run a shop." });
      server.plan({ text: ["ok"], usage: { input: 10, output: 1, ...usage } });
      const reply = await models.generate(
        { messages: "hi", maxTokens: 50, system: text },
        { signal: new AbortController().signal },
      );
      return { text, reply, system: server.requests.at(-1)?.body.system as { text: string; cache_control: object }[] };
    };
    const first = await ask("It is Monday.", { write: 900 });
    const second = await ask("It is Tuesday.", { read: 900 });
    expect(second.system).toHaveLength(2);
    expect(second.system[0]).toEqual({ ...first.system[0], cache_control: EPHEMERAL });
    expect(second.system[1]?.text).toContain("Tuesday");
    expect(second.system.map(({ text }) => text).join("")).toBe(second.text);
    expect([first.reply.cacheWriteTokens, second.reply.cacheReadTokens]).toEqual([900, 900]);
    const plain = await sent({ system: "Say <context>\nx\n</context> at the end." });
    expect(plain.system).toHaveLength(1);
  });

  it("marks the system prompt and the last tool for the cache, and only them", async () => {
    const body = await sent({ system: "Be brief", tools: [FIND, STOP] });
    expect(body.system).toEqual([{ type: "text", text: "Be brief", cache_control: EPHEMERAL }]);
    expect(body.tools).toEqual([
      { name: "find", description: "finds", input_schema: FIND.inputSchema },
      { name: "stop", description: "stops", input_schema: STOP.inputSchema, cache_control: EPHEMERAL },
    ]);
    expect(JSON.stringify(body.messages)).not.toContain("cache_control");
  });

  it("carries every kind of block", async () => {
    const messages: Message[] = [
      {
        role: "user",
        content: [
          { type: "text", text: "" },
          { type: "image", mediaType: "image/png", data: PNG },
          { type: "document", mediaType: "application/pdf", data: "JVBERi0=", title: "order" },
          { type: "document", mediaType: "text/plain", data: btoa("plain") },
        ],
      },
      { role: "assistant", content: [{ type: "tool_use", id: "call_1", name: "find", input: { a: 1 } }] },
      {
        role: "user",
        content: [
          {
            type: "tool_result",
            toolUseId: "call_1",
            content: [{ type: "image", mediaType: "image/png", data: PNG }],
          },
          { type: "tool_result", toolUseId: "call_2", content: "no", isError: true },
          { type: "tool_result", toolUseId: "call_3", content: "" },
        ],
      },
      { role: "assistant", content: "" },
      { role: "user", content: "Well?" },
    ];
    const image = { type: "image", source: { type: "base64", media_type: "image/png", data: PNG } };
    expect((await sent({ messages })).messages).toEqual([
      {
        role: "user",
        content: [
          image,
          {
            type: "document",
            source: { type: "base64", media_type: "application/pdf", data: "JVBERi0=" },
            title: "order",
          },
          { type: "document", source: { type: "text", media_type: "text/plain", data: "plain" } },
        ],
      },
      { role: "assistant", content: [{ type: "tool_use", id: "call_1", name: "find", input: { a: 1 } }] },
      {
        role: "user",
        content: [
          { type: "tool_result", tool_use_id: "call_1", content: [image] },
          { type: "tool_result", tool_use_id: "call_2", content: "no", is_error: true },
          { type: "tool_result", tool_use_id: "call_3" },
        ],
      },
      { role: "user", content: [{ type: "text", text: "Well?" }] },
    ]);
  });

  it("leaves blank texts out, and ends a paused turn without white space", async () => {
    const messages: Message[] = [
      {
        role: "user",
        content: [
          { type: "text", text: " \n\t" },
          { type: "text", text: "hi" },
        ],
      },
      { role: "assistant", content: " " },
      { role: "user", content: [{ type: "tool_result", toolUseId: "c", content: [{ type: "text", text: "\u00a0" }] }] },
      { role: "assistant", content: "So far \n" },
    ];
    expect((await sent({ system: "  ", messages })).messages).toEqual([
      { role: "user", content: [{ type: "text", text: "hi" }] },
      { role: "user", content: [{ type: "tool_result", tool_use_id: "c" }] },
      { role: "assistant", content: [{ type: "text", text: "So far" }] },
    ]);
  });

  it("gives reasoning and server tools back unchanged, and only to the model that made them", async () => {
    const blocks: { [key: string]: Json }[] = [
      { type: "thinking", thinking: "Hmm…", signature: "c2lnbmVk" },
      { type: "redacted_thinking", data: "aGlkZGVu" },
      { type: "server_tool_use", id: "srv_1", name: "web_search", input: { query: "café" } },
    ];
    server.plan({ blocks, text: ["Found."], stopReason: "pause_turn" });
    const { content } = await ask({});
    expect(content.map(({ type }) => type)).toEqual(["opaque", "opaque", "opaque", "text"]);
    const messages: Message[] = [
      { role: "user", content: "hi" },
      { role: "assistant", content },
    ];
    const again = await sent({ messages });
    expect(again.messages).toEqual([
      { role: "user", content: [{ type: "text", text: "hi" }] },
      { role: "assistant", content: [...blocks, { type: "text", text: "Found." }] },
    ]);
    const other = await sent({ messages, model: "claude-opus-5-5" });
    expect(JSON.stringify(other.messages)).not.toContain("c2lnbmVk");
  });

  it("is told why a request was refused", async () => {
    server.plan({ stopReason: "refusal" });
    const reply = await ask({});
    expect(reply).toMatchObject({ content: [], stopReason: "refusal", stopDetail: "not with this model" });
  });

  it("is priced by the model it asked for", async () => {
    server.plan({ text: ["hi"], usage: { input: 1_000, output: 100, read: 10_000, write: 2_000 } });
    const { costUsd } = await ask({});
    // $2 in, $10 out, $0.10 read, $2.50 written, each per million.
    expect(costUsd).toBeCloseTo(0.002 + 0.001 + 0.001 + 0.005, 12);
    server.plan({ text: ["hi"] });
    expect((await ask({ model: "claude-unheard-of-9" })).costUsd).toBeNull();
  });

  it("is answered with an error when the answer does not say what it used", async () => {
    server.plan({ text: ["hi"], usage: { input: Number.NaN, output: 1 } });
    await expect(ask({})).rejects.toMatchObject({ code: "server_error", spent: "unknown" });
  });
});

it("the server answers in one piece when no stream is asked for", async () => {
  const server = await startAnthropicServer();
  server.plan({ text: ["o", "k"], tools: [{ id: "a", name: "find", json: ['{"a"', ":1}"] }] });
  const response = await fetch(`${server.url}/v1/messages`, { method: "POST", body: "{}" });
  expect(await response.json()).toMatchObject({
    type: "message",
    content: [
      { type: "text", text: "ok" },
      { type: "tool_use", input: { a: 1 } },
    ],
    stop_reason: "tool_use",
  });
  await server.close();
});
