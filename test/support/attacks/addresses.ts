/** Where a request goes: targets, ids, paths, cursors, queries. */
import type { FaultCode } from "../../../src/domain/values/fault.ts";
import type { Attack } from "./attack.ts";
import { attack, GOOD, JSON_TYPE, ONE } from "./attack.ts";

const started = (code: FaultCode) => (name: string, target: string, names: string) =>
  attack(name, `/api/v1/execute/async/${target}`, { expected: { code, names }, body: GOOD, headers: [JSON_TYPE] });
const malformed = started("invalid_target");
const unknown = started("target_not_found");
const missing = (name: string, path: string, names = "") =>
  attack(name, path, { expected: { code: "not_found", names } });

const TARGETS: readonly Attack[] = [
  malformed("a target without a dot", "approvals", "approvals"),
  malformed("no function behind the dot", "approvals.", "approvals."),
  malformed("no agent before the dot", ".demo", ".demo"),
  malformed("nothing but dots", "...", "..."),
  malformed("a Cyrillic letter that looks Latin", "%D0%B0pprovals.demo", "agent.function"),
  malformed("a full-width dot", "approvals%EF%BC%8Edemo", "agent.function"),
  malformed("capitals", "Approvals.Demo", "Approvals.Demo"),
  malformed("a function of 129 characters", `approvals.${"d".repeat(129)}`, "agent.function"),
  malformed("a space behind the target", "approvals.demo%20", "agent.function"),
  malformed("a NUL behind the target", "approvals.demo%00", "agent.function"),
  malformed("a path in the target", "approvals.demo%2F..%2Fdemo", "agent.function"),
  malformed("the prototype as target", "__proto__.demo", "__proto__"),
  unknown("an agent of many dots", "a.b.c.demo", "a.b.c"),
  unknown("an inherited name as agent", "constructor.constructor", "constructor"),
  unknown("an inherited name as function", "approvals.constructor", "constructor"),
  unknown("a zero-width agent", "approvals..demo", "approvals."),
];

const IDS: readonly Attack[] = [
  missing("an id that is none", "/api/v1/executions/1"),
  missing("a forged id of the right form", `/api/v1/executions/exec_${"A".repeat(43)}`),
  missing("an id with a letter more", "/api/v1/executions/{id}A"),
  missing("an id in lower case", "/api/v1/executions/EXEC_{id}"),
  missing("the prototype as id", "/api/v1/executions/__proto__/log"),
  missing("SQL as id", "/api/v1/executions/'%20OR%201=1--"),
  missing("a template as id", "/api/v1/executions/%7B%7B7*7%7D%7D"),
  missing("an id of four thousand characters", `/api/v1/executions/${"x".repeat(4_000)}/events`),
  missing("a gate in the place of an execution", "/api/v1/executions/{gate}"),
  missing("an id with a NUL behind it", "/api/v1/executions/{id}%00"),
  missing("an id with matrix parameters", "/api/v1/executions/{id};admin=1"),
  missing("an id with an extension", "/api/v1/executions/{id}.json"),
  missing("half of an id", "/api/v1/executions/exec_"),
  missing("a run that is none", "/api/v1/runs/%00/dag", "no run"),
  missing("a session that is none", "/api/v1/sessions/%E2%80%AE", "session"),
  attack("a key that is none", "/api/v1/keys/key_%27--", {
    expected: { code: "not_found", names: "key" },
    method: "DELETE",
  }),
];

const PATHS: readonly Attack[] = [
  missing("encoded dots that climb", "/api/v1/executions/%2e%2e/%2e%2e/%2e%2e/etc/passwd"),
  missing("dots encoded twice", "/api/v1/executions/%252e%252e%252fkeys"),
  missing("encoded slashes", "/api/v1/executions/{id}%2Flog"),
  missing("backslashes", "/api/v1/executions/{id}%5C..%5Ckeys"),
  missing("overlong dots", "/api/v1/executions/%C0%AE%C0%AE"),
  missing("a percent sign that begins nothing", "/api/v1/executions/%zz"),
  missing("a slash behind the path", "/api/v1/executions/{id}/"),
  missing("two slashes in the path", "/api/v1//executions/{id}"),
  missing("two slashes before the path", "//evil.example/api/v1/agents"),
  missing("the path in capitals", "/API/V1/agents"),
  missing("a version that does not exist", "/api/v2/agents"),
  missing("a hidden file", "/.env"),
  missing("the source", "/src/worker.ts"),
  missing("another server's console", "/cgi-bin/..%2f..%2fbin/sh"),
  missing("a path of ten thousand characters", `/api/v1/${"a".repeat(10_000)}`, "/api/v1/aaa"),
];

