/** What travels beside the body: headers that lie, come twice, disagree, or ask for another protocol or method. */
import type { FaultCode } from "../../../src/domain/values/fault.ts";
import type { Attack, Header } from "./attack.ts";
import { attack, EXECUTE, GOOD, JSON_TYPE, ONE } from "./attack.ts";

const AGENTS = "/api/v1/agents";
const started = (code: FaultCode) => (name: string, headers: readonly Header[], names: string) =>
  attack(name, EXECUTE, { expected: { code, names }, body: GOOD, headers: [JSON_TYPE, ...headers] });
const mislabelled = started("invalid_input");
const asked = (path: string, code: FaultCode) => (name: string, headers: readonly Header[], names: string) =>
  attack(name, path, { expected: { code, names }, headers });
const other = (method: string, path: string, name: string) =>
  attack(name, path, { expected: { code: "method_not_allowed", names: method }, method });
const harmless = (name: string, headers: readonly Header[], path = ONE) =>
  attack(name, path, { expected: { status: 200 }, headers });

const RUN_HEADERS: readonly Attack[] = [
  mislabelled("an empty run id", [["X-Run-ID", ""]], "x-run-id"),
  mislabelled("a run id of 257 characters", [["X-Run-ID", "r".repeat(257)]], "x-run-id"),
  mislabelled(
    "a run id twice",
    [
      ["X-Run-ID", "a"],
      ["X-Run-ID", "b"],
    ],
    "x-run-id",
  ),
  mislabelled(
    "an idempotency key twice",
    [
      ["Idempotency-Key", "a"],
      ["Idempotency-Key", "b"],
    ],
    "idempotency-key",
  ),
  mislabelled("an empty idempotency key", [["Idempotency-Key", ""]], "idempotency-key"),
  mislabelled("a session id with a tab", [["X-Session-ID", "a\tb"]], "x-session-id"),
  mislabelled("an actor id that is not ASCII", [["X-Actor-ID", "ann\u00e9"]], "x-actor-id"),
  started("not_found")(
    "a parent that does not exist",
    [["X-Parent-Execution-ID", `exec_${"A".repeat(43)}`]],
    "execution",
  ),
];

const IDENTITY: readonly Attack[] = [
  asked(AGENTS, "unauthorized")("Basic in place of Bearer", [["Authorization", "Basic YTpi"]], "Bearer"),
  asked(AGENTS, "unauthorized")("Bearer without a key", [["Authorization", "Bearer"]], "Bearer"),
  asked(AGENTS, "unauthorized")("two keys in one header", [["Authorization", "Bearer a b"]], "Bearer"),
  asked(AGENTS, "unauthorized")(
    "two Authorization headers",
    [
      ["Authorization", "Bearer a"],
      ["Authorization", "Bearer b"],
    ],
    "Bearer",
  ),
  asked(AGENTS, "unauthorized")("a key that has not the form of one", [["X-API-Key", "admin"]], "form of a key"),
  asked(AGENTS, "unauthorized")(
    "two X-API-Key headers",
    [
      ["X-API-Key", "a"],
      ["X-API-Key", "b"],
    ],
    "form of a key",
  ),
  asked(AGENTS, "unauthorized")(
    "two headers with two keys",
    [
      ["Authorization", "Bearer a"],
      ["X-API-Key", "b"],
    ],
    "conflict",
  ),
  asked(AGENTS, "unauthorized")("SQL as a key", [["X-API-Key", "' OR 1=1--"]], "form of a key"),
  asked(AGENTS, "unauthorized")(
    "a key of sixteen thousand characters",
    [["X-API-Key", "k".repeat(16_000)]],
    "form of a key",
  ),
  asked(AGENTS, "unauthorized")("a key nobody was given", [["X-API-Key", `errand_${"A".repeat(43)}`]], "not known"),
];

const METHODS: readonly Attack[] = [
  other("DELETE", ONE, "a method that this path has not"),
  other("PUT", "/api/v1/agents", "PUT on a list"),
  other("PATCH", EXECUTE, "PATCH in place of POST"),
  other("GET", EXECUTE, "a start by GET"),
  attack("OPTIONS", "/api/v1/keys", { expected: { status: 204 }, method: "OPTIONS" }),
  attack("a method in a header", ONE, {
    expected: { code: "method_not_allowed", names: "POST" },
    method: "POST",
    body: "{}",
    headers: [
      ["X-HTTP-Method-Override", "DELETE"],
      ["X-Method-Override", "DELETE"],
    ],
  }),
  attack("a method in the query", `${ONE}?_method=DELETE`, {
    expected: { code: "method_not_allowed", names: "POST" },
    method: "POST",
    body: "{}",
  }),
];

const PLACES: readonly Attack[] = [
  asked("/api/v1/nothing", "not_found")(
    "another path in a header",
    [
      ["X-Original-URL", "/api/v1/keys"],
      ["X-Rewrite-URL", "/api/v1/keys"],
    ],
    "nothing",
  ),
  harmless("another host in a header", [
    ["X-Forwarded-Host", "evil.example"],
    ["Forwarded", "host=evil.example"],
  ]),
  harmless("another client in a header", [["X-Forwarded-For", "127.0.0.1, ' OR 1=1--"]]),
  harmless("a request id that writes into the log", [["X-Request-ID", '"}{"level":"error'.slice(0, 12)]]),
  harmless("a trace that is none", [["traceparent", "00-zz-zz-zz"]]),
];

const STREAMS: readonly Attack[] = [
  asked(`${ONE}/stream`, "upgrade_required")("no upgrade where one is needed", [], "WebSocket"),
  asked(`${ONE}/stream`, "upgrade_required")("an upgrade to HTTP/2", [["Upgrade", "h2c"]], "WebSocket"),
  asked(`${ONE}/events`, "invalid_input")(
    "an event id that is none",
    [
      ["Accept", "text/event-stream"],
      ["Last-Event-ID", "abc"],
    ],
    "last-event-id",
  ),
  asked(`${ONE}/events`, "invalid_input")(
    "a negative event id",
    [
      ["Accept", "text/event-stream"],
      ["Last-Event-ID", "-1"],
    ],
    "last-event-id",
  ),
  asked(`${ONE}/stream?after=x`, "invalid_input")(
    "a stream after what is no number",
    [["Upgrade", "websocket"]],
    "after",
  ),
  asked("/api/v1/feed?after=1e300", "invalid_input")("a feed after 1e300", [["Upgrade", "websocket"]], "after"),
  asked("/api/v1/executions/x/stream", "not_found")("the stream of nothing", [["Upgrade", "websocket"]], "execution"),
];

const CONDITIONS: readonly Attack[] = [
  harmless("a range of bytes", [["Range", "bytes=0-1,0-2,0-3"]]),
  harmless("a condition", [
    ["If-None-Match", "*"],
    ["If-Modified-Since", "yesterday"],
  ]),
  harmless("a media type that nobody speaks", [["Accept", "application/x-nothing;q=1e9"]]),
  harmless("a language that is a path", [["Accept-Language", "../../../etc/passwd"]]),
  harmless("cookies", [["Cookie", "session=admin; __proto__=1"]]),
];

export const HEADERS: readonly Attack[] = [
  ...RUN_HEADERS,
  ...IDENTITY,
  ...METHODS,
  ...PLACES,
  ...STREAMS,
  ...CONDITIONS,
];
