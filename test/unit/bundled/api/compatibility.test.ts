/** `api.compatibility`: each kind of change by a document before and one after, and whether clients break on it. */
import { describe, expect, test } from "vitest";
import type { ChangeKind } from "../../../../src/bundled/api/change-kinds.ts";
import { CHANGES } from "../../../../src/bundled/api/change-kinds.ts";
import { apiCompatibility } from "../../../../src/bundled/api/compatibility.ts";
import { runSkill } from "../../../support/api/run-skill.ts";

const operation = (rest: object = {}) => ({ operationId: "op", responses: { 200: { description: "ok" } }, ...rest });
const at = (path: object, rest: object = {}) => ({ openapi: "3.1.0", paths: { "/a": path }, ...rest });
const op = (rest: object = {}) => at({ post: operation(rest) });
const json = (schema: object) => ({ "application/json": { schema } });
const sent = (schema: object) => op({ requestBody: { content: json(schema) } });
const told = (schema: object) => op({ responses: { 200: { content: json(schema) } } });
const param = (rest: object = {}) => ({ name: "q", in: "query", schema: { type: "string" }, ...rest });
const object = (properties: object, required: readonly string[] = []) => ({ type: "object", properties, required });
const text = { type: "string" };
const body = (rest: object = {}) => ({ content: json({}), ...rest });
const xml = { ...json({}), "application/xml": { schema: {} } };
const secured = (...names: readonly string[]) => ({ security: names.map((name) => ({ [name]: [] })) });

type Pair = readonly [before: object, after: object];
const back = ([before, after]: Pair): Pair => [after, before];
const server: Pair = [op(), { ...op(), servers: [{ url: "https://a.example" }] }];
const path: Pair = [op(), { ...op(), paths: { ...op().paths, "/b": { get: operation() } } }];
const method: Pair = [op(), at({ post: operation(), get: operation({ operationId: "o" }) })];
const lock: Pair = [op(), op(secured("bearer"))];
const parameter: Pair = [op(), op({ parameters: [param()] })];
const demand: Pair = [op({ parameters: [param()] }), op({ parameters: [param({ required: true })] })];
const optionalBody: Pair = [op(), op({ requestBody: body() })];
const bodyDemand: Pair = [op({ requestBody: body() }), op({ requestBody: body({ required: true }) })];
const taken: Pair = [op({ requestBody: { content: json({}) } }), op({ requestBody: { content: xml } })];
const answered: Pair = [
  op({ responses: { 200: { content: json({}) } } }),
  op({ responses: { 200: { content: xml } } }),
];
const success: Pair = [op(), op({ responses: { 200: {}, 201: {} } })];
const failure: Pair = [op(), op({ responses: { 200: {}, 404: {} } })];
const property = (of: (schema: object) => object): Pair => [of(object({ a: text })), of(object({ a: text, b: text }))];
const needed = (of: (schema: object) => object): Pair => [of(object({ a: text })), of(object({ a: text }, ["a"]))];
const types = (of: (schema: object) => object): Pair => [of(text), of({ type: ["string", "null"] })];
const values = (of: (schema: object) => object): Pair => [of({ enum: ["a"] }), of({ enum: ["a", "b"] })];
const formats = (of: (schema: object) => object): Pair => [
  of({ ...text, format: "uuid" }),
  of({ ...text, format: "date" }),
];
const bounds: Pair = [sent({ ...text, maxLength: 9 }), sent({ ...text, maxLength: 5 })];

