/** Events there and back: what the server writes on the wire, a client reads back as it was, whatever its type. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { z } from "zod";
import { fold } from "../../../src/client/stream/fold.ts";
import { eventBody } from "../../../src/contract/executions/event-body.ts";
import { fromWire } from "../../../src/contract/executions/from-wire.ts";
import type { Event, EventType } from "../../../src/domain/execution/event.ts";
import { EVENT_DATA } from "../../../src/domain/execution/event.ts";
import { parseEvent } from "../../../src/domain/execution/event-text.ts";
import { evolve } from "../../../src/domain/fold/evolve.ts";

const Instant = fc.integer({ min: 0, max: 8_640_000_000_000_000 });
/** The user's own JSON, with names that look like ours. */
const userJson = fc.oneof(
  fc.jsonValue(),
  fc.constant({ snake_case: 1, camelCase: { some_at: "2026-01-01T00:00:00.000Z", otherAtMs: 5 }, input: { a_b: [] } }),
);

/** Values of a schema, made of the schema itself: a new event type or field is tested without a word here. */
function valuesOf(schema: z.core.$ZodType, name = ""): fc.Arbitrary<unknown> {
  const { def } = (schema as z.ZodType)._zod as unknown as { def: z.core.$ZodTypes["_zod"]["def"] };
  switch (def.type) {
    case "object":
      return fieldsOf(def.shape);
    case "optional":
      return fc.option(valuesOf(def.innerType, name), { nil: undefined });
    case "default":
      return valuesOf(def.innerType, name);
    case "array":
      return fc.array(valuesOf(def.element, name), { maxLength: 3 });
    case "nullable":
      return fc.option(valuesOf(def.innerType, name), { nil: null });
    case "record":
      return fc.dictionary(namesOf(def.keyType), valuesOf(def.valueType, name), { maxKeys: 8, noNullPrototype: true });
    case "string":
      return fc
        .string({ maxLength: 12, unit: "grapheme" })
        .filter((text) => (schema as z.ZodType).safeParse(text).success);
    case "boolean":
      return fc.boolean();
    case "number":
      return numberOf(schema as z.ZodType, name);
    case "enum":
      return fc.constantFrom(...Object.values(def.entries));
    case "literal":
      return fc.constantFrom(...def.values);
    case "union":
      return fc.oneof(...def.options.map((option) => valuesOf(option, name)));
    case "unknown":
      return userJson;
    default:
      throw new Error(`no values for a ${def.type} (${name})`);
  }
}

/** Names of the user's own, which look like ours. */
function namesOf(schema: z.core.$ZodType): fc.Arbitrary<string> {
  const name = fc.oneof(
    fc.stringMatching(/^[A-Za-z][A-Za-z0-9_.-]{0,9}$/),
    fc.constantFrom("someAtMs", "some_at", "a_b"),
  );
  return name.filter((text) => (schema as z.ZodType).safeParse(text).success);
}

function fieldsOf(shape: Readonly<Record<string, z.core.$ZodType>>): fc.Arbitrary<object> {
  const fields = Object.entries(shape).map(([name, schema]) => [name, valuesOf(schema, name)]);
  // An absent field is absent: JSON has no undefined.
  return fc
    .record(Object.fromEntries(fields) as Record<string, fc.Arbitrary<unknown>>)
    .map((record) => Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)));
}

/** Instants are whole milliseconds; other numbers are what their schema allows. */
function numberOf(schema: z.ZodType, name: string): fc.Arbitrary<number> {
  const small = fc.oneof(fc.integer({ min: 0, max: 100 }), fc.double({ min: 0, max: 100, noNaN: true }));
  return (name.endsWith("Ms") ? Instant : small).filter((n) => schema.safeParse(n).success);
}

function anyEvent(type: EventType): fc.Arbitrary<Event> {
  return fc
    .record({
      seq: fc.integer({ min: 1 }),
      atMs: Instant,
      actor: fc.string(),
      v: fc.integer({ min: 1 }),
      data: valuesOf(EVENT_DATA[type]),
    })
    .map((fields) => parseEvent(JSON.parse(JSON.stringify({ ...fields, type }))));
}

/** Where a webhook goes, and its secret, are in the log alone. */
const asReadersGetIt = (event: Event): unknown =>
  JSON.parse(JSON.stringify(event), (name, value) => {
    if (name !== "webhook" || typeof value !== "object" || value === null || !("headerNames" in value)) return value;
    const { sealed: _, ...shown } = value as { sealed?: string };
    return shown;
  });

const throughJson = (event: Event) => JSON.parse(JSON.stringify(eventBody(event)));

describe("an event on the wire", () => {
  test.each(Object.keys(EVENT_DATA) as EventType[])("%s reads back as it was written", (type) => {
    fc.assert(
      fc.property(anyEvent(type), (event) => {
        expect(fromWire(throughJson(event))).toEqual(asReadersGetIt(event));
      }),
      { numRuns: 60 },
    );
  });

  test("a type from the future passes, and folding only counts it", () => {
    const [created] = fc.sample(anyEvent("execution.created"), 1);
    if (!created) throw new Error("no sample");
    const future = {
      seq: created.seq + 1,
      type: "moon.phased",
      at: "2030-01-01T00:00:00.000Z",
      actor: "system",
      v: 9,
      data: { lit_at: 5 },
    };
    const state = fold([throughJson(created), future]);
    expect(state).toMatchObject({ status: "pending", seq: created.seq + 1 });
  });

  test("data that does not fit a known type is refused", () => {
    const broken = { seq: 1, type: "effect.in_doubt", at: "2030-01-01T00:00:00.000Z", actor: "system", v: 1, data: {} };
    expect(() => fromWire(broken)).toThrow("gate");
  });
});

describe("fold", () => {
  test("gives the state that the same events give at home, at any seq", () => {
    const types = Object.keys(EVENT_DATA).filter((type) => type !== "execution.created") as EventType[];
    const log = fc
      .tuple(anyEvent("execution.created"), fc.array(fc.oneof(...types.map(anyEvent)), { maxLength: 20 }))
      .map(([created, rest]) => [created, ...rest].map((event, index) => ({ ...event, seq: index + 1 })));
    fc.assert(
      fc.property(log, fc.nat(20), (events, cut) => {
        const wire = events.map(throughJson);
        const before = fold(wire.slice(0, cut));
        expect(fold(wire)).toEqual(events.reduce(evolve, undefined as ReturnType<typeof evolve>));
        expect(before ? fold(wire.slice(cut), before) : fold(wire)).toEqual(fold(wire));
      }),
      { numRuns: 100 },
    );
  });
});
