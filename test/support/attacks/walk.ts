/** Attacks that every endpoint must bear, made of the endpoint table: a new row is attacked without being asked. */
import * as z from "zod";
import type { Endpoint } from "../../../src/contract/endpoint.ts";
import { ENDPOINTS } from "../../../src/contract/endpoints.ts";
import type { FaultCode } from "../../../src/domain/values/fault.ts";
import type { Attack, Header } from "./attack.ts";
import { attack, JSON_TYPE } from "./attack.ts";

const ROWS = Object.values(ENDPOINTS) as readonly Endpoint[];

interface AnyBody {
  readonly kind: string;
  readonly code: FaultCode;
  readonly names: string;
  readonly body: string | Uint8Array;
  readonly headers?: readonly Header[];
}
const BODIES: readonly AnyBody[] = [
  { kind: "a list as body", code: "invalid_input", names: "body", body: "[]" },
  { kind: "half a body", code: "invalid_json", names: "JSON", body: '{"x":' },
  { kind: "a key twice", code: "invalid_input", names: "x.y", body: '{"x":{"y":1,"y":2}}' },
  { kind: "__proto__", code: "invalid_input", names: "__proto__", body: '{"__proto__":{}}' },
  { kind: "a deep body", code: "invalid_input", names: "64", body: `{"x":${"[".repeat(99)}${"]".repeat(99)}}` },
  { kind: "no UTF-8", code: "invalid_json", names: "UTF-8", body: new Uint8Array([0x7b, 0xff, 0x7d]) },
  { kind: "half a surrogate pair", code: "invalid_input", names: "x", body: '{"x":"\\udc00"}' },
  { kind: "a number too large", code: "invalid_input", names: "x", body: '{"x":-1e400}' },
  {
    kind: "a form",
    code: "invalid_json",
    names: "line 1, column 1",
    body: "x=1",
    headers: [["Content-Type", "application/x-www-form-urlencoded"]],
  },
];

/** A path with what exists where something is named. */
function pathOf({ path }: Endpoint): string {
  return path.replaceAll(/\{(\w+)\}/g, (placeholder, name: string) => {
    if (name === "target") return "approvals.demo";
    return ["id", "run_id", "key_id"].includes(name) ? placeholder : "x";
  });
}

/** A header without which the body is not looked at. */
function headersOf({ id }: Endpoint): readonly Header[] {
  return id.startsWith("noteByHeader") ? [["X-Execution-ID", "{id}"]] : [];
}

export const ANY_BODY: readonly Attack[] = ROWS.filter(({ body }) => body !== undefined).flatMap((row) =>
  BODIES.map(({ kind, code, names, body, headers = [JSON_TYPE] }) => {
    const all = [...headers, ...headersOf(row)];
    return attack(`${kind} for ${row.id}`, pathOf(row), {
      ...{ expected: { code, names }, method: row.method, body, headers: all },
    });
  }),
);

export const ANY_QUERY: readonly Attack[] = ROWS.flatMap((row) =>
  parametersOf(row).flatMap((name) =>
    [`${name}=1&${name}=1`, `${name}[]=1`, `${name}=%ff`].map((query) =>
      attack(`?${query} for ${row.id}`, `${pathOf(row)}?${query}`, {
        expected: { code: "invalid_input", names: query.includes("%") ? "query" : name },
        method: row.method,
        ...(row.body ? { body: "{}" } : {}),
      }),
    ),
  ),
);

export function parametersOf({ query }: Endpoint): string[] {
  return query instanceof z.ZodObject ? Object.keys(query.shape) : [];
}

const STRANGE = [
  "nobody-chose-this",
  "%00",
  "..%2F..%2Fkeys",
  "%E2%80%AE",
  "'%20OR%201=1--",
  "x".repeat(3_000),
  "%ff",
  "__proto__",
  "%F0%9F%92%A9",
];

/** Names in a path that name nothing. What is answered depends on the call; that it is no error of ours does not. */
export const ANY_NAME: readonly Pick<Attack, "name" | "method" | "path" | "body">[] = ROWS.filter(
  // That what is deleted is not there is no error; the approval is found by its execution, whatever agent is named beside it.
  ({ id }) => id !== "deleteVectorByPath" && id !== "approvalStatusOfAgent",
).flatMap((row) =>
  // A signal may have any name, and so may an attribute that is counted.
  [...row.path.matchAll(/\{(?!(?:name|attribute)\})\w+\}/g)].flatMap(([placeholder]) =>
    STRANGE.map((value) => ({
      name: `${placeholder} = ${value.slice(0, 20)} for ${row.id}`,
      method: row.method,
      path: pathOf({ ...row, path: row.path.replace(placeholder, value) }),
      body: row.body ? "{}" : undefined,
    })),
  ),
);
