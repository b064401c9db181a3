/** Bytes that no HTTP library would send: only a raw socket can, and only to the real server in open mode. */
import type { FaultCode } from "../../../src/domain/values/fault.ts";
import type { Attack, Expected } from "./attack.ts";
import { attack, EXECUTE, GOOD, ONE } from "./attack.ts";

const LOCAL = "Host: localhost\r\nConnection: close";
const raw = (name: string, text: string, expected: Expected): Attack => ({
  ...attack(name, "", { expected }),
  raw: text,
});
const refused = (code: FaultCode, names: string) => ({ code, names });
const get = (headers: string, path = "/api/v1/agents") => `GET ${path} HTTP/1.1\r\n${headers}\r\n\r\n`;
const post = (headers: string, body: string) => `POST ${EXECUTE} HTTP/1.1\r\n${LOCAL}\r\n${headers}\r\n\r\n${body}`;
const chunked = (body: string, coding = "chunked") => post(`Transfer-Encoding: ${coding}`, body);
const upgrade = (fields: string) =>
  get(`${LOCAL.replace("close", "Upgrade")}\r\nUpgrade: websocket\r\n${fields}`, `${ONE}/stream`);

const LENGTHS: readonly Attack[] = [
  raw("a length beyond what is taken", post("Content-Length: 99999999", "{}"), refused("payload_too_large", "2 MiB")),
  raw("two lengths", post("Content-Length: 2\r\nContent-Length: 3", "{}"), { runtime: 400 }),
  raw("a negative length", post("Content-Length: -2", "{}"), { runtime: 400 }),
  raw("a length beyond 64 bits", post("Content-Length: 99999999999999999999999", "{}"), { runtime: 400 }),
  raw(
    "a length and chunks",
    post("Content-Length: 40\r\nTransfer-Encoding: chunked", "2\r\n[]\r\n0\r\n\r\n"),
    refused("invalid_input", "body"),
  ),
  raw("a chunk of letters", chunked("ZZ\r\n{}\r\n0\r\n\r\n"), refused("invalid_json", "broke off")),
  raw("a chunk beyond 64 bits", chunked("FFFFFFFFFFFFFFFFF\r\n{}\r\n0\r\n\r\n"), refused("invalid_json", "broke off")),
  raw("a coding that does not exist", chunked("2\r\n{}\r\n0\r\n\r\n", "xchunked"), { runtime: 400 }),
  raw(
    "headers behind the chunks",
    chunked(`2\r\n[]\r\n0\r\nX-Run-ID: ${"r".repeat(300)}\r\n\r\n`),
    refused("invalid_input", "body"),
  ),
  raw(
    "3 MiB in chunks that say no sum",
    chunked(`${`100000\r\n${" ".repeat(1_048_576)}\r\n`.repeat(3)}0\r\n\r\n`),
    refused("payload_too_large", "2 MiB"),
  ),
];

const LINES: readonly Attack[] = [
  raw("a method that does not exist", `STEAL /api/v1/agents HTTP/1.1\r\n${LOCAL}\r\n\r\n`, { runtime: 501 }),
  raw("a method in small letters", `get /api/v1/agents HTTP/1.1\r\n${LOCAL}\r\n\r\n`, { runtime: 501 }),
  raw("TRACE", `TRACE /api/v1/agents HTTP/1.1\r\n${LOCAL}\r\n\r\n`, refused("method_not_allowed", "TRACE")),
  raw("a version of HTTP that does not exist", `GET /api/v1/agents HTTP/3.7\r\n${LOCAL}\r\n\r\n`, { runtime: 400 }),
  raw("HTTP/0.9", "GET /\r\n\r\n", { runtime: 400 }),
  raw("a greeting of TLS", "\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03\r\n\r\n", { runtime: 400 }),
  raw("an address of a hundred thousand characters", get(LOCAL, `/${"a".repeat(100_000)}`), { runtime: 414 }),
  raw(
    "dots that climb in the address",
    get(LOCAL, "/api/v1/executions/../keys"),
    refused("not_found", "executions/../keys"),
  ),
  raw("a fragment in the address", get(LOCAL, "/api/v1/nothing#/api/v1/agents"), refused("not_found", "nothing")),
];

const FIELDS: readonly Attack[] = [
  raw("a NUL in a header", get(`${LOCAL}\r\nX-Session-ID: a\0b`), { runtime: 400 }),
  raw("a carriage return alone in a header", get(`${LOCAL}\r\nX-Session-ID: a\rX-Run-ID: b`), { runtime: 400 }),
  raw("a folded header", get(`${LOCAL}\r\nX-Session-ID: a\r\n b`), { runtime: 400 }),
  raw("a space before the colon", get(`${LOCAL}\r\nX-Session-ID : a`), { runtime: 400 }),
  raw("a header without a colon", get(`${LOCAL}\r\nX-Session-ID`), { runtime: 400 }),
  raw("a header of a megabyte", get(`${LOCAL}\r\nX-A: ${"a".repeat(1_000_000)}`), { runtime: 431 }),
  raw(
    "bytes that are no UTF-8 in a header",
    post(`X-Session-ID: \u00ff\u00fe\r\nContent-Length: ${GOOD.length}`, GOOD),
    refused("invalid_input", "x-session-id"),
  ),
];

const HOSTS: readonly Attack[] = [
  raw("no host", get("Accept: */*"), { runtime: 400 }),
  raw("two hosts", get(`${LOCAL}\r\nHost: evil.example`), refused("forbidden_origin", "Host")),
  raw("a rebound name", get("Host: rebound.example:8787\r\nConnection: close"), refused("forbidden_origin", "Host")),
  raw(
    "a user in the host",
    get("Host: localhost@evil.example\r\nConnection: close"),
    refused("forbidden_origin", "Host"),
  ),
  raw("the address of every interface", get("Host: 0.0.0.0\r\nConnection: close"), refused("forbidden_origin", "Host")),
  raw(
    "another host in the address",
    get(LOCAL.replace("localhost", "evil.example"), "http://evil.example/api/v1/agents"),
    refused("forbidden_origin", "Host"),
  ),
  raw(
    "a foreign page",
    post(`Origin: https://evil.example\r\nContent-Type: text/plain\r\nContent-Length: ${GOOD.length}`, GOOD),
    refused("forbidden_origin", "Origin"),
  ),
  raw(
    "a sandboxed page",
    post(`Origin: null\r\nContent-Length: ${GOOD.length}`, GOOD),
    refused("forbidden_origin", "Origin"),
  ),
  raw(
    "an origin that begins like ours",
    post(`Origin: http://localhost.evil.example\r\nContent-Length: ${GOOD.length}`, GOOD),
    refused("forbidden_origin", "Origin"),
  ),
];

const SOCKETS: readonly Attack[] = [
  raw("a socket without a key", upgrade("Sec-WebSocket-Version: 13"), { runtime: 400 }),
  raw("a socket of version 8", upgrade("Sec-WebSocket-Version: 8\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=="), {
    runtime: 426,
  }),
  raw(
    "a socket on a path that has none",
    get(
      `Host: localhost\r\nConnection: close\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==`,
      "/api/v1/nothing",
    ),
    refused("not_found", "nothing"),
  ),
];

export const FRAMING: readonly Attack[] = [...LENGTHS, ...LINES, ...FIELDS, ...HOSTS, ...SOCKETS];
