/** What user code throws, from the ordinary to the absurd, and a part of the text that people read of it. */
import { InDoubt, StepError } from "../../src/define/errors.ts";

const circular: Record<string, unknown> = { a: 1 };
circular.self = circular;
const loop = new Error("around", { cause: undefined });
loop.cause = new Error("and around", { cause: loop });
const revoked = Proxy.revocable({}, {});
revoked.revoke();
const refuse = () => {
  throw new Error("no trap answers");
};
const hostile = new Proxy(new Error("unreadable"), {
  get: refuse,
  getPrototypeOf: refuse,
  ownKeys: refuse,
  has: refuse,
});
const getters = {
  get message() {
    return refuse();
  },
  get code() {
    return refuse();
  },
  get cause() {
    return refuse();
  },
};
const odd = (message: unknown) => Object.assign(new Error(), { message });
let deep: unknown = "the bottom";
for (let level = 0; level < 1_000; level += 1) deep = new Error(`level ${level}`, { cause: deep });

export const THROWN: readonly (readonly [string, unknown, string])[] = [
  ["an error", new TypeError("boom"), "boom"],
  ["an error without a message", new TypeError(), "TypeError without a message"],
  ["an error whose message is an object", odd({ reason: "because" }), "because"],
  ["an error whose message is a number", odd(7), "Error without a message"],
  ["a frozen error", Object.freeze(new Error("ice")), "ice"],
  ["a text", "just a text", "just a text"],
  ["an empty text", "", "an empty text was thrown"],
  ["a number", 404, "404 was thrown"],
  ["NaN", Number.NaN, "NaN was thrown"],
  ["a bigint", 5n, "5 was thrown"],
  ["a symbol", Symbol("s"), "Symbol(s) was thrown"],
  ["null", null, "null was thrown"],
  ["undefined", undefined, "undefined was thrown"],
  ["a function", () => 1, "a function was thrown"],
  ["a plain object", { status: 503, body: { reason: "closed" } }, '"reason":"closed"'],
  ["a plain object with a message", { message: "told", status: 503 }, "told"],
  ["a plain object that holds itself", circular, "[circular]"],
  ["an object without a prototype", Object.assign(Object.create(null), { a: 1 }), '"a":1'],
  ["a list", [1, "two", new Error("three")], "three"],
  ["a Map", new Map([["a", 1]]), "an object was thrown"],
  ["errors together", new AggregateError([new Error("first"), "second"], "all of them"), "all of them"],
  ["an error with a cause", new Error("outer", { cause: { table: "orders" } }), "outer"],
  ["causes that go around", loop, "around"],
  ["a thousand causes", deep, "level 999"],
  ["getters that throw", getters, "an object was thrown"],
  ["a proxy whose traps throw", hostile, "cannot be read"],
  ["a revoked proxy", revoked.proxy, "cannot be read"],
  ["a message of ten megabytes", new Error("x".repeat(10_000_000)), "xxx"],
  ["an object of ten megabytes", { text: "y".repeat(10_000_000), list: Array(1_000_000).fill("z") }, "yyy"],
  ["details that hold themselves", new StepError("odd", "with details", circular as never), "with details"],
  ["details that are no JSON", new StepError("odd", "with details", 5n as never), "with details"],
  ["a code that is none", Object.assign(new StepError("x", "coded"), { code: Symbol("no") }), "coded"],
  ["a promise", Promise.resolve(1), "an object was thrown"],
  [
    "a doubt whose message is gone",
    Object.assign(new InDoubt("x"), { message: undefined }),
    "InDoubt without a message",
  ],
];
