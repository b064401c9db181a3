/** `api.compatibility`: what changed between two versions of an OpenAPI document, and on what of it clients break. */
import * as z from "zod";
import { defineSkill } from "../../define/index.ts";
import { CHANGES } from "./change-kinds.ts";
import type { Node } from "./document.ts";
import { ApiDocument, at, isNode, objectOf, resolved } from "./document.ts";
import type { Direction, Found } from "./schema-changes.ts";
import { schemaChanges } from "./schema-changes.ts";

/** Most changes that are told; the numbers count all. */
const MOST_TOLD = 500;

const Change = z.object({
  kind: z.string(),
  breaking: z.boolean(),
  where: z.string(),
  message: z.string(),
});

export const apiCompatibility = defineSkill({
  name: "api.compatibility",
  description:
    "Compares two versions of an OpenAPI document: each change, and whether clients of the first break on it.",
  version: "1.0.0",
  input: z.object({ before: ApiDocument, after: ApiDocument }),
  output: z.object({
    compatible: z.boolean(),
    breaking: z.int().describe("How many of the changes are."),
    changes: z.array(Change),
  }),
  idempotent: true,
  run: ({ before, after }) => {
    const found = changesBetween(objectOf(before, "before"), objectOf(after, "after"));
    const changes = found.map(({ kind, where, value }) => {
      const { breaking, says } = CHANGES[kind];
      return { kind, breaking, where, message: `${where}: ${says}${value === undefined ? "" : ` (${value})`}` };
    });
    const breaking = changes.filter((change) => change.breaking);
    const rest = changes.filter((change) => !change.breaking);
    return {
      compatible: breaking.length === 0,
      breaking: breaking.length,
      changes: [...breaking, ...rest].slice(0, MOST_TOLD),
    };
  },
});

const METHODS = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

interface Pair {
  readonly before: Node;
  readonly after: Node;
}

function changesBetween(before: Node, after: Node): Found[] {
  const roots = { before, after };
  const paths = keysOf(at(before, "paths"), at(after, "paths"));
  return [
    ...listChanges(urlsOf(before), urlsOf(after)).map(({ name, isNew }) => ({
      kind: isNew ? ("server_added" as const) : ("server_removed" as const),
      where: name,
    })),
    ...paths.gone.map((where) => ({ kind: "path_removed" as const, where })),
    ...paths.fresh.map((where) => ({ kind: "path_added" as const, where })),
    ...paths.kept.flatMap((path) => {
      const pair = { before: at(before, "paths", path), after: at(after, "paths", path) };
      return pathChanges(roots, path, pair);
    }),
  ];
}

function urlsOf({ servers }: Node): string[] {
  return Array.isArray(servers) ? servers.flatMap((server) => (isNode(server) ? [String(server.url)] : [])) : [];
}

function listChanges(before: readonly string[], after: readonly string[]) {
  return [
    ...before.filter((name) => !after.includes(name)).map((name) => ({ name, isNew: false })),
    ...after.filter((name) => !before.includes(name)).map((name) => ({ name, isNew: true })),
  ];
}

function keysOf(before: Node, after: Node) {
  const [old, now] = [Object.keys(before), Object.keys(after)];
  return {
    gone: old.filter((key) => !Object.hasOwn(after, key)),
    fresh: now.filter((key) => !Object.hasOwn(before, key)),
    kept: old.filter((key) => Object.hasOwn(after, key)),
  };
}

function pathChanges(roots: Pair, path: string, { before, after }: Pair): Found[] {
  return METHODS.flatMap((method): Found[] => {
    const [old, now] = [before[method], after[method]];
    const where = `${method.toUpperCase()} ${path}`;
    if (!isNode(old)) return isNode(now) ? [{ kind: "operation_added", where }] : [];
    if (!isNode(now)) return [{ kind: "operation_removed", where }];
    const shared = {
      before: { ...old, parameters: parametersOf(before, old) },
      after: { ...now, parameters: parametersOf(after, now) },
    };
    return operationChanges(roots, where, shared);
  });
}

/** Parameters of the path first, then of the operation. */
function parametersOf(path: Node, operation: Node): unknown[] {
  const lists = [path.parameters, operation.parameters].map((list) => (Array.isArray(list) ? list : []));
  return lists.flat();
}

function operationChanges(roots: Pair, where: string, { before, after }: Pair): Found[] {
  const found: Found[] = [];
  if (after.deprecated === true && before.deprecated !== true) found.push({ kind: "operation_deprecated", where });
  if (before.operationId !== undefined && before.operationId !== after.operationId)
    found.push({ kind: "operation_id_changed", where, value: `${before.operationId} → ${after.operationId}` });
  return [
    ...found,
    ...securityChanges(roots, where, { before, after }),
    ...parameterChanges(roots, where, { before, after }),
    ...bodyChanges(roots, where, { before, after }),
    ...responseChanges(roots, where, { before, after }),
  ];
}

