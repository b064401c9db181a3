/** An OpenAPI document as a skill takes it: a text in YAML or JSON, or the object that it says. */
import { parseDocument, stringify } from "yaml";
import * as z from "zod";
import { ToolError } from "../../define/index.ts";

export const ApiDocument = z
  .union([z.string().min(1).max(1_000_000), z.record(z.string(), z.unknown())])
  .describe("The OpenAPI document: a text in YAML or JSON, or an object.");
export type ApiDocument = z.output<typeof ApiDocument>;

export type Node = Readonly<Record<string, unknown>>;

/** Line numbers are those of this text. */
export function textOf(document: ApiDocument): string {
  return typeof document === "string" ? document : stringify(document, { lineWidth: 0, aliasDuplicateObjects: false });
}

/** Throws a fatal `ToolError` where the text is no document: another try would read the same. */
export function objectOf(document: ApiDocument, field = "document"): Node {
  if (typeof document !== "string") return document;
  const parsed = parseDocument(document, { version: "1.2", schema: "core" });
  const [fault] = parsed.errors;
  if (fault) throw new ToolError(`${field} is neither YAML nor JSON: ${fault.message.split("\n")[0]}`, { fatal: true });
  const value: unknown = parsed.toJS({ maxAliasCount: 100 });
  if (isNode(value)) return value;
  throw new ToolError(`${field} is no OpenAPI document: it holds no fields`, { fatal: true });
}

export function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A field that is an object; none is `{}`. */
export function at(node: unknown, ...path: readonly string[]): Node {
  let current: unknown = node;
  for (const name of path) current = isNode(current) && Object.hasOwn(current, name) ? current[name] : undefined;
  return isNode(current) ? current : {};
}

/** What a `$ref` inside of the document leads to; anything else is itself. */
export function resolved(root: Node, value: unknown): Node {
  let current = value;
  for (let step = 0; step < 20 && isNode(current) && typeof current.$ref === "string"; step += 1) {
    const { $ref: ref } = current;
    if (!ref.startsWith("#/")) return {};
    const path = ref.slice(2).split("/");
    current = at(root, ...path.map((part) => decodeURIComponent(part).replaceAll("~1", "/").replaceAll("~0", "~")));
  }
  return isNode(current) ? current : {};
}
