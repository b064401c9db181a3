import { Validator } from "@seriousme/openapi-schema-validator";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import type { Endpoint } from "../../../src/contract/endpoint.ts";
import { ENDPOINTS } from "../../../src/contract/endpoints.ts";
import { ExecuteProblem, executeProblemOf, Problem } from "../../../src/contract/problem.ts";
import { Schemas } from "../../../src/docs/openapi/schemas.ts";
import { EXAMPLES, openapi } from "../../../src/docs/openapi.ts";
import { FAULTS, refuse } from "../../../src/domain/values/fault.ts";

interface Parameter {
  readonly $ref?: string;
  readonly name: string;
  readonly in: string;
  readonly description?: string;
  readonly required?: boolean;
}
interface Operation {
  readonly operationId: string;
  readonly description?: string;
  readonly summary?: string;
  readonly tags: readonly string[];
  readonly parameters: readonly Parameter[];
  readonly security: readonly Record<string, unknown>[];
  readonly requestBody?: { readonly content: Record<string, { schema?: unknown; example?: unknown }> };
  readonly responses: Record<
    string,
    { $ref?: string; description?: string; content?: Record<string, { schema?: unknown }> }
  >;
}
interface Document {
  readonly paths: Record<string, Record<string, Operation>>;
  readonly tags: readonly { readonly name: string }[];
  readonly components: {
    readonly securitySchemes: Record<string, { description?: string }>;
    readonly examples: Record<string, { value: unknown }>;
    readonly headers: Record<string, { description?: string }>;
    readonly parameters: Record<string, Parameter>;
  };
}

const document = openapi("1.2.3");
const { paths, components, tags } = JSON.parse(JSON.stringify(document)) as Document;
const rows = Object.values(ENDPOINTS) as readonly Endpoint[];
const operations = Object.entries(paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
);

/** Every object of the document, with the way to it. */
function* objects(value: unknown, way = "#"): Generator<[string, Record<string, unknown>]> {
  if (value === null || typeof value !== "object") return;
  if (!Array.isArray(value)) yield [way, value as Record<string, unknown>];
  for (const [key, field] of Object.entries(value)) yield* objects(field, `${way}/${key.replaceAll("/", "~1")}`);
}

