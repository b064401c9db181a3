/** Tools of agentic executions: leaves with entries of their own, and what the model is told of each. */
import { describe, expect, expectTypeOf, it } from "vitest";
import * as z from "zod";
import type { Tool, Validator } from "../../../../src/define/index.ts";
import {
  called,
  defineAgent,
  defineExecution,
  defineTool,
  fail,
  InDoubt,
  offer,
  pass,
  service,
  stopExecution,
  ToolError,
  validJson,
} from "../../../../src/define/index.ts";
import type { Script, ScriptedAnswer } from "../../../../src/domain/model/script.ts";
import type { Ran } from "../../../support/executions.ts";
import { goOn, lookAt, runDefinition } from "../../../support/executions.ts";
import { ROOT } from "../../../support/simulator/sim-world.ts";

const agent = defineAgent({ id: "worker", description: "Works.", version: "1" });

interface Case {
  readonly tools: readonly Tool[];
  /** Calls of each turn; the turn after the last answers `{}`. */
  readonly calls: readonly NonNullable<ScriptedAnswer["tools"]>[];
  readonly validators?: readonly Validator[];
  readonly maxToolRounds?: number;
  readonly failureCodes?: readonly "shop_closed"[];
}

function definitionOf({ calls, ...rest }: Case) {
  const script: Script = [...calls.map((tools) => ({ reply: { tools } })), ...ends];
  const execute = ({ conversation }: { conversation: { ask(prompt: string): Promise<string> } }) =>
    conversation.ask("Do it.");
  return defineExecution({
    ...{ key: "job", agent, name: "Job", description: "A job.", input: z.object({}) },
    ...{ script, execute, ...rest },
  });
}
const ends: Script = Array.from({ length: 5 }, () => ({ reply: { text: "{}" } }));

const run = (given: Case, services: Readonly<Record<string, unknown>> = {}): Promise<Ran> =>
  runDefinition(definitionOf(given), {}, { services });
const typesOf = ({ events }: Ran) => events.map(({ type }) => type).filter((type) => type.startsWith("tool."));
/** What the model read, call by call. */
const told = ({ conversation }: Ran) =>
  conversation.messages.flatMap(({ toolResults }) =>
    toolResults.map(({ text, isError }) => (isError ? `error: ${text}` : text)),
  );

const add = defineTool({
  name: "add",
  description: "Adds.",
  input: z.object({ a: z.number(), b: z.number().default(1) }),
  output: z.number(),
  idempotent: true,
  run: ({ a, b }) => a + b,
});

