/** The limits that a start is under: what its definition declares, what an operator set, and the key that its input gives. */

import { describe, expect, test } from "vitest";
import * as z from "zod";
import { defineAgent } from "../../../src/define/agent.ts";
import type { Concurrency } from "../../../src/define/concurrency.ts";
import { placesOf } from "../../../src/define/concurrency.ts";
import { defineRuntime, defineSpecialist } from "../../../src/define/index.ts";
import { agentsOf } from "../../../src/define/roles/role-functions.ts";
import { NO_RULES, queueTitle } from "../../../src/domain/intake/queues.ts";
import type { Json } from "../../../src/domain/values/json.ts";

const digest = (text: string) => `d${text.length}`;
const places = (concurrency: Concurrency | undefined, input: Json = {}, more: object = {}) =>
  placesOf({
    ...{ agent: "reports", fn: "sync", input, declared: concurrency === undefined ? {} : { concurrency } },
    ...{ agentLimit: undefined, rules: NO_RULES, digest, ...more },
  });
const byAccount = (key: (input: { readonly account: string }) => unknown): Concurrency =>
  ({ limit: 1, key }) as Concurrency;

describe("the queues of a start", () => {
  test("none, where nothing is declared and nothing is set", () => {
    expect(places(undefined)).toEqual({});
  });

  test("one for each session of a conversation, and one for all messages without", () => {
    const chat = agentsOf(
      defineRuntime({ agents: [defineSpecialist({ name: "sync", model: "m", prompt: "You help.", stateful: true })] }),
    )[0]?.functions.get("chat");
    const names = (sessionId?: string) =>
      places(chat?.concurrency, {}, { sessionId }).queues?.map(({ name, limit }) => `${name}: ${limit}`);
    expect(names("s-1")).toEqual(["reports/sync/s-1: 1"]);
    expect(names("s-2")).toEqual(["reports/sync/s-2: 1"]);
    expect(names()).toEqual(["reports/sync/(none): 1"]);
  });

  test("none, where no limits are held: its key is not made, and its priority stays", () => {
    let made = 0;
    const declared = byAccount(() => {
      made += 1;
      return "a1";
    });
    expect(places(declared, {}, { agentLimit: 9, rules: undefined })).toEqual({});
    expect(places(undefined, {}, { declared: { concurrency: 2, priority: 1 }, rules: undefined })).toEqual({
      priority: 1,
    });
    expect(made).toBe(0);
  });

  test("its key's first, then its function's, its agent's and its tenant's", () => {
    const rules = new Map([
      ["*", { limit: 50 }],
      ["reports/sync", { paused: true }],
      ["other", { limit: 1 }],
    ]);
    const { queues } = places(
      byAccount(({ account }) => account),
      { account: "a1" },
      { agentLimit: 9, rules },
    );
    expect(queues).toEqual([
      { name: "reports/sync/a1", limit: 1 },
      { name: "reports/sync" },
      { name: "reports", limit: 9 },
      { name: "*" },
    ]);
  });

  test.each<[string, Concurrency, Json, string]>([
    ["a text", byAccount(({ account }) => account), { account: "a1" }, "a1"],
    ["a number", byAccount(() => 7), {}, "7"],
    ["a text with a slash", byAccount(() => "a/b"), {}, "a_b~d3"],
    ["101 characters", byAccount(() => "x".repeat(101)), {}, `${"x".repeat(30)}~d101`],
    ["an empty text", byAccount(() => ""), {}, "(none)"],
    ["nothing", byAccount(() => undefined), {}, "(none)"],
    ["an exception", byAccount(({ account }) => account.trim()), {}, "(none)"],
    ["a promise", byAccount(async () => "a"), {}, "(none)"],
  ])("a key that is %s", (...[, concurrency, input, key]) => {
    expect(places(concurrency, input).queues).toEqual([{ name: `reports/sync/${key}`, limit: 1 }]);
  });

  test("a key that changes its input changes a copy", () => {
    const input = { account: "a1", rows: [3, 1, 2] };
    places(
      byAccount((it) => (it as unknown as typeof input).rows.sort().join()),
      input,
    );
    expect(input.rows).toEqual([3, 1, 2]);
  });

  test("their titles name the tenant", () => {
    expect(queueTitle("acme", "reports/sync")).toBe("acme/reports/sync");
    expect(queueTitle("acme", "*")).toBe("acme");
  });
});

describe("a limit that is none is refused when it is declared", () => {
  const declare = (concurrency: unknown, priority?: unknown) => () =>
    defineAgent({ id: "a", description: "", version: "1" }).skill(
      "f",
      { input: z.unknown(), output: z.unknown(), concurrency, priority } as never,
      async () => null,
    );
  test.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 100_001, "5", {}, { limit: 0 }, { limit: 1, key: "k" }])(
    "concurrency %j",
    (concurrency) => expect(declare(concurrency)).toThrow(/concurrency/),
  );
  test.each([0, 6, 2.5, "1"])("priority %j", (priority) => expect(declare(1, priority)).toThrow(/priority/));
  test("what is right is taken", () => {
    expect(declare({ limit: 1, key: () => "k" }, 5)).not.toThrow();
    expect(declare(100_000, 1)).not.toThrow();
  });
});