const CASES: Readonly<Record<ChangeKind, Pair>> = {
  server_added: server,
  server_removed: back(server),
  path_added: path,
  path_removed: back(path),
  operation_added: method,
  operation_removed: back(method),
  operation_deprecated: [op(), op({ deprecated: true })],
  operation_id_changed: [op(), op({ operationId: "other" })],
  security_required: lock,
  security_relaxed: back(lock),
  optional_parameter_added: parameter,
  parameter_removed: back(parameter),
  required_parameter_added: [op(), op({ parameters: [param({ required: true })] })],
  parameter_became_required: demand,
  parameter_became_optional: back(demand),
  optional_body_added: optionalBody,
  body_removed: back(optionalBody),
  required_body_added: [op(), op({ requestBody: body({ required: true }) })],
  body_became_required: bodyDemand,
  body_became_optional: back(bodyDemand),
  request_media_type_added: taken,
  request_media_type_removed: back(taken),
  response_media_type_added: answered,
  response_media_type_removed: back(answered),
  success_response_added: success,
  success_response_removed: back(success),
  error_response_added: failure,
  error_response_removed: back(failure),
  optional_request_property_added: property(sent),
  request_property_removed: back(property(sent)),
  required_request_property_added: [sent(object({})), sent(object({ a: text }, ["a"]))],
  request_property_became_required: needed(sent),
  request_property_became_optional: back(needed(sent)),
  request_type_widened: types(sent),
  request_type_narrowed: back(types(sent)),
  request_format_changed: formats(sent),
  request_enum_value_added: values(sent),
  request_enum_value_removed: back(values(sent)),
  request_constraint_tightened: bounds,
  request_constraint_loosened: back(bounds),
  response_property_added: property(told),
  response_property_removed: back(property(told)),
  response_property_became_required: needed(told),
  response_property_became_optional: back(needed(told)),
  response_type_widened: types(told),
  response_type_narrowed: back(types(told)),
  response_format_changed: formats(told),
  response_enum_value_added: values(told),
  response_enum_value_removed: back(values(told)),
};

const compare = ([before, after]: Pair) =>
  runSkill(apiCompatibility, { before: before as never, after: after as never });

describe("a change", () => {
  test("is one of 25 kinds at least", () => expect(Object.keys(CHANGES).length).toBeGreaterThanOrEqual(25));

  test.each(Object.keys(CASES) as ChangeKind[])("%s is found, alone, and weighed", async (kind) => {
    const { breaking } = CHANGES[kind];
    const found = await compare(CASES[kind]);
    expect(found.changes).toEqual([expect.objectContaining({ kind, breaking })]);
    expect([found.compatible, found.breaking]).toEqual([!breaking, breaking ? 1 : 0]);
  });

  test("is none between a document and itself, or the same in other words", async () => {
    const schema = object({ a: text }, ["a"]);
    const named = { ...sent({ $ref: "#/components/schemas/A" }), components: { schemas: { A: schema } } };
    const parts = sent({ allOf: [object({}), schema] });
    for (const pair of [
      [named, named],
      [named, sent(schema)],
      [sent(schema), parts],
    ] as const)
      expect((await compare(pair)).changes).toEqual([]);
  });

  test("is found behind references, in lists, and once in a schema that holds itself", async () => {
    const tree = (name: object) => ({
      ...told({ $ref: "#/components/schemas/Tree" }),
      components: {
        schemas: { Tree: object({ name, children: { type: "array", items: { $ref: "#/components/schemas/Tree" } } }) },
      },
    });
    const { changes } = await compare([tree(text), tree({ type: "integer" })]);
    expect((changes as { where: string }[]).map(({ where }) => where)).toEqual([
      "POST /a, 200.name",
      "POST /a, 200.name",
    ]);
    const list = await compare([
      told({ type: "array", items: text }),
      told({ type: "array", items: { type: "number" } }),
    ]);
    expect((list.changes as { where: string }[])[0]?.where).toBe("POST /a, 200[]");
  });

  test("of what is answered only does not count in what is sent", async () => {
    const own = { ...text, readOnly: true };
    const { changes } = await compare([sent(object({})), sent(object({ id: own }, ["id"]))]);
    expect(changes).toEqual([]);
  });

  test("a number takes what was an integer", async () => {
    expect((await compare([sent({ type: "integer" }), sent({ type: "number" })])).compatible).toBe(true);
    expect((await compare([sent({ type: "number" }), sent({ type: "integer" })])).compatible).toBe(false);
  });
});

test("a schema that is a part of itself is compared all the same", async () => {
  const withNode = (properties: object) => ({
    ...sent({ $ref: "#/components/schemas/Node" }),
    components: { schemas: { Node: { allOf: [{ $ref: "#/components/schemas/Node" }, object(properties)] } } },
  });
  const { changes } = await compare([withNode({ a: text }), withNode({ a: text, b: text })]);
  expect(changes).toEqual([expect.objectContaining({ kind: "optional_request_property_added" })]);
});
