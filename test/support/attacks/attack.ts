/**
 * A kind of attack: what is sent, and what must come back. The table is sent twice: byte by byte to the real server
 * (test/e2e/attacks.test.ts) and, but for what no `Request` can say, to a deployment with keys (test/workers).
 *
 * `{id}`, `{gate}`, `{run_id}` and `{key_id}` stand for things that exist: an execution that waits for a person, and its own.
 */
import type { FaultCode } from "../../../src/domain/values/fault.ts";
import { FAULTS } from "../../../src/domain/values/fault.ts";

export type Header = readonly [name: string, value: string];

export interface Attack {
  /** What kind it is; no two rows have the same. */
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly headers: readonly Header[];
  readonly body: string | Uint8Array | undefined;
  /** The whole request as bytes, for what no HTTP library would send: the rest but the name is then unused. */
  readonly raw: string | undefined;
  readonly expected: Expected;
}

export type Expected =
  /** A problem with this code, whose detail or errors name `names`. */
  | { readonly code: FaultCode; readonly names: string }
  /** Harmless: answered as if what is strange about it were not there. */
  | { readonly status: number }
  /** Refused by workerd before our code sees it, in its own words. */
  | { readonly runtime: number };

export type Things = Readonly<Record<"id" | "gate" | "run_id" | "key_id", string>>;

export const EXECUTE = "/api/v1/execute/async/approvals.demo";
export const ONE = "/api/v1/executions/{id}";
/** The body of a start that is right. */
export const GOOD = '{"input":{"claim":"c","amount":1}}';
export const JSON_TYPE: Header = ["Content-Type", "application/json"];

type Parts = Pick<Attack, "expected"> & Partial<Pick<Attack, "headers" | "body" | "method">>;

export function attack(name: string, path: string, parts: Parts): Attack {
  const method = parts.body === undefined ? "GET" : "POST";
  return { name, method, path, headers: [], body: undefined, raw: undefined, ...parts };
}

/** Bodies of JSON (or nearly so), sent to one path and refused with one code. */
export function posted(path: string, code: FaultCode) {
  return (name: string, body: string | Uint8Array, names: string): Attack =>
    attack(name, path, { expected: { code, names }, body, headers: [JSON_TYPE] });
}

function statusOf(expected: Expected): number {
  if ("code" in expected) return FAULTS[expected.code].status;
  return "status" in expected ? expected.status : expected.runtime;
}

export function filled(text: string, things: Things): string {
  return text.replaceAll(/\{(id|gate|run_id|key_id)\}/g, (_match, name: keyof Things) => things[name]);
}

export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
}

const TEXTS = ["type", "title", "detail", "code", "request_id", "error", "message"];
/** Stack traces, SQL, and what other tenants call their things. */
const LEAKS = /\n\s+at |\.[jt]s:\d|SQLITE|D1_ERROR|select .* from|insert into|rival|zeus/i;

/** Everything that is wrong with an answer; empty when it is as it must be. */
export function faultsOf({ expected }: Pick<Attack, "expected">, { status, contentType, text }: Answer): string[] {
  const wanted = statusOf(expected);
  const faults = status === wanted ? [] : [`answered ${status}, not ${wanted}`];
  if (LEAKS.test(text)) faults.push("shows what nobody should see");
  if (!("code" in expected)) return faults;
  if (contentType !== "application/problem+json") return [...faults, `answered as ${contentType}`];
  const problem = JSON.parse(text) as Readonly<Record<string, unknown>>;
  for (const field of TEXTS)
    if (typeof problem[field] !== "string" || problem[field] === "") faults.push(`no ${field}`);
  if (problem.code !== expected.code) faults.push(`its code is ${problem.code}, not ${expected.code}`);
  if (problem.status !== wanted && problem.status !== "failed") faults.push(`its status is ${problem.status}`);
  if (problem.retryable !== FAULTS[expected.code].retryable) faults.push(`retryable is ${problem.retryable}`);
  const named = `${problem.detail} ${JSON.stringify(problem.errors ?? [])}`;
  if (!named.includes(expected.names)) faults.push(`names no "${expected.names}"`);
  if (text.length > 20_000) faults.push(`gives ${text.length} characters back`);
  return faults;
}