describe("a tool", () => {
  it("gets its parsed input, and the model its answer; the log has the intent before it and the result after it", async () => {
    const ran = await run({ tools: [add], calls: [[{ name: "add", input: { a: 2 } }]] });
    expect(ran).toMatchObject({ status: "succeeded", turns: 2 });
    expect(told(ran)).toEqual(["3"]);
    expect(typesOf(ran)).toEqual(["tool.started", "tool.completed"]);
    const [started] = ran.events.filter(({ type }) => type === "tool.started");
    expect(started?.data).toMatchObject({ kind: "tool", name: "add", input: { a: 2, b: 1 } });
  });

  it("is a leaf: it is handed four things, and none of them asks the engine (E4)", async () => {
    const seen: string[][] = [];
    const leaf = defineTool({
      ...{ name: "leaf", description: "", input: z.object({}), services: { shop: service<{ open: boolean }>() } },
      run: (_input, given) => {
        expectTypeOf(given.services).toEqualTypeOf<{ readonly shop: { open: boolean } }>();
        seen.push(Object.keys(given), Object.keys(given.services));
        return given.services.shop.open;
      },
    });
    const ran = await run(
      { tools: [leaf], calls: [[{ name: "leaf", input: {} }]] },
      { shop: { open: true }, other: "not declared" },
    );
    expect(told(ran)).toEqual(["true"]);
    expect(seen).toEqual([["services", "idempotencyKey", "scratchpad", "signal"], ["shop"]]);
  });

  it("that asks the engine all the same is refused", async () => {
    let smuggled: { sleep(ms: number): Promise<void> } | undefined;
    const leaf = defineTool({
      ...{ name: "leaf", description: "", input: z.object({}) },
      run: async () => {
        await smuggled?.sleep(5);
        return "slept";
      },
    });
    const definition = defineExecution({
      ...{ key: "job", agent, name: "", description: "", input: z.object({}), tools: [leaf] },
      script: [{ reply: { tools: [{ name: "leaf", input: {} }] } }, ...ends],
      execute: (ctx) => {
        smuggled = ctx;
        return ctx.conversation.ask("Do it.");
      },
    });
    const [text] = told(await runDefinition(definition, {}));
    expect(text).toContain('"leaf" asked for "sleep": a step, an effect or a tool is a leaf');
  });

  it("is not run with an input that does not fit: the model is told the field paths", async () => {
    const ran = await run({ tools: [add], calls: [[{ name: "add", input: { a: "two", c: 1 } }]] });
    expect(typesOf(ran)).toEqual([]);
    expect(told(ran)[0]).toMatch(/^error: The input of "add" does not fit:\n- a: .*number/);
    expect(told(ran)[0]).toContain("- c: unknown key");
  });

  it("that nobody declared is answered with the names of those there are", async () => {
    const ran = await run({ tools: [add], calls: [[{ name: "subtract", input: {} }]] });
    expect(told(ran)).toEqual(['error: There is no tool "subtract". The tools are: add, stop_execution.']);
  });

  it("is not run by a call that could not be read, or that came cut off", async () => {
    const cut: Script = [{ reply: { tools: [{ name: "add", input: { a: 1 } }], stopReason: "max_tokens" } }, ...ends];
    const definition = defineExecution({
      ...{ key: "job", agent, name: "", description: "", input: z.object({}), tools: [add], script: cut },
      execute: ({ conversation }) => conversation.ask("Do it."),
    });
    const ran = await runDefinition(definition, {});
    expect(typesOf(ran)).toEqual([]);
    expect(told(ran)[0]).toMatch(/^error: Your output was cut off/);
    const malformed = await run({ tools: [add], calls: [[{ name: "add", input: {}, malformed: '{"a": 2' }]] });
    expect(typesOf(malformed)).toEqual([]);
    expect(told(malformed)[0]).toMatch(/^error: The input of "add" was no JSON object \(.+\)\. Send it again\.$/);
  });

  it.each([
    ["two equal keys", '{"a": 2, "a": 3}', '"a" is there twice'],
    ["a number that would be rounded", '{"a": {"b": [12345678901234567890]}}', '"a.b.0" is an integer of more digits'],
    ["a key of no object", '{"__proto__": {"a": 2}}', '"__proto__" is a key that no object may have'],
    ["a list", "[1]", "was no JSON object"],
  ])("is not run by a call that could be read in two ways: %s", async (_, malformed, said) => {
    const ran = await run({ tools: [add], calls: [[{ name: "add", input: {}, malformed }]] });
    expect(typesOf(ran)).toEqual([]);
    expect(told(ran)[0]).toContain(said);
    expect(told(ran)[0]).toMatch(/^error: The input of "add" .*Send it again\.$/);
  });

  it("that throws is a tool error, in its own words and without a stack", async () => {
    const broken = defineTool({
      ...{ name: "broken", description: "", input: z.object({}) },
      run: () => Promise.reject(new Error("the shop answered 503")),
    });
    const ran = await run({ tools: [broken], calls: [[{ name: "broken", input: {} }]] });
    expect(ran.status).toBe("succeeded");
    expect(told(ran)).toEqual(["error: the shop answered 503"]);
    expect(typesOf(ran)).toEqual(["tool.started", "tool.failed"]);
  });

  it("whose answer does not fit its schema is a tool error that says that it ran", async () => {
    const odd = defineTool({
      ...{ name: "odd", description: "", input: z.object({}), output: z.object({ id: z.string() }) },
      run: () => ({ id: 7 }) as unknown as { id: string },
    });
    const ran = await run({ tools: [odd], calls: [[{ name: "odd", input: {} }]] });
    expect(told(ran)[0]).toMatch(/^error: it ran, but its answer does not fit its schema:\n- id: /);
  });

  it("that says fatal ends the execution, once the other calls of the turn are done", async () => {
    const fatal = (failureCode?: string) =>
      defineTool({
        ...{ name: "order", description: "", input: z.object({}) },
        run: () => {
          throw new ToolError("the shop has closed for good", { fatal: true, ...(failureCode ? { failureCode } : {}) });
        },
      });
    const calls = [
      [
        { name: "order", input: {} },
        { name: "add", input: { a: 1 } },
      ],
    ];
    const plain = await run({ tools: [fatal(), add], calls });
    expect(plain).toMatchObject({ status: "failed", turns: 1, error: { code: "runtime_error" } });
    expect(plain.error?.message).toBe('the tool "order" failed: the shop has closed for good');
    expect(
      typesOf(plain)
        .filter((type) => type !== "tool.started")
        .sort(),
    ).toEqual(["tool.completed", "tool.failed"]);
    const coded = await run({ tools: [fatal("shop_closed"), add], calls, failureCodes: ["shop_closed"] });
    expect(coded.error).toEqual({ code: "shop_closed", message: "the shop has closed for good" });
  });

  it.each(["has space", "", "x".repeat(65)])("is not called %j", (name) => {
    const declare = () => defineTool({ name, description: "", input: z.object({}), run: () => null });
    expect(declare).toThrow(`tool "${name}"`);
  });

  it("may not share its name with another tool of the definition", () => {
    expect(() => definitionOf({ tools: [add, add], calls: [] })).toThrow('two of its tools are called "add"');
  });
});

