/** One suite, three providers. The two on a wire speak to a local server in its real format; the SDK is the real one. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Delta, TurnFailureCode } from "../../../src/domain/model/conversation.ts";
import { TurnFailure, TurnReply, textOf } from "../../../src/domain/model/conversation.ts";
import type { Stage } from "../../support/models/stages.ts";
import { callsOf, KEY, STAGES } from "../../support/models/stages.ts";
import type { Reaction } from "../../support/models/wire-server.ts";

const TOOLS = [
  {
    name: "find",
    description: "finds things",
    inputSchema: { type: "object" as const, properties: { what: { type: "string" } }, required: ["what"] },
  },
];
const REQUEST = { messages: "Find the café", maxTokens: 200 };

describe.each(STAGES)("$name", ({ model, skips, open }) => {
  let stage: Stage;
  beforeEach(async () => {
    stage = await open();
  });
  afterEach(() => stage.close());

  const signal = () => new AbortController().signal;
  const ask = (request: object = {}, options: object = {}) =>
    stage.models.generate({ ...REQUEST, ...request }, { signal: signal(), ...options });
  const failure = async (reaction: Reaction, models = stage.models): Promise<TurnFailure> => {
    stage.plan(reaction);
    const error = await models.generate(REQUEST, { signal: signal() }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(TurnFailure);
    return error as TurnFailure;
  };
  /** A test that does not apply here stays visible, with its reason. */
  const promises = (title: string, fn: () => Promise<void>) =>
    skips[title] ? it.skip(`${title} (${skips[title]})`, fn) : it(title, fn);

  promises("answers with text, usage and a price where there is one", async () => {
    stage.plan({ text: ["The ca", "fé is ", "open 🙂"] });
    const reply = await ask();
    expect(TurnReply.parse(reply)).toEqual(reply);
    expect(textOf(reply.content)).toBe("The café is open 🙂");
    expect(reply.stopReason).toBe("end_turn");
    expect(reply.simulated).toBe(model === "scripted");
    expect(reply.inputTokens).toBeGreaterThan(0);
    expect(reply.outputTokens).toBeGreaterThan(0);
  });

  promises("is not refused for a blank answer that came before", async () => {
    stage.plan({ text: [" ", "\n"] });
    const first = await ask();
    stage.plan({ text: ["ok"] });
    const conversation = [
      { role: "user" as const, content: "Find the café" },
      { role: "assistant" as const, content: first.content },
      { role: "user" as const, content: "Please answer." },
    ];
    await stage.models.generate({ ...REQUEST, system: " \n", messages: conversation }, { signal: signal() });
    const sent = stage.requests.at(-1)?.body ?? {};
    const texts = JSON.stringify(sent).match(/"(?:text|content)":"[^"]*"/g) ?? [];
    expect(texts.filter((text) => /":"(?:\s|\\n)*"$/.test(text))).toEqual([]);
    expect(sent.system).toBeUndefined();
  });

  promises("uses no more than was estimated", async () => {
    stage.plan({ text: ["ok"], usage: { input: 40, output: 190 } });
    const request = { ...REQUEST, system: "Be brief", tools: TOOLS };
    const { inputTokens, costUsd } = stage.models.estimate(request);
    const reply = await ask(request);
    expect(reply.inputTokens).toBeLessThanOrEqual(inputTokens);
    if (costUsd === null) expect(reply.costUsd).toBeNull();
    else expect(reply.costUsd).toBeLessThanOrEqual(costUsd);
  });

  promises("tells which model answered", async () => {
    stage.plan({ text: ["hi"], model: `${model}-20261001` });
    expect((await ask()).model).toBe(`${model}-20261001`);
  });

  for (const stopReason of ["end_turn", "max_tokens", "refusal", "pause_turn", "stop_sequence"] as const)
    promises(`tells the stop reason ${stopReason}`, async () => {
      stage.plan({ text: ["so far"], stopReason });
      expect((await ask()).stopReason).toBe(stopReason);
    });

  promises("calls several tools in one turn", async () => {
    stage.plan({
      text: ["Looking."],
      tools: [
        { id: "call_1", name: "find", json: ['{"what":"café"}'] },
        { id: "call_2", name: "find", json: ['{"what":"bar"}'] },
      ],
    });
    const reply = await ask({ tools: TOOLS });
    expect(reply.stopReason).toBe("tool_use");
    expect(callsOf(reply).map(({ input }) => input)).toEqual([{ what: "café" }, { what: "bar" }]);
    expect(new Set(callsOf(reply).map(({ id }) => id)).size).toBe(2);
  });

  promises("makes an empty input an object", async () => {
    stage.plan({
      tools: [
        { id: "a", name: "find", json: [] },
        { id: "b", name: "find", json: [""] },
      ],
    });
    const calls = callsOf(await ask({ tools: TOOLS }));
    expect(calls.map(({ input, malformed }) => [input, malformed])).toEqual([
      [{}, undefined],
      [{}, undefined],
    ]);
  });

  promises("puts the pieces of a tool's input together, wherever they are cut", async () => {
    const input = { what: 'caf\u00e9 "☕" \\ \n 🙂', deep: { list: [1, -2.5e3, null, true] } };
    const json = JSON.stringify(input).replace("é", "\\u00e9").replace("🙂", "\\ud83d\\ude42");
    stage.plan({
      tools: [
        { id: "a", name: "find", json: [...json] },
        { id: "b", name: "find", json: ["", json.slice(0, 13), json.slice(13), ""] },
      ],
    });
    expect(callsOf(await ask({ tools: TOOLS }))).toEqual([
      { type: "tool_use", id: "a", name: "find", input },
      { type: "tool_use", id: "b", name: "find", input },
    ]);
  });

  promises("keeps what a tool call is written in, when that is no JSON", async () => {
    const tools = ['{"what":"/tm', '["what"]', "what?"].map((json, index) => ({
      id: `call_${index}`,
      name: "find",
      json: [json],
    }));
    stage.plan({ tools, stopReason: "max_tokens" });
    expect(callsOf(await ask({ tools: TOOLS })).map(({ input, malformed }) => [input, malformed])).toEqual([
      [{}, '{"what":"/tm'],
      [{}, '["what"]'],
      [{}, "what?"],
    ]);
  });

  promises("counts what is read from the cache", async () => {
    stage.plan({ text: ["hi"], usage: { input: 10, output: 5, read: 1_000 } });
    expect(await ask()).toMatchObject({ inputTokens: 1_010, outputTokens: 5, cacheReadTokens: 1_000 });
  });

  promises("counts what is written to the cache", async () => {
    stage.plan({ text: ["hi"], usage: { input: 10, output: 5, read: 100, write: 1_000 } });
    expect(await ask()).toMatchObject({ inputTokens: 1_110, cacheReadTokens: 100, cacheWriteTokens: 1_000 });
  });

  promises("tells each piece of text with its place", async () => {
    const pieces = ["The first half, ", "and 🙂", " the second."];
    stage.plan({ text: pieces, tools: [{ id: "a", name: "find", json: ["{}"] }] });
    const deltas: Delta[] = [];
    const reply = await ask({ tools: TOOLS }, { onDelta: (delta: Delta) => deltas.push(delta) });
    let heard = "";
    for (const { offset, text } of deltas) {
      expect(offset).toBe(heard.length);
      heard += text;
    }
    expect(heard).toBe(textOf(reply.content));
    expect(heard).toBe(pieces.join(""));
    expect(deltas.length).toBeGreaterThan(1);
  });

  promises("survives a reader that throws", async () => {
    stage.plan({ text: ["one", "two"] });
    const onDelta = () => {
      throw new Error("the reader is gone");
    };
    expect(textOf((await ask({}, { onDelta })).content)).toBe("onetwo");
  });

  promises("refuses a request that has no valid form before anybody sees it", async () => {
    const messages = [{ role: "robot", content: "hi" }];
    const error = await stage.models
      .generate({ ...REQUEST, messages: messages as never }, { signal: signal() })
      .catch((thrown) => thrown);
    expect(error).toMatchObject({ code: "invalid_request", retryable: false, spent: "nothing" });
    expect(stage.requests).toHaveLength(0);
  });

  promises("does nothing when it was called off before", async () => {
    stage.plan({ text: ["late"] });
    await expect(ask({}, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "aborted" });
    expect(stage.requests).toHaveLength(0);
  });

  promises("lets go of the connection when it is called off", async () => {
    const controller = new AbortController();
    stage.plan({ text: Array.from({ length: 50 }, () => "word "), pauseMs: 10 });
    const turn = ask({}, { signal: controller.signal, onDelta: () => controller.abort() });
    await expect(turn).rejects.toMatchObject({ code: "aborted", retryable: false, spent: "unknown" });
    await stage.requests[0]?.abandoned;
  });

  promises("shows its key and nothing else", async () => {
    stage.plan({ text: ["hi"] });
    await ask();
    expect(stage.requests[0]?.headers.authorization).toBe(`Bearer ${KEY}`);
    expect(stage.requests[0]?.headers["x-api-key"]).toBeUndefined();
  });

  promises("asks once, whatever comes back", async () => {
    await failure({ status: 529, type: "overloaded_error" });
    await failure({ status: 500 });
    await failure({ status: 429, headers: { "retry-after": "0" } });
    expect(stage.requests).toHaveLength(3);
  });

  promises("classifies answers with an error status", async () => {
    const table: [number, TurnFailureCode, boolean, "nothing" | "unknown"][] = [
      [400, "invalid_request", false, "nothing"],
      [401, "authentication", false, "nothing"],
      [402, "authentication", false, "nothing"],
      [403, "authentication", false, "nothing"],
      [404, "invalid_request", false, "nothing"],
      [408, "timeout", true, "unknown"],
      [409, "server_error", true, "nothing"],
      [413, "invalid_request", false, "nothing"],
      [422, "invalid_request", false, "nothing"],
      [429, "rate_limited", true, "nothing"],
      [500, "server_error", true, "nothing"],
      [502, "server_error", true, "nothing"],
      [503, "overloaded", true, "nothing"],
      [504, "timeout", true, "unknown"],
      [529, "overloaded", true, "nothing"],
    ];
    for (const [status, code, retryable, spent] of table) {
      const error = await failure({ status, message: `no, key ${KEY} is bad` });
      expect({ status, code: error.code, retryable: error.retryable, spent: error.spent }).toEqual({
        status,
        code,
        retryable,
        spent,
      });
      expect(error.message).toContain(`${status}: no, key sk-… is bad (request req_planned)`);
    }
    expect(await failure({ status: 429, headers: { "x-should-retry": "false" } })).toMatchObject({ retryable: false });
    expect(await failure({ status: 400, headers: { "x-should-retry": "true" } })).toMatchObject({ retryable: true });
  });

  promises("reads retry-after", async () => {
    const date = "Fri, 20 Nov 2026 10:00:00 GMT";
    const table: [Record<string, string>, number | undefined][] = [
      [{ "retry-after": "3" }, 3_000],
      [{ "retry-after": "0.5" }, 500],
      [{ "retry-after-ms": "1250", "retry-after": "9" }, 1_250],
      [{ date, "retry-after": "Fri, 20 Nov 2026 10:01:30 GMT" }, 90_000],
      [{ date, "retry-after": "Fri, 20 Nov 2026 09:00:00 GMT" }, undefined],
      [{ "retry-after": "soon" }, undefined],
      [{}, undefined],
    ];
    for (const [headers, retryAfterMs] of table)
      expect((await failure({ status: 429, headers })).retryAfterMs, JSON.stringify(headers)).toBe(retryAfterMs);
  });

  promises("reads an error that is no JSON", async () => {
    expect(await failure({ status: 502, body: "<h1>Bad gateway</h1>" })).toMatchObject({
      code: "server_error",
      message: expect.stringContaining("Bad gateway"),
    });
  });

  promises("knows an answer that was cut", async () => {
    for (const afterFrames of [1, 3])
      expect(await failure({ text: ["one", "two"], weather: { afterFrames, how: "cut" } })).toMatchObject({
        code: "cut_stream",
        retryable: true,
        spent: "unknown",
      });
  });

  promises("knows an answer that ended too early", async () => {
    for (const afterFrames of [0, 1, 3])
      expect(await failure({ text: ["one", "two"], weather: { afterFrames, how: "end" } })).toMatchObject({
        code: "cut_stream",
        spent: "unknown",
      });
  });

  promises("knows an error in the middle of an answer", async () => {
    const table: [string, TurnFailureCode][] = [
      ["overloaded_error", "overloaded"],
      ["rate_limit_error", "rate_limited"],
      ["timeout_error", "timeout"],
      ["invalid_request_error", "invalid_request"],
      ["api_error", "server_error"],
      ["never_heard_of_it", "server_error"],
    ];
    for (const [type, code] of table)
      expect(await failure({ text: ["one"], weather: { afterFrames: 2, how: { type, message: "oh" } } })).toMatchObject(
        { code, spent: "unknown", message: expect.stringContaining("broke off: ") },
      );
  });

  promises("gives up an answer that falls silent", async () => {
    const planned: Reaction = { text: ["one", "two"], weather: { afterFrames: 3, how: "hang" } };
    const error = await failure(planned, stage.patient(50));
    expect(error).toMatchObject({ code: "timeout", retryable: true, spent: "unknown" });
    await stage.requests[0]?.abandoned;
  });

  promises("gives up an answer that never begins", async () => {
    for (const how of ["hang", "hang before the head"] as const)
      expect(await failure({ weather: { afterFrames: 0, how } }, stage.patient(50)), how).toMatchObject({
        code: "timeout",
        spent: "unknown",
      });
  });

  promises("waits as long as something comes", async () => {
    stage.plan({ text: Array.from({ length: 25 }, () => "slow "), pauseMs: 25 });
    const reply = await stage.patient(500).generate(REQUEST, { signal: signal() });
    expect(textOf(reply.content)).toBe("slow ".repeat(25));
  });

  promises("knows a server that is not there", async () => {
    await stage.close();
    const error = await ask().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "connection", retryable: true, spent: "nothing" });
    // The suite closes its stage once more.
    stage = await open();
  });
});
