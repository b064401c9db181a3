/** Prices, bounds and who answers. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { NOTHING, plus } from "../../../src/domain/execution/budget.ts";
import type { Block } from "../../../src/domain/model/conversation.ts";
import { catalogEntry, DEFAULT_MODEL, DEFAULT_OPENAI_MODEL } from "../../../src/models/catalog.ts";
import { costOf, worstCost } from "../../../src/models/cost.ts";
import { createModels } from "../../../src/models/models.ts";
import type { Fetch } from "../../../src/models/silence.ts";

const signal = new AbortController().signal;
const M = 1_000_000;
type Counts = readonly [input: number, output: number, read?: number, write?: number];
const usage = (...[inputTokens, outputTokens, cacheReadTokens = 0, cacheWriteTokens = 0]: Counts) => ({
  inputTokens,
  outputTokens,
  cacheReadTokens,
  cacheWriteTokens,
});

describe("the price of a turn", () => {
  const table: [string, ReturnType<typeof usage>, number | null][] = [
    ["claude-sonnet-5-5", usage(M, M), 12],
    ["claude-sonnet-5-5", usage(M, 0, M), 0.1],
    ["claude-sonnet-5-5", usage(M, 0, 0, M), 2.5],
    ["claude-sonnet-5-5", usage(M, 0, 400_000, 400_000), 0.4 + 0.04 + 1],
    ["claude-opus-5-5", usage(M, M), 24],
    ["claude-haiku-4-5-20251001", usage(M, M), 6],
    ["claude-haiku-5-5", usage(100_000, M), 0.01 + 0.5],
    ["claude-haiku-5-5", usage(100_001, M), 0.0500005 + 2.5],
    ["claude-fable-5-2", usage(M, M), null],
    ["constructor", usage(M, M), null],
    ["gpt-6.1-sol", usage(100_000, M, 50_000, 40_000), 0.02 + 0.005 + 0.1 + 10],
    ["gpt-6.1-sol", usage(272_001, M), 1.088004 + 15],
    ["llama", usage(M, M), null],
    ["scripted", usage(M, M), 0],
  ];
  it.each(table)("%s, %o: %s dollars", (model, used, dollars) => {
    const cost = costOf(catalogEntry(model).price, used);
    if (dollars === null) expect(cost).toBeNull();
    else expect(cost).toBeCloseTo(dollars, 9);
  });

  it("is told without the noise of floating point, alone and in sums", () => {
    const { price } = catalogEntry("claude-sonnet-5-5");
    const texts = [1, 3, 7, 11, 333].map((tokens) => costOf(price, usage(tokens, tokens, 0, 0)));
    expect(texts).toEqual([0.000012, 0.000036, 0.000084, 0.000132, 0.003996]);
    const spent = texts.map((costUsd) => ({ ...NOTHING, costUsd: costUsd ?? 0 }));
    expect(spent.reduce(plus).costUsd).toBe(0.00426);
    expect(plus({ ...NOTHING, costUsd: 0.1 }, { ...NOTHING, costUsd: 0.2 }).costUsd).toBe(0.3);
  });

  it("is never more than the worst case said", () => {
    const models = fc.constantFrom("claude-sonnet-5-5", "claude-haiku-5-5", "claude-fable-5-1");
    const count = fc.integer({ min: 0, max: 300_000 });
    fc.assert(
      fc.property(models, fc.tuple(count, count, count, count), (model, [plain, read, write, output]) => {
        const { price } = catalogEntry(model);
        const inputTokens = plain + read + write;
        const cost = costOf(price, usage(inputTokens, output, read, write));
        for (const slack of [0, 1, 150_000])
          expect(cost).toBeLessThanOrEqual(
            (worstCost(price, { inputTokens: inputTokens + slack, maxTokens: output }) ?? 0) + 1e-12,
          );
      }),
    );
  });

  it("is known for the default model", () => {
    expect(catalogEntry(DEFAULT_MODEL).price).not.toBeNull();
  });
});

describe("the estimate of a request", () => {
  const models = createModels({ anthropicKey: "sk-ant-test" });
  const bound = (content: string | Block[], rest: object = {}) =>
    models.estimate({ messages: [{ role: "user", content }], maxTokens: 1, ...rest } as never).inputTokens;

  it("is at least a token a byte, for the worst of texts", () => {
    for (const text of ["plain words", "12345678901234567890", "漢字かな交じり", "🙂🙃", "\u0007\u{10ffff}"])
      expect(bound(text.repeat(50)), text).toBeGreaterThanOrEqual(new TextEncoder().encode(text).length * 50);
  });

  it("counts the system prompt, tools, calls, results and what is opaque", () => {
    const long = "x".repeat(10_000);
    const tools = [{ name: "t", description: long, inputSchema: { type: "object" } }];
    const blocks: Block[] = [
      { type: "tool_use", id: "a", name: "t", input: { long } },
      { type: "tool_result", toolUseId: "a", content: [{ type: "text", text: long }] },
      { type: "opaque", provider: "anthropic", model: "m", data: long },
    ];
    expect(bound("hi", { system: long })).toBeGreaterThan(10_000);
    expect(bound("hi", { tools })).toBeGreaterThan(11_000);
    for (const block of blocks) expect(bound([block]), block.type).toBeGreaterThan(10_000);
  });

  it("counts a picture by its patches and not by its bytes, a PDF as all that can be read", () => {
    const data = "A".repeat(400_000);
    const image: Block = { type: "image", mediaType: "image/png", data };
    expect(bound([image])).toBeGreaterThan(8_000);
    expect(bound([image])).toBeLessThan(10_000);
    expect(bound([{ type: "tool_result", toolUseId: "a", content: [image] }])).toBeLessThan(10_000);
    expect(bound([{ type: "document", mediaType: "application/pdf", data }])).toBe(1_000_000);
    expect(bound([{ type: "document", mediaType: "application/pdf", data }], { model: "claude-haiku-4-5" })).toBe(
      200_000,
    );
  });

  it("is dear for a request that nobody can read", () => {
    const broken = { messages: [{ role: "robot", content: "x".repeat(5_000) }], maxTokens: 10 };
    expect(models.estimate(broken as never).inputTokens).toBeGreaterThan(5_000);
  });

  it("has no price where the model has none", () => {
    const request = { messages: "hi", maxTokens: 10 };
    expect(models.estimate({ ...request, model: "claude-unheard-of-9" }).costUsd).toBeNull();
    expect(models.estimate(request).costUsd).toBeGreaterThan(0);
  });
});

describe("who answers", () => {
  const asked = async (options: object, model?: string) => {
    const urls: string[] = [];
    const bodies: unknown[] = [];
    const fetch: Fetch = async (input, init) => {
      urls.push(String(input));
      bodies.push(JSON.parse(String(init?.body)));
      return new Response("{}", { status: 400 });
    };
    const request = { messages: "hi", maxTokens: 5, ...(model === undefined ? {} : { model }) };
    const reply = await createModels({ ...options, fetch })
      .generate(request, { signal })
      .catch((error: unknown) => error);
    return { reply, url: urls[0], body: bodies[0] };
  };
  const BOTH = { anthropicKey: "sk-ant-test", openaiKey: "sk-test" };
  const CLAUDE = "https://api.anthropic.com/v1/messages";
  const OPENAI = "https://api.openai.com/v1/chat/completions";

  it.each([
    [BOTH, undefined, CLAUDE],
    [BOTH, "claude-brand-new-7", CLAUDE],
    [BOTH, "gpt-x", OPENAI],
    [{ ...BOTH, defaultModel: "gpt-x" }, undefined, OPENAI],
    [
      { anthropicKey: "sk-ant-test", anthropicBaseUrl: "https://gw.test/a" },
      undefined,
      "https://gw.test/a/v1/messages",
    ],
    [{ openaiBaseUrl: "http://localhost:11434/v1" }, "llama3.2:3b", "http://localhost:11434/v1/chat/completions"],
  ])("%o with model %s: %s", async (options, model, url) => {
    expect((await asked(options, model)).url).toBe(url);
  });

  it.each([
    [{}, "scripted", "scripted", true],
    [{ defaultModel: "gpt-x" }, "scripted", "scripted", true],
    [{ anthropicKey: "sk-ant-test" }, DEFAULT_MODEL, "anthropic", true],
    [BOTH, DEFAULT_MODEL, "anthropic", true],
    [{ ...BOTH, defaultModel: "gpt-x" }, "gpt-x", "openai", true],
    [{ openaiKey: "sk-test" }, DEFAULT_OPENAI_MODEL, "openai", true],
    [{ openaiKey: "sk-test", anthropicKey: "" }, DEFAULT_OPENAI_MODEL, "openai", true],
    [{ openaiKey: "sk-test", defaultModel: "claude-sonnet-5-5" }, "claude-sonnet-5-5", "anthropic", false],
    [{ anthropicKey: "sk-ant-test", defaultModel: "gpt-x" }, "gpt-x", "openai", false],
  ])("usually, with %o: %s of %s, reachable: %s", (options, ...[model, provider, reachable]) => {
    const usual = { model, provider, reachable };
    expect(createModels(options).usual).toEqual(usual);
  });

  it("OpenAI with its default model, when its key is the only one", async () => {
    const { url, body } = await asked({ openaiKey: "sk-test" });
    expect(url).toBe(OPENAI);
    expect(body).toMatchObject({ model: DEFAULT_OPENAI_MODEL });
    expect(catalogEntry(DEFAULT_OPENAI_MODEL).price).not.toBeNull();
  });

  it("nobody, when a key is missing while another is there", async () => {
    const { reply, url } = await asked({ openaiKey: "sk-test" }, "claude-sonnet-5-5");
    expect(reply).toMatchObject({ code: "authentication", retryable: false, spent: "nothing" });
    expect(url).toBeUndefined();
  });

  it("the scripted one under its own name, keys or not", async () => {
    expect((await asked(BOTH, "scripted")).reply).toMatchObject({ simulated: true });
  });

  it("is not taken from the environment", async () => {
    process.env.ANTHROPIC_API_KEY = "sk-ant-from-the-environment";
    expect((await asked({})).reply).toMatchObject({ simulated: true });
    delete process.env.ANTHROPIC_API_KEY;
  });
});