describe("the OpenAPI document", () => {
  test("is valid OpenAPI 3.1", async () => {
    const validator = new Validator();
    const { valid, errors } = await validator.validate(JSON.parse(JSON.stringify(document)) as Record<string, unknown>);
    expect(errors).toBeUndefined();
    expect(valid).toBe(true);
    expect(validator.version).toBe("3.1");
  });

  test("has every call of the endpoint table, once, and no other", () => {
    const described = operations.map(({ method, path, operation }) => `${method} ${path} ${operation.operationId}`);
    expect(described.sort()).toEqual(rows.map(({ method, path, id }) => `${method} ${path} ${id}`).sort());
    expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
  });

  test("refers to nothing that is not in it", () => {
    const known = new Set([...objects(document)].map(([way]) => way));
    const referred = [...objects(document)].flatMap(([, { $ref }]) => (typeof $ref === "string" ? [$ref] : []));
    expect(referred.length).toBeGreaterThan(100);
    expect(referred.filter((way) => !known.has(way))).toEqual([]);
  });

  test("says what every call, parameter, header and way in means", () => {
    for (const { path, operation } of operations) {
      const { summary, parameters, operationId, tags: own } = operation;
      expect([operationId, summary]).toEqual([operationId, expect.stringMatching(/\w{3}/)]);
      expect(tags.map(({ name }) => name)).toEqual(expect.arrayContaining([...own]));
      const described = parameters.filter(({ $ref }) => $ref === undefined);
      for (const { name, description } of described) {
        expect([operationId, name, description]).toEqual([operationId, name, expect.stringMatching(/\w{3}/)]);
        expect([operationId, name]).not.toEqual([operationId, description]);
      }
      const inPath = described.filter((parameter) => parameter.in === "path" && parameter.required === true);
      expect(inPath.map(({ name }) => `{${name}}`)).toEqual(path.match(/\{\w+\}/g) ?? []);
    }
    const others = [components.securitySchemes, components.headers, components.parameters].flatMap((all) =>
      Object.values(all),
    );
    for (const { description } of others) expect(description).toMatch(/\w{3}/);
  });

  test("names the query and the headers that a call reads", () => {
    const named = (id: string, place: string) =>
      operations
        .find(({ operation }) => operation.operationId === id)
        ?.operation.parameters.filter((parameter) => parameter.in === place)
        .map(({ name }) => name);
    expect(named("execute", "query")).toEqual(["wait"]);
    expect(named("execute", "header")).toEqual(
      expect.arrayContaining(["x-run-id", "x-parent-execution-id", "x-session-id", "x-actor-id", "idempotency-key"]),
    );
    expect(named("listExecutions", "query")).toEqual(
      expect.arrayContaining(["limit", "cursor", "status", "target", "since", "until", "q"]),
    );
    expect(named("listEvents", "header")).toEqual(["last-event-id"]);
  });

  test("describes every answer, and problems once", () => {
    for (const { operation } of operations) {
      const { operationId, responses } = operation;
      expect(responses.default?.$ref).toBe("#/components/responses/Problem");
      for (const [status, { description, content = {}, $ref }] of Object.entries(responses)) {
        if ($ref !== undefined) continue;
        expect([operationId, status, description]).toEqual([operationId, status, expect.stringMatching(/\w{3}/)]);
        for (const [media, { schema }] of Object.entries(content)) {
          expect([operationId, media, schema]).toEqual([operationId, media, expect.any(Object)]);
          if (media === "application/problem+json")
            expect(JSON.stringify(schema)).toMatch(/^(\{"anyOf":\[)?\{"\$ref":"#\/components\/schemas\/Problem"/);
        }
      }
    }
    expect(Object.keys(components.examples)).toEqual(Object.keys(FAULTS));
    for (const { value } of Object.values(components.examples)) expect(Problem.parse(value)).toEqual(value);
  });

  test("says that a refused start has a shape of its own, and that shape is what is answered", () => {
    const refused = executeProblemOf(refuse("invalid_input", "amount: is missing", []), "req_1");
    expect(ExecuteProblem.parse(refused)).toEqual(refused);
    const start = operations.find(({ operation }) => operation.operationId === "execute")?.operation.responses["400"];
    expect(JSON.stringify(start)).toContain("#/components/schemas/ExecuteProblem");
  });

  test("names who may call, and calls that need nobody", () => {
    for (const { id, scope } of rows) {
      const security = operations.find(({ operation }) => operation.operationId === id)?.operation.security ?? [];
      for (const scheme of security.flatMap(Object.keys))
        expect(Object.keys(components.securitySchemes)).toContain(scheme);
      expect([id, security.length === 0]).toEqual([id, scope === "open"]);
    }
  });
});

describe("examples", () => {
  test.each(rows.filter(({ body }) => body !== undefined).map(({ id }) => id))(
    "%s has one of a request and one of an answer",
    (id) => {
      expect(EXAMPLES[id]?.request).toBeDefined();
      expect(Object.keys(EXAMPLES[id]?.answers ?? {})).not.toEqual([]);
    },
  );

  test.each(Object.keys(EXAMPLES))("of %s parse by the schemas that the call has", (id) => {
    const endpoint = rows.find((row) => row.id === id);
    if (!endpoint) throw new Error(`there is no call ${id}`);
    const { request, answers = {} } = EXAMPLES[id] ?? {};
    if (request !== undefined) {
      endpoint.body?.parse(request);
      // What a schema ignores would be an example of a typing error.
      const names = JSON.stringify(z.toJSONSchema(endpoint.body ?? z.never(), { io: "input", unrepresentable: "any" }));
      for (const name of Object.keys(Object(request))) expect(names).toContain(`"${name}"`);
    }
    for (const [status, answer] of Object.entries(answers)) {
      const schema = endpoint.answers[Number(status)]?.schema;
      expect([id, status, schema?.parse(answer)]).toEqual([id, status, answer]);
    }
  });
});

test("JSON inside JSON is described once, where a document can refer to it", () => {
  const schemas = new Schemas();
  const first = schemas.of(z.object({ input: z.json() }), "input");
  const second = schemas.of(z.object({ other: z.array(z.json()) }), "input");
  expect(JSON.stringify([first, second])).not.toContain("$defs");
  const referred = [...objects([first, second, schemas.all()])].flatMap(([, { $ref }]) =>
    $ref === undefined ? [] : [$ref],
  );
  expect(new Set(referred)).toEqual(new Set(["#/components/schemas/Json"]));
  expect(Object.keys(schemas.all())).toContain("Json");
});