describe("calls of one turn", () => {
  it("run at the same time and are journaled apart, also when they are calls of one tool", async () => {
    const waiting: (() => void)[] = [];
    const slow = defineTool({
      ...{ name: "slow", description: "", input: z.object({ n: z.number() }) },
      run: async ({ n }) => {
        // Goes on only when both have begun.
        await new Promise<void>((resolve) => {
          waiting.push(resolve);
          if (waiting.length === 2) for (const go of waiting) go();
        });
        return n;
      },
    });
    const both = [1, 2].map((n) => ({ name: "slow", input: { n } }));
    const ran = await run({ tools: [slow], calls: [both] });
    expect(told(ran)).toEqual(["1", "2"]);
    const keys = ran.events.flatMap(({ type, data }) =>
      type === "tool.started" ? [(data as { key: string }).key] : [],
    );
    expect(keys).toEqual(["all[1]/slow", "all[2]/slow"]);
    expect(typesOf(ran).slice(0, 2)).toEqual(["tool.started", "tool.started"]);
  });
});

describe("the tool loop", () => {
  it("ends after so many turns: a model that only calls tools is in a loop", async () => {
    const again = [{ name: "add", input: { a: 1 } }];
    const ran = await run({ tools: [add], calls: [again, again, again], maxToolRounds: 2 });
    expect(ran).toMatchObject({ status: "failed", turns: 2, error: { code: "runtime_error" } });
    expect(ran.error?.message).toBe("the model called tools in 2 turns without coming to an answer");
  });

  it("sends the same system prompt and tools in every turn, the summary included", async () => {
    const requests: { system?: string | undefined; tools: unknown }[] = [];
    const script: Script = [
      {
        when: ({ system, tools }) => {
          requests.push({ system, tools });
          return false;
        },
        reply: {},
      },
      { reply: { tools: [{ name: "add", input: { a: 1 } }] } },
      ...["no JSON", "nor this", "A summary."].map((text) => ({ reply: { text } })),
    ];
    const definition = defineExecution({
      ...{ key: "job", agent, name: "", description: "", input: z.object({}), tools: [add], maxRetries: 1, script },
      validators: [validJson],
      execute: ({ conversation }) => conversation.ask("Do it."),
    });
    expect((await runDefinition(definition, {})).turns).toBe(4);
    expect(requests).toHaveLength(4);
    expect(new Set(requests.map((request) => JSON.stringify(request))).size).toBe(1);
  });

  it("keeps of each turn only what is new in it, and results of tools only once", async () => {
    const ran = await run({ tools: [add], calls: [[{ name: "add", input: { a: 41 } }]], validators: [validJson] });
    const kept = ran.events.flatMap((event) => (event.type === "turn.started" ? [event.data.input] : []));
    expect(kept).toMatchObject([
      { part: "conversation", tools: ["add", "stop_execution"], messages: [{ role: "user", content: "Do it." }] },
      { messages: [{ role: "user", content: [{ type: "tool_ran", toolUseId: "call_1_1", key: "all[1]/add" }] }] },
    ]);
    expect(
      ran.conversation.messages.map(({ role, kind, toolCalls, toolResults }) => [role, kind, toolCalls, toolResults]),
    ).toEqual([
      ["user", "prompt", [], []],
      ["assistant", "answer", [{ id: "call_1_1", name: "add", input: { a: 41 } }], []],
      ["user", "tool_results", [], [{ id: "call_1_1", name: "add", text: "42", isError: false }]],
      ["assistant", "answer", [], []],
    ]);
  });
});

