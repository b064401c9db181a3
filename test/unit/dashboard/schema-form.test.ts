import { expect, test } from "vitest";
import * as z from "zod";
import { messageField } from "../../../src/dashboard/chat/chatable.ts";
import type { Draft } from "../../../src/dashboard/forms/schema.ts";
import { fieldOf, formValueOf, initialDraft, readDraft, titleOf } from "../../../src/dashboard/forms/schema.ts";
import { startAsCurl, startAsTypeScript } from "../../../src/dashboard/parts/copy-as.ts";

const Order = z.strictObject({
  order_id: z.string().max(100),
  note: z.string().max(10_000).optional(),
  amount: z.number().min(1).max(10),
  pieces: z.int().default(3),
  gift: z.boolean().optional(),
  speed: z.enum(["slow", "fast"]),
  lines: z.array(z.strictObject({ sku: z.string(), quantity: z.int().min(1) })),
  extra: z.record(z.string(), z.unknown()).optional(),
});
const field = fieldOf(z.toJSONSchema(Order, { io: "input" }));

const typed = (changed: Record<string, Draft>): Draft => ({
  ...(initialDraft(field) as Record<string, Draft>),
  ...changed,
});
const GOOD = { order_id: "o-1", amount: "2.5", speed: "fast", lines: [{ sku: "tea", quantity: "2" }] };

test.each([
  [z.object({ message: z.string(), tone: z.string().optional(), words: z.int().default(3) }), "message"],
  [z.object({ message: z.string(), to: z.string() }), undefined],
  [z.object({ amount: z.number() }), undefined],
  [z.object({ message: z.string().optional() }), undefined],
  [z.string(), undefined],
] as const)("one can talk to a function that needs one text and nothing else: %#", (input, field) => {
  expect(messageField(z.toJSONSchema(input, { io: "input" }))).toBe(field);
});

test("each property is a field of its kind", () => {
  const kinds = field.kind === "group" ? field.fields.map(({ name, kind, required }) => [name, kind, required]) : [];
  expect(kinds).toEqual([
    ["order_id", "text", true],
    ["note", "text", false],
    ["amount", "number", true],
    ["pieces", "number", false],
    ["gift", "flag", false],
    ["speed", "choice", true],
    ["lines", "list", true],
    ["extra", "json", false],
  ]);
});

test("what was typed becomes the value that the schema takes; empty fields are left out, and defaults are shown", () => {
  const { value, faults } = readDraft(field, typed(GOOD));
  expect([...faults]).toEqual([]);
  expect(value).toEqual({
    order_id: "o-1",
    amount: 2.5,
    pieces: 3,
    speed: "fast",
    lines: [{ sku: "tea", quantity: 2 }],
  });
  expect(Order.safeParse(value).success).toBe(true);
});

test.each([
  [{ order_id: " " }, "order_id", "required"],
  [{ amount: "many" }, "amount", "a number"],
  [{ amount: "11" }, "amount", "at most 10"],
  [{ pieces: "1.5" }, "pieces", "whole number"],
  [{ lines: [{ sku: "tea", quantity: "0" }] }, "lines.0.quantity", "at least 1"],
  [{ extra: "{" }, "extra", "no JSON"],
] as const)("what is wrong is said at its field: %j", (changed, path, words) => {
  const { faults } = readDraft(field, typed({ ...GOOD, ...changed }));
  expect([...faults.keys()]).toEqual([path]);
  expect(faults.get(path)).toContain(words);
});

test("a group that may be left out asks for nothing while it is empty", () => {
  const schema = {
    type: "object",
    properties: { to: { type: "object", properties: { city: { type: "string" } }, required: ["city"] } },
  };
  const optional = fieldOf(schema);
  expect(readDraft(optional, { to: { city: "" } })).toEqual({ value: {}, faults: new Map() });
  expect(readDraft(optional, { to: { city: "Oslo" } }).value).toEqual({ to: { city: "Oslo" } });
});

test.each([undefined, true, { type: ["string", "null"] }, { anyOf: [{ type: "string" }] }, { type: "object" }])(
  "a schema that no form fits is a field of JSON: %j",
  (schema) => {
    const json = fieldOf(schema, "input");
    expect(json.kind).toBe("json");
    expect(readDraft(json, '{"a":1}').value).toEqual({ a: 1 });
  },
);

test("a value is edited as the draft that gives it back", () => {
  const value = {
    order_id: "o",
    amount: 2,
    pieces: 4,
    gift: true,
    speed: "slow",
    lines: [{ sku: "a", quantity: 1 }],
    extra: { b: [1] },
  };
  expect(readDraft(field, formValueOf(field, value)).value).toEqual(value);
});

test.each([
  ["customer_id", "Customer id"],
  ["customerId", "Customer id"],
  ["n", "N"],
])("%s is called %s", (name, title) => expect(titleOf(name)).toBe(title));

test("the same call as curl and as TypeScript, whatever is in it", () => {
  const call = { origin: "http://localhost:8787", target: "clock.remind", input: { message: "it's" }, keyed: true };
  expect(startAsCurl(call)).toBe(
    `curl -s http://localhost:8787/api/v1/execute/async/clock.remind \\\n  -H "Authorization: Bearer $KEY" \\\n  -d '{"input":{"message":"it'\\''s"}}'`,
  );
  expect(startAsTypeScript({ ...call, keyed: false })).toContain(
    'await errand.execute("clock.remind", {\n  "message": "it\'s"\n});',
  );
});
