/**
 * `api.generate-models`: TypeScript types and JSON Schemas of an OpenAPI document's components. Written here, because what
 * writes types elsewhere brings a compiler or a formatter along, which fit into no Worker.
 */
import * as z from "zod";
import { defineSkill, ToolError } from "../../define/index.ts";
import type { Node } from "./document.ts";
import { ApiDocument, at, isNode, objectOf } from "./document.ts";
import { typeName } from "./resource.ts";

export const apiGenerateModels = defineSkill({
  name: "api.generate-models",
  description: "Writes TypeScript types and JSON Schemas for the schemas of an OpenAPI document.",
  version: "1.0.0",
  input: z.object({ document: ApiDocument, language: z.enum(["typescript"]).default("typescript") }),
  output: z.object({
    models: z.array(z.string()).describe("Names of the types."),
    typescript: z.string(),
    json_schemas: z
      .record(z.string(), z.record(z.string(), z.unknown()))
      .describe("By the name of the schema; draft 2020-12."),
  }),
  idempotent: true,
  run: ({ document }) => {
    const schemas = at(objectOf(document), "components", "schemas");
    const names = Object.keys(schemas);
    if (names.length === 0) throw new ToolError("the document has no components.schemas", { fatal: true });
    const types = typeNames(names);
    return {
      models: names.map((name) => types.get(name) ?? name),
      typescript: names.map((name) => declaration(types.get(name) ?? name, schemas[name], types)).join("\n"),
      json_schemas: Object.fromEntries(names.map((name) => [name, jsonSchemaOf(name, schemas)])),
    };
  },
});

type Names = ReadonlyMap<string, string>;

const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;

/** A type's name for each schema; what is no identifier becomes one. */
function typeNames(names: readonly string[]): Names {
  const taken = new Set<string>();
  return new Map(
    names.map((name) => {
      const words = typeName(name.replaceAll(/\W+/g, " ").trim()) || "Model";
      const base = IDENTIFIER.test(name) ? name : /^\d/.test(words) ? `_${words}` : words;
      let type = base;
      for (let n = 2; taken.has(type); n += 1) type = `${base}${n}`;
      taken.add(type);
      return [name, type];
    }),
  );
}

function declaration(name: string, schema: unknown, types: Names): string {
  const about = isNode(schema) ? comment(schema.description, "") : "";
  const isObject = isNode(schema) && isNode(schema.properties) && !composed(schema) && !isNullable(schema);
  if (isObject) return `${about}export interface ${name} ${objectType(schema, types, "")}\n`;
  return `${about}export type ${name} = ${typeOf(schema, types, "")};\n`;
}

const composed = (schema: Node) => ["allOf", "oneOf", "anyOf", "$ref", "enum", "const"].some((word) => word in schema);
const isNullable = ({ type }: Node) => Array.isArray(type) && type.length > 1;

function typeOf(schema: unknown, types: Names, indent: string): string {
  if (schema === false) return "never";
  if (!isNode(schema)) return "unknown";
  if (typeof schema.$ref === "string") return types.get(nameIn(schema.$ref)) ?? "unknown";
  if ("const" in schema) return literal(schema.const);
  if (Array.isArray(schema.enum)) return union(schema.enum.map(literal));
  const parts = ["allOf", "oneOf", "anyOf"].flatMap((word) => {
    const list = schema[word];
    if (!Array.isArray(list) || list.length === 0) return [];
    const all = list.map((one) => typeOf(one, types, indent));
    return [word === "allOf" ? intersection(all) : union(all)];
  });
  const own = parts.length > 0 && !isNode(schema.properties) ? [] : [plainType(schema, types, indent)];
  return intersection([...parts, ...own]);
}

function plainType(schema: Node, types: Names, indent: string): string {
  const given = Array.isArray(schema.type) ? schema.type : [schema.type];
  const of = (type: unknown): string => {
    if (type === "string") return "string";
    if (type === "integer" || type === "number") return "number";
    if (type === "boolean") return "boolean";
    if (type === "null") return "null";
    if (type === "array") return arrayType(schema, types, indent);
    if (type === "object" || isNode(schema.properties)) return objectType(schema, types, indent);
    return "unknown";
  };
  return union([...given.map(of), ...(schema.nullable === true ? ["null"] : [])]);
}

function arrayType(schema: Node, types: Names, indent: string): string {
  const { items, prefixItems } = schema;
  if (Array.isArray(prefixItems)) {
    const rest = items === false ? "" : `, ...${grouped(typeOf(items, types, indent))}[]`;
    return `[${prefixItems.map((one) => typeOf(one, types, indent)).join(", ")}${rest}]`;
  }
  return `${grouped(typeOf(items, types, indent))}[]`;
}

function objectType(schema: Node, types: Names, indent: string): string {
  const inner = `${indent}  `;
  const required = new Set(Array.isArray(schema.required) ? schema.required : []);
  const properties = isNode(schema.properties) ? Object.entries(schema.properties) : [];
  const lines = properties.map(([name, property]) => {
    const told = isNode(property) ? property : {};
    const key = IDENTIFIER.test(name) ? name : JSON.stringify(name);
    const how = told.readOnly === true ? "readonly " : "";
    const type = typeOf(property, types, inner);
    return `${comment(told.description, inner)}${inner}${how}${key}${required.has(name) ? "" : "?"}: ${type};`;
  });
  const more = schema.additionalProperties;
  const open = more === true || isNode(more) || (more === undefined && lines.length === 0);
  // An index signature covers the named properties too.
  const value = lines.length === 0 && isNode(more) ? typeOf(more, types, inner) : "unknown";
  if (open) lines.push(`${inner}[name: string]: ${value};`);
  return lines.length === 0 ? "Record<string, never>" : `{\n${lines.join("\n")}\n${indent}}`;
}

const literal = (value: unknown) => (typeof value === "object" && value !== null ? "unknown" : JSON.stringify(value));
const distinct = (types: readonly string[]) => [...new Set(types)];
const grouped = (type: string) => (/[|&]/.test(type) && !type.startsWith("{") ? `(${type})` : type);
const union = (types: readonly string[]) => distinct(types).join(" | ") || "unknown";

function intersection(types: readonly string[]): string {
  const known = distinct(types).filter((type) => type !== "unknown");
  if (known.length < 2) return known[0] ?? "unknown";
  return known.map((type) => (type.includes("|") ? `(${type})` : type)).join(" & ");
}

function comment(text: unknown, indent: string): string {
  if (typeof text !== "string" || text.trim() === "") return "";
  return `${indent}/** ${text
    .trim()
    .replaceAll("*/", "* /")
    .replaceAll(/\s*\n\s*/g, " ")} */\n`;
}

const COMPONENT = "#/components/schemas/";
const nameIn = (ref: string) => (ref.startsWith(COMPONENT) ? ref.slice(COMPONENT.length) : "");

/** The schema with what it refers to beside, so that it stands by itself. */
function jsonSchemaOf(name: string, schemas: Node): Record<string, unknown> {
  const needed = new Set<string>();
  const moved = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(moved);
    if (!isNode(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => {
        if (key !== "$ref" || typeof inner !== "string" || !inner.startsWith(COMPONENT)) return [key, moved(inner)];
        needed.add(nameIn(inner));
        return [key, `#/$defs/${nameIn(inner)}`];
      }),
    );
  };
  const own = moved(schemas[name]);
  const defs = new Map<string, unknown>();
  for (const other of needed) defs.set(other, moved(schemas[other] ?? {}));
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: name,
    ...(isNode(own) ? own : {}),
    ...(defs.size > 0 ? { $defs: Object.fromEntries(defs) } : {}),
  };
}