describe("what tools did in an attempt", () => {
  it("is not there for the next one: a validator sees the calls of its own attempt alone", async () => {
    const firstIsBad: Validator = {
      name: "first_is_bad",
      validate: (...[, , , { attempt }]) => (attempt === 1 ? fail({ feedback: "again" }) : pass),
    };
    const again = [{ name: "add", input: { a: 1 } }];
    const ran = await run({ tools: [add], calls: [again], validators: [firstIsBad, called("add")] });
    expect(ran.attempts.map(({ feedback }) => feedback)).toEqual([
      "again",
      ...Array.from(
        { length: 3 },
        () => 'The tool "add" was not called. Call it before you answer, then answer again.',
      ),
    ]);
    expect(ran.error?.code).toBe("max_retries_exceeded");
  });
});

describe("stop_execution", () => {
  const stop = { name: "stop_execution", input: { reason: "There is nothing to do." } };

  it("ends the execution without another turn, with the model's reason", async () => {
    const ran = await run({ tools: [], calls: [[stop]], validators: [stopExecution, validJson] });
    expect(ran).toMatchObject({ status: "failed", turns: 1 });
    expect(ran.error).toEqual({ code: "validation_failed", message: "There is nothing to do." });
  });

  it("wins over invalid JSON when its validator is first, and not when it comes later", async () => {
    const first = await run({ tools: [], calls: [[stop]], validators: [stopExecution, validJson] });
    expect(first.attempts[0]?.verdicts.map(({ validator }) => validator)).toEqual(["stop_execution"]);
    const later = await run({ tools: [], calls: [[stop]], validators: [validJson, stopExecution] });
    expect(later.attempts[0]?.verdicts).toMatchObject([{ validator: "valid_json", passed: false }]);
    expect(later).toMatchObject({ status: "succeeded", turns: 2 });
  });

  it("wins over all validators of a definition that does not list it", async () => {
    const ran = await run({ tools: [], calls: [[stop]], validators: [validJson] });
    expect(ran.attempts[0]?.verdicts.map(({ validator }) => validator)).toEqual(["stop_execution"]);
    expect(ran).toMatchObject({ status: "failed", turns: 1, error: { message: "There is nothing to do." } });
  });

  it("is never a success, also where no validator is listed", async () => {
    const ran = await run({ tools: [], calls: [[stop]] });
    expect(ran).toMatchObject({ status: "failed", turns: 1, error: { code: "validation_failed" } });
  });
});