/** Each alternative as one text; none, and an empty one, is access for everybody. */
function alternatives(root: Node, operation: Node): string[] {
  const given = operation.security ?? root.security;
  const list = Array.isArray(given) && given.length > 0 ? given : [{}];
  return list.map((one) => JSON.stringify(Object.entries(isNode(one) ? one : {}).sort()));
}

function securityChanges(roots: Pair, where: string, { before, after }: Pair): Found[] {
  const [old, now] = [alternatives(roots.before, before), alternatives(roots.after, after)];
  const isOpen = now.includes("[]");
  if (!isOpen && old.some((one) => !now.includes(one))) return [{ kind: "security_required", where }];
  return now.some((one) => !old.includes(one)) ? [{ kind: "security_relaxed", where }] : [];
}

function parameterChanges(roots: Pair, where: string, { before, after }: Pair): Found[] {
  const named = (root: Node, list: unknown) =>
    Object.fromEntries(
      (Array.isArray(list) ? list : []).map((one) => {
        const parameter = resolved(root, one);
        return [`${parameter.in} ${parameter.name}`, parameter];
      }),
    );
  const [old, now] = [named(roots.before, before.parameters), named(roots.after, after.parameters)];
  const { gone, fresh, kept } = keysOf(old, now);
  const at = (name: string) => `${where}, ${name}`;
  return [
    ...gone.map((name) => ({ kind: "parameter_removed" as const, where: at(name) })),
    ...fresh.map((name) => ({
      kind:
        now[name]?.required === true ? ("required_parameter_added" as const) : ("optional_parameter_added" as const),
      where: at(name),
    })),
    ...kept.flatMap((name): Found[] => [
      ...demandChanges(old[name], now[name], { what: "parameter", where: at(name) }),
      ...schemaChanges(
        { root: roots.before, schema: old[name]?.schema },
        { root: roots.after, schema: now[name]?.schema },
        { where: at(name), direction: "request", above: [] },
      ),
    ]),
  ];
}

function demandChanges(
  old: Node | undefined,
  now: Node | undefined,
  { what, where }: { readonly what: "parameter" | "body"; readonly where: string },
): Found[] {
  const [was, is] = [old?.required === true, now?.required === true];
  if (was === is) return [];
  return [{ kind: `${what}_became_${is ? "required" : "optional"}`, where }];
}

function bodyChanges(roots: Pair, where: string, { before, after }: Pair): Found[] {
  const [old, now] = [resolved(roots.before, before.requestBody), resolved(roots.after, after.requestBody)];
  const [was, is] = [before.requestBody !== undefined, after.requestBody !== undefined];
  if (!was) {
    if (!is) return [];
    return [{ kind: now.required === true ? "required_body_added" : "optional_body_added", where }];
  }
  if (!is) return [{ kind: "body_removed", where }];
  return [
    ...demandChanges(old, now, { what: "body", where }),
    ...mediaChanges(roots, { before: old, after: now }, { where: `${where}, request`, direction: "request" }),
  ];
}

function responseChanges(roots: Pair, where: string, { before, after }: Pair): Found[] {
  const { gone, fresh, kept } = keysOf(at(before, "responses"), at(after, "responses"));
  const kindOf = (status: string) => (/^[23]/.test(status) ? "success" : "error");
  return [
    ...gone.map((status) => ({ kind: `${kindOf(status)}_response_removed` as const, where: `${where}, ${status}` })),
    ...fresh.map((status) => ({ kind: `${kindOf(status)}_response_added` as const, where: `${where}, ${status}` })),
    ...kept.flatMap((status) => {
      const pair = {
        before: resolved(roots.before, at(before, "responses")[status]),
        after: resolved(roots.after, at(after, "responses")[status]),
      };
      return mediaChanges(roots, pair, { where: `${where}, ${status}`, direction: "response" });
    }),
  ];
}

function mediaChanges(
  roots: Pair,
  { before, after }: Pair,
  { where, direction }: { readonly where: string; readonly direction: Direction },
): Found[] {
  const [old, now] = [at(before, "content"), at(after, "content")];
  const { gone, fresh, kept } = keysOf(old, now);
  return [
    ...gone.map((value) => ({ kind: `${direction}_media_type_removed` as const, where, value })),
    ...fresh.map((value) => ({ kind: `${direction}_media_type_added` as const, where, value })),
    ...kept.flatMap((type) =>
      schemaChanges(
        { root: roots.before, schema: at(old, type).schema },
        { root: roots.after, schema: at(now, type).schema },
        { where, direction, above: [] },
      ),
    ),
  ];
}
