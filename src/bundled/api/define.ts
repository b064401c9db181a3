/**
 * `api.define`: from resources to an OpenAPI 3.1 document. With the guidelines "zalando": kebab-case paths in the plural,
 * snake_case fields, pages by cursor, problem+json for errors, an object around each list.
 */
import { stringify } from "yaml";
import * as z from "zod";
import { defineSkill } from "../../define/index.ts";
import type { FieldType, Operation } from "./resource.ts";
import { pathName, plural, Resource, resourceIn, typeName } from "./resource.ts";

const Input = z.object({
  description: z.string().min(1).max(4_000).describe("What the API is for, in a sentence."),
  title: z.string().max(200).optional(),
  version: z.string().max(50).default("1.0.0"),
  resources: z
    .array(Resource)
    .min(1)
    .max(50)
    .optional()
    .describe("Without them the API has one resource: what the description names after for, of or managing."),
  server: z.url().max(500).default("https://api.example.com"),
  guidelines: z.enum(["zalando"]).default("zalando"),
  format: z.enum(["openapi-3.1"]).default("openapi-3.1"),
});

export const apiDefine = defineSkill({
  name: "api.define",
  description: "Writes an OpenAPI 3.1 document for an API, of a description of its resources.",
  version: "1.0.0",
  input: Input,
  output: z.object({
    document: z.string().describe("The document, as YAML."),
    title: z.string(),
    paths: z.array(z.string()),
    schemas: z.array(z.string()),
  }),
  idempotent: true,
  run: (input) => {
    const document = documentOf(input);
    return {
      document: stringify(document, { lineWidth: 0, aliasDuplicateObjects: false }),
      title: document.info.title,
      paths: Object.keys(document.paths),
      schemas: Object.keys(document.components.schemas),
    };
  },
});

type Schema = Readonly<Record<string, unknown>>;

function documentOf({ description, title, version, resources, server }: z.output<typeof Input>) {
  const all = resources ?? [resourceIn(description)];
  const named = title ?? `${all.map(({ name }) => typeName(name)).join(", ")} API`;
  return {
    openapi: "3.1.0",
    info: {
      title: named,
      version,
      description,
      contact: { name: named, url: server },
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: server }],
    security: [{ bearer: [] }],
    tags: all.map(({ name, description: told }) => ({ name: typeName(name), description: told ?? `Each ${name}.` })),
    paths: Object.fromEntries(all.flatMap(pathsOf)),
    components: {
      securitySchemes: { bearer: { type: "http", scheme: "bearer" } },
      parameters: PAGE_PARAMETERS,
      responses: PROBLEMS,
      schemas: { Problem: PROBLEM, ...Object.fromEntries(all.flatMap(schemasOf)) },
    },
  };
}

function pathsOf(resource: Resource): [string, Schema][] {
  const list = `/${pathName(plural(resource.name))}`;
  const one = `${list}/{${idOf(resource)}}`;
  const { operations } = resource;
  const pathOf = (path: string, methods: Readonly<Record<string, Operation>>, more: Schema): [string, Schema][] => {
    const offered = Object.entries(methods).filter(([, operation]) => operations.includes(operation));
    if (offered.length === 0) return [];
    const calls = offered.map(([method, operation]) => [method, callOf(operation, resource)] as const);
    return [[path, { ...more, ...Object.fromEntries(calls) }]];
  };
  const id = { name: idOf(resource), in: "path", required: true, schema: { type: "string", format: "uuid" } };
  const told = { ...id, description: `Id of the ${resource.name}.` };
  return [
    ...pathOf(list, { get: "list", post: "create" }, {}),
    ...pathOf(one, { get: "read", put: "update", delete: "delete" }, { parameters: [told] }),
  ];
}

const idOf = ({ name }: Resource) => `${pathName(name).replaceAll("-", "_")}_id`;
const schemaRef = (name: string) => ({ $ref: `#/components/schemas/${name}` });
const json = (schema: unknown) => ({ "application/json": { schema } });