const asked = (code: FaultCode, path: string) => (name: string, query: string, names: string) =>
  attack(name, `${path}?${query}`, { expected: { code, names } });
const listed = asked("invalid_input", "/api/v1/executions");
const read = asked("invalid_input", ONE);
const events = asked("invalid_input", `${ONE}/events`);
const NUMBERS: readonly Attack[] = [
  listed("a page of nothing", "limit=0", "limit"),
  listed("a negative page", "limit=-1", "limit"),
  listed("one more than a page holds", "limit=201", "limit"),
  listed("a page of a billion", "limit=1e9", "limit"),
  listed("words as a limit", "limit=abc", "limit"),
  listed("no limit behind the sign", "limit=", "limit"),
  listed("a hexadecimal limit", "limit=0x10", "limit"),
  listed("spaces around a limit", "limit=%20%205", "limit"),
  listed("half a row", "limit=1.5", "limit"),
  listed("digits of another script", "limit=%D9%A5", "limit"),
  listed("a limit of four hundred digits", `limit=${"9".repeat(400)}`, "limit"),
  read("a negative wait", "wait=-1", "wait"),
  read("a wait of thirty years", "wait=1000000000", "wait"),
  read("a wait without end", "wait=Infinity", "wait"),
  read("a wait that is no number", "wait=NaN", "wait"),
  events("events after 2^53 + 1", "after=9007199254740993", "after"),
  events("events before the first", "after=-1", "after"),
  events("one more event than a page holds", "limit=1001", "limit"),
  events("a type of 101 characters", `type=${"t".repeat(101)}`, "type"),
];

const QUERIES: readonly Attack[] = [
  listed("a parameter twice", "limit=1&limit=200", "limit"),
  listed("a parameter twice, once encoded", "status=failed&%73tatus=succeeded", "status"),
  listed("a parameter as a list", "status[]=failed", "status[]"),
  listed("a parameter as an object", "status[$ne]=failed", "status[$ne]"),
  listed("a status that is none", "status=done-ish", "status"),
  listed("an empty status among others", "status=failed,,", "status"),
  listed("yesterday as a time", "since=yesterday", "since"),
  listed("a month that is none", "until=2026-13-01T00:00:00Z", "until"),
  listed("a NUL in a filter", "run_id=a%00b", "run_id"),
  listed("a search of 257 characters", `q=${"q".repeat(257)}`, "q"),
  listed("bytes that are no UTF-8 in a query", "q=%ff%fe", "query"),
  listed("a percent sign that begins nothing in a query", "q=100%", "query"),
  asked("invalid_input", "/api/v1/executions/active")(
    "257 characters of an agent",
    `agent_id=${"a".repeat(257)}`,
    "agent_id",
  ),
  asked("invalid_input", "/api/v1/approvals")("an inbox of what is decided", "status=decided", "status"),
  asked("invalid_input", "/api/v1/runs/{run_id}/dag")("a mode that is none", "mode=fast", "mode"),
  asked("invalid_input", "/api/v1/keys")("a tenant that is none", "tenant=..%2Fother", "tenant"),
  attack("a query that pollutes a prototype", "/api/v1/agents?__proto__[admin]=1&constructor[x]=1", {
    expected: { code: "invalid_input", names: "__proto__[admin]: is no parameter" },
  }),
  attack("wildcards in a search", "/api/v1/executions?q=%25%25%5F*", { expected: { status: 200 } }),
  attack("SQL in a search", "/api/v1/executions?q='%20UNION%20SELECT%20*%20FROM%20keys--", {
    expected: { status: 200 },
  }),
];

const cursor = asked("invalid_cursor", "/api/v1/executions");
const CURSORS: readonly Attack[] = [
  cursor("a cursor that is none", "cursor=abc", "cursor"),
  cursor("an empty cursor", "cursor=", "cursor"),
  cursor("a cursor that was cut", "cursor=1790000000000~", "cursor"),
  cursor("SQL behind a cursor", "cursor=1~exec_a')--", "cursor"),
  cursor("a cursor before all time", "cursor=-1~exec_a", "cursor"),
  asked("invalid_cursor", "/api/v1/keys")("an execution's cursor in the list of keys", "cursor=1~exec_a", "cursor"),
  asked("invalid_cursor", "/api/v1/sessions")(
    "a cursor of 201 characters",
    `cursor=1~exec_${"a".repeat(195)}`,
    "cursor",
  ),
];

export const ADDRESSES: readonly Attack[] = [...TARGETS, ...IDS, ...PATHS, ...NUMBERS, ...QUERIES, ...CURSORS];
