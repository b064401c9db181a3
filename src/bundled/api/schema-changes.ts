/** What changed between two schemas, seen by who sends their values (requests) or reads them (responses). */
import type { ChangeKind } from "./change-kinds.ts";
import type { Node } from "./document.ts";
import { isNode, resolved } from "./document.ts";

export type Direction = "request" | "response";

export interface Found {
  readonly kind: ChangeKind;
  /** As people write it: POST /posts, request, title. */
  readonly where: string;
  /** The value, where one was added or removed. */
  readonly value?: string;
}

interface Side {
  readonly root: Node;
  readonly schema: unknown;
}

interface Place {
  readonly where: string;
  readonly direction: Direction;
  /** Schemas above: one that holds itself is compared once. */
  readonly above: readonly Node[];
}

export function schemaChanges(before: Side, after: Side, place: Place): Found[] {
  const [old, now] = [merged(before.root, before.schema), merged(after.root, after.schema)];
  const original = resolved(before.root, before.schema);
  if (place.above.includes(original) || place.above.length > 20) return [];
  const inner = { ...place, above: [...place.above, original] };
  return [
    ...typeChanges(old, now, place),
    ...enumChanges(old, now, place),
    ...constraintChanges(old, now, place),
    ...propertyChanges({ root: before.root, schema: old }, { root: after.root, schema: now }, inner),
    ...(isNode(old.items) && isNode(now.items)
      ? schemaChanges(
          { ...before, schema: old.items },
          { ...after, schema: now.items },
          { ...inner, where: `${place.where}[]` },
        )
      : []),
  ];
}

/** With the parts of an `allOf` in one; a part that holds itself adds nothing. */
function merged(root: Node, schema: unknown, above: readonly Node[] = []): Node {
  const own = resolved(root, schema);
  if (above.includes(own)) return {};
  if (!Array.isArray(own.allOf)) return own;
  const parts = [own, ...own.allOf.map((part) => merged(root, part, [...above, own]))];
  const properties = Object.assign({}, ...parts.map((part) => part.properties ?? {})) as Node;
  const required = parts.flatMap((part) => (Array.isArray(part.required) ? part.required : []));
  return Object.assign({}, ...parts, { properties, required, allOf: undefined }) as Node;
}

function typesOf({ type, nullable }: Node): Set<unknown> {
  const types = new Set<unknown>(Array.isArray(type) ? type : type === undefined ? [] : [type]);
  if (nullable === true) types.add("null");
  return types;
}

/** A number takes every integer. */
const holds = (types: ReadonlySet<unknown>, type: unknown) =>
  types.has(type) || (type === "integer" && types.has("number"));

function typeChanges(old: Node, now: Node, { where, direction }: Place): Found[] {
  const [before, after] = [typesOf(old), typesOf(now)];
  // Without a type any is meant.
  const gone = after.size === 0 ? [] : before.size === 0 ? ["any"] : [...before].filter((type) => !holds(after, type));
  const fresh = before.size === 0 ? [] : after.size === 0 ? ["any"] : [...after].filter((type) => !holds(before, type));
  const changes: Found[] = [
    ...(gone.length > 0 ? [{ kind: `${direction}_type_narrowed` as const, where, value: gone.join(", ") }] : []),
    ...(fresh.length > 0 ? [{ kind: `${direction}_type_widened` as const, where, value: fresh.join(", ") }] : []),
  ];
  if (old.format !== now.format && old.format !== undefined && now.format !== undefined)
    changes.push({ kind: `${direction}_format_changed`, where, value: `${old.format} → ${now.format}` });
  return changes;
}

function enumChanges(old: Node, now: Node, { where, direction }: Place): Found[] {
  if (!Array.isArray(old.enum) || !Array.isArray(now.enum)) return [];
  const texts = (list: readonly unknown[]) => list.map((value) => JSON.stringify(value));
  const [before, after] = [texts(old.enum), texts(now.enum)];
  return [
    ...before
      .filter((value) => !after.includes(value))
      .map((value) => ({ kind: `${direction}_enum_value_removed` as const, where, value })),
    ...after
      .filter((value) => !before.includes(value))
      .map((value) => ({ kind: `${direction}_enum_value_added` as const, where, value })),
  ];
}

/** 1: more of it lets fewer values through; -1: more of it lets more through. */
const BOUNDS = {
  ...{ minimum: 1, exclusiveMinimum: 1, minLength: 1, minItems: 1, minProperties: 1 },
  ...{ maximum: -1, exclusiveMaximum: -1, maxLength: -1, maxItems: -1, maxProperties: -1 },
} as const;

/** Of what is answered the bounds are a promise that no reader can break on. */
function constraintChanges(old: Node, now: Node, { where, direction }: Place): Found[] {
  if (direction === "response") return [];
  const found = Object.entries(BOUNDS).flatMap(([name, sign]): Found[] => {
    const none = sign === 1 ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
    const of = (value: unknown) => (typeof value === "number" ? value : none);
    const [before, after] = [of(old[name]), of(now[name])];
    if (before === after) return [];
    const isTighter = sign === 1 ? after > before : after < before;
    return [{ kind: isTighter ? "request_constraint_tightened" : "request_constraint_loosened", where, value: name }];
  });
  const rules = ["pattern", "enum"].flatMap((name): Found[] => {
    const isOne =
      name === "pattern" ? old[name] !== now[name] : (old[name] === undefined) !== (now[name] === undefined);
    if (!isOne) return [];
    const kind = now[name] === undefined ? "request_constraint_loosened" : "request_constraint_tightened";
    return [{ kind, where, value: name }];
  });
  return [...found, ...rules];
}

function propertyChanges(
  before: { root: Node; schema: Node },
  after: { root: Node; schema: Node },
  place: Place,
): Found[] {
  const { direction, where } = place;
  const properties = ({ schema }: { schema: Node }) => (isNode(schema.properties) ? schema.properties : {});
  const demanded = ({ schema }: { schema: Node }, name: string) =>
    Array.isArray(schema.required) && schema.required.includes(name);
  const [old, now] = [properties(before), properties(after)];
  const at = (name: string) => `${where}.${name}`;
  const isOurs = (root: Node, schema: unknown) => {
    const { readOnly, writeOnly } = resolved(root, schema);
    return direction === "request" ? readOnly !== true : writeOnly !== true;
  };
  const gone = Object.keys(old).filter((name) => !(name in now) && isOurs(before.root, old[name]));
  const fresh = Object.keys(now).filter((name) => !(name in old) && isOurs(after.root, now[name]));
  const kept = Object.keys(old).filter((name) => name in now && isOurs(after.root, now[name]));
  const added = (name: string): ChangeKind => {
    if (direction === "response") return "response_property_added";
    return demanded(after, name) ? "required_request_property_added" : "optional_request_property_added";
  };
  return [
    ...gone.map((name) => ({ kind: `${direction}_property_removed` as const, where: at(name) })),
    ...fresh.map((name) => ({ kind: added(name), where: at(name) })),
    ...kept.flatMap((name) => [
      ...(demanded(before, name) === demanded(after, name)
        ? []
        : [
            {
              kind: `${direction}_property_became_${demanded(after, name) ? "required" : "optional"}` as const,
              where: at(name),
            },
          ]),
      ...schemaChanges(
        { root: before.root, schema: old[name] },
        { root: after.root, schema: now[name] },
        { ...place, where: at(name) },
      ),
    ]),
  ];
}