function callOf(operation: Operation, { name }: Resource) {
  const type = typeName(name);
  const failing = (...codes: readonly (keyof typeof PROBLEMS)[]) =>
    Object.fromEntries(codes.map((code) => [STATUS[code], { $ref: `#/components/responses/${code}` }]));
  const shared = (verb: string, what: string) => ({
    operationId: `${verb}${verb === "list" ? typeName(plural(name)) : type}`,
    summary: what,
    description: `${what}.`,
    tags: [type],
  });
  const body = { required: true, content: json(schemaRef(`${type}Input`)) };
  const one = (description: string) => ({ description, content: json(schemaRef(type)) });
  const page = { $ref: "#/components/parameters/limit" };
  const calls = {
    list: () => ({
      ...shared("list", `List ${plural(name)}, page by page`),
      parameters: [page, { $ref: "#/components/parameters/cursor" }],
      responses: {
        200: { description: "A page", content: json(schemaRef(`${type}Page`)) },
        ...failing("BadRequest", "Unauthorized"),
      },
    }),
    create: () => ({
      ...shared("create", `Create a ${name}`),
      requestBody: body,
      responses: { 201: one("Created"), ...failing("BadRequest", "Unauthorized") },
    }),
    read: () => ({
      ...shared("read", `Read a ${name}`),
      responses: { 200: one("It is there"), ...failing("Unauthorized", "NotFound") },
    }),
    update: () => ({
      ...shared("update", `Replace a ${name}`),
      requestBody: body,
      responses: { 200: one("Replaced"), ...failing("BadRequest", "Unauthorized", "NotFound") },
    }),
    delete: () => ({
      ...shared("delete", `Delete a ${name}`),
      responses: { 204: { description: "Deleted" }, ...failing("Unauthorized", "NotFound") },
    }),
  } as const satisfies Record<Operation, () => unknown>;
  return calls[operation]();
}

const FORMATS: ReadonlySet<FieldType> = new Set(["date", "date-time", "email", "uri", "uuid"]);

function typed(type: FieldType): Schema {
  return FORMATS.has(type) ? { type: "string", format: type } : { type };
}

function schemasOf({ name, description, fields, operations }: Resource): [string, Schema][] {
  const type = typeName(name);
  const known = Object.entries(fields).map(
    ([field, told]) => [field, typeof told === "string" ? { type: told } : told] as const,
  );
  const required = known.filter(([, told]) => !("required" in told) || told.required !== false).map(([field]) => field);
  const properties = Object.fromEntries(
    known.map(([field, { type: fieldType, ...told }]) => [
      field,
      {
        ...typed(fieldType),
        ...("description" in told && told.description !== undefined ? { description: told.description } : {}),
        ...("enum" in told && told.enum !== undefined ? { enum: told.enum } : {}),
      },
    ]),
  );
  const own = { id: { ...typed("uuid"), readOnly: true }, created_at: { ...typed("date-time"), readOnly: true } };
  const needed = required.length > 0 ? { required } : {};
  const [isSent, isListed] = [
    operations.some((one) => ["create", "update"].includes(one)),
    operations.includes("list"),
  ];
  const isAnswered = operations.some((one) => one !== "delete");
  const input = { type: "object", description: `A ${name}, as it is sent.`, ...needed, properties };
  const answer = {
    type: "object",
    description: description ?? `A ${name}.`,
    required: ["id", ...required, "created_at"],
    properties: { ...own, ...properties },
  };
  const page = {
    type: "object",
    description: `A page of ${plural(name)}.`,
    required: ["items", "next_cursor"],
    properties: {
      items: { type: "array", items: schemaRef(type) },
      next_cursor: { type: ["string", "null"], description: "Where the next page begins; null: this is the last." },
    },
  };
  return [
    ...(isSent ? [[`${type}Input`, input] as [string, Schema]] : []),
    ...(isAnswered ? [[type, answer] as [string, Schema]] : []),
    ...(isListed ? [[`${type}Page`, page] as [string, Schema]] : []),
  ];
}

const PAGE_PARAMETERS = {
  limit: {
    ...{ name: "limit", in: "query", required: false, description: "Most items of a page." },
    schema: { type: "integer", minimum: 1, maximum: 200, default: 25 },
  },
  cursor: {
    ...{ name: "cursor", in: "query", required: false, description: "next_cursor of the page before." },
    schema: { type: "string" },
  },
};

const PROBLEM = {
  type: "object",
  description: "An error (RFC 9457).",
  required: ["title", "status"],
  properties: {
    type: { type: "string", format: "uri-reference" },
    title: { type: "string" },
    status: { type: "integer", minimum: 100, maximum: 599 },
    detail: { type: "string" },
  },
};

const STATUS = { BadRequest: 400, Unauthorized: 401, NotFound: 404 } as const;
const problem = (description: string) => ({
  description,
  content: { "application/problem+json": { schema: schemaRef("Problem") } },
});
const PROBLEMS = {
  BadRequest: problem("What was sent does not fit"),
  Unauthorized: problem("No valid token was sent"),
  NotFound: problem("There is no such thing"),
};