describe("a run that a crash interrupted", () => {
  const outside = { outside: service<() => import("../../../support/simulator/providers/outside.ts").Wire>() };
  const charge = (options: { idempotent?: boolean; onInterrupt?: "fail" }) =>
    defineTool({
      ...{ name: "charge", description: "", input: z.object({}), services: outside, ...options },
      run: (_input, { services, idempotencyKey }) => services.outside().plain("charge", { idempotencyKey } as never),
    });
  const crashed = async (tool: Tool) => {
    const begun = await runDefinition(
      definitionOf({ tools: [tool], calls: [[{ name: "charge", input: {} }]] }),
      {},
      { until: (world) => (world.outside.applied().charge ?? 0) > 0 },
    );
    begun.world.root.flushed(begun.world.root.mark);
    begun.world.crash([ROOT]);
    return begun.world;
  };

  it("is repeated when it is idempotent", async () => {
    const world = await crashed(charge({ idempotent: true }));
    await goOn(world);
    expect(lookAt(world)).toMatchObject({ status: "succeeded" });
    expect(world.outside.applied()).toEqual({ charge: 2 });
  });

  it("waits visibly for a person when it is not, and goes on with what the person says", async () => {
    const world = await crashed(charge({}));
    await goOn(world, () => world.root.view.state?.status === "waiting");
    expect(world.root.view.state).toMatchObject({ status: "waiting", reason: "effect_in_doubt" });
    await goOn(world);
    expect(told(lookAt(world))).toEqual(["charge!"]);
    expect(world.outside.applied()).toEqual({ charge: 1 });
  });

  const probed = (probe: "the books" | "it never happened" | "it fails", run?: () => never) =>
    defineTool({
      ...{ name: "charge", description: "", input: z.object({}), output: z.string(), services: outside },
      run: (_input, { services, idempotencyKey }) =>
        run?.() ?? (services.outside().plain("charge", { idempotencyKey } as never) as Promise<string>),
      checkOutcome: async (_input, { services, idempotencyKey }) => {
        if (probe === "it fails") throw new Error("the books are closed");
        if (probe === "it never happened") return { happened: false };
        return { happened: true, result: (await services.outside().look(idempotencyKey)) as string };
      },
    });
  const calls = [[{ name: "charge", input: {} }]];

  it("is answered by the tool's probe, and nobody is asked", async () => {
    const world = await crashed(probed("the books"));
    await goOn(world);
    const ran = lookAt(world);
    expect(told(ran)).toEqual(["charge!"]);
    expect(world.outside.applied()).toEqual({ charge: 1 });
    expect(ran.events.map(({ type }) => type)).not.toContain("effect.in_doubt");
  });

  it("waits for a person when the probe cannot tell, or tells what does not fit", async () => {
    for (const probe of ["it fails", "the books"] as const) {
      const world = await crashed(probed(probe));
      if (probe === "the books") for (const fact of world.outside.facts.values()) fact.answer = 7;
      await goOn(world, () => world.root.view.state?.status === "waiting");
      expect(world.root.view.state?.reason, probe).toBe("effect_in_doubt");
    }
  });

  it("is asked the same way when its answer was lost: what never happened is a failure of the tool", async () => {
    const lost = () => {
      throw new InDoubt("the answer was lost");
    };
    const ran = await run({ tools: [probed("it never happened", lost)], calls });
    expect(told(ran)).toEqual(["error: the answer was lost"]);
    expect(ran.events.map(({ type }) => type)).not.toContain("effect.in_doubt");
  });

  it("is a tool error when it says fail", async () => {
    const world = await crashed(charge({ onInterrupt: "fail" }));
    await goOn(world);
    expect(told(lookAt(world))).toEqual(['error: the effect "charge" was interrupted and is not safe to repeat']);
  });

  it("may say itself that nobody knows", async () => {
    let asked = 0;
    const lost = defineTool({
      ...{ name: "lost", description: "", input: z.object({}) },
      run: () => {
        asked += 1;
        throw new InDoubt("the answer was lost");
      },
    });
    const definition = definitionOf({ tools: [lost], calls: [[{ name: "lost", input: {} }]] });
    const ran = await runDefinition(definition, {}, { until: (world) => world.root.view.state?.status === "waiting" });
    expect(ran.world.root.view.state?.reason).toBe("effect_in_doubt");
    expect(asked).toBe(1);
  });
});

describe("a service", () => {
  it("that nobody handed in is an error at start-up that names tool and service", () => {
    const order = defineTool({
      ...{ name: "place_order", description: "", input: z.object({}), services: { shop: service<object>() } },
      run: () => null,
    });
    const definition = definitionOf({ tools: [order], calls: [] });
    expect(() => offer({ agents: [], definitions: [definition], services: { bank: {} } })).toThrow(
      'the tool "place_order" of worker.job needs the service "shop", and no service of that name was handed in',
    );
  });
});
