/** Starts in other forms: with an id of one's own, as a form with files, again; and approvals that are asked for. */
import type { FaultCode } from "../../../src/domain/values/fault.ts";
import type { Attack } from "./attack.ts";
import { attack, EXECUTE, ONE, posted } from "./attack.ts";

const named = posted(EXECUTE, "invalid_input");
const withId = (id: unknown) => JSON.stringify({ id, input: { claim: "c", amount: 1 } });
const OWN_IDS: readonly Attack[] = [
  named("a path as an id of one's own", withId("../keys"), "id"),
  named("an id that begins with a dot", withId(".hidden"), "id"),
  named("an id of one's own with 129 characters", withId("x".repeat(129)), "id"),
  named("an id of one's own in the form of ours", withId(`exec_${"A".repeat(43)}`), "id"),
  named("a word of the API as id", withId("batch-status"), "id"),
  named("an id with a space", withId("my run"), "id"),
  named("an id that looks the same", withId("аpproval-1"), "id"),
  named("a list as id", withId(["a"]), "id"),
];

const AGAIN = posted(`${ONE}/restart`, "invalid_input");
const RESTARTS: readonly Attack[] = [
  AGAIN("a restart of everything", '{"scope":"tenant"}', "scope"),
  AGAIN("a reuse that is none", '{"reuse":"some"}', "reuse"),
  AGAIN("yes as a fork", '{"fork":"yes"}', "fork"),
  AGAIN("a list as the other input", '{"input":[1]}', "input"),
];

const many = posted(`${ONE}/signals`, "invalid_input");
const SIGNALS: readonly Attack[] = [
  many("501 signals", JSON.stringify({ signals: Array(501).fill({ name: "go" }) }), "signals"),
  many("no signals", '{"signals":[]}', "signals"),
  many("a signal without a name among others", '{"signals":[{"name":"a"},{"data":1}]}', "signals.1.name"),
  many("a NUL in a signal's name", '{"signals":[{"name":"a\\u0000"}]}', "signals.0.name"),
  posted(`${ONE}/signals`, "payload_too_large")(
    "signals that are too large together",
    JSON.stringify({ signals: Array(11).fill({ name: "go", data: "d".repeat(100_000) }) }),
    "signals",
  ),
];

const asking = posted(`${ONE}/request-approval`, "invalid_input");
const ASKED: readonly Attack[] = [
  asking("an approval id in the form of ours", '{"approval_request_id":"gate_x"}', "approval_request_id"),
  asking("an approval id with a line break", '{"approval_request_id":"a\\nb"}', "approval_request_id"),
  asking(
    "a script as the reviewer's page",
    '{"approval_request_id":"a","approval_request_url":"javascript:alert(1)"}',
    "approval_request_url",
  ),
  asking(
    "a file as the reviewer's page",
    '{"approval_request_id":"a","approval_request_url":"file:///etc/passwd"}',
    "approval_request_url",
  ),
  asking("an approval that has expired", '{"approval_request_id":"a","expires_in_hours":-1}', "expires_in_hours"),
  asking(
    "an approval for a thousand years",
    '{"approval_request_id":"a","expires_in_hours":8765820}',
    "expires_in_hours",
  ),
  posted(`${ONE}/request-approval`, "payload_too_large")(
    "an approval with a payload above 1 MiB",
    `{"approval_request_id":"a","payload":"${"p".repeat(1_048_577)}"}`,
    "payload",
  ),
];

const part = (disposition: string, content: string) =>
  `--b\r\nContent-Disposition: form-data; ${disposition}\r\n\r\n${content}\r\n`;
const INPUT = part('name="input"', '{"claim":"c","amount":1}');
function formed(name: string, body: string, [code, names]: readonly [FaultCode, string]): Attack {
  const headers = [["Content-Type", "multipart/form-data; boundary=b"]] as const;
  return attack(name, EXECUTE, { expected: { code, names }, body, headers });
}
const FORMS: readonly Attack[] = [
  formed("a form that was cut", INPUT, ["invalid_form", "parse"]),
  formed("a form with another boundary", INPUT.replaceAll("--b", "--c"), ["invalid_form", "parse"]),
  formed("a form without an input", `${part('name="other"', "x")}--b--\r\n`, ["invalid_input", "input"]),
  formed("a form with two inputs", `${INPUT}${INPUT}--b--\r\n`, ["invalid_input", "input"]),
  formed("a form whose input is no JSON", `${part('name="input"', "claim=c")}--b--\r\n`, ["invalid_input", "input"]),
  formed(
    "a form whose input has a key twice",
    `${part('name="input"', '{"claim":"c","amount":1,"amount":2}')}--b--\r\n`,
    ["invalid_input", "input.amount"],
  ),
  formed("a form whose input has a forbidden key", `${part('name="input"', '{"__proto__":{}}')}--b--\r\n`, [
    "invalid_input",
    "input.__proto__",
  ]),
  formed("a text in the place of a file", `${INPUT}${part('name="files"', "x")}--b--\r\n`, [
    "invalid_input",
    "files.0",
  ]),
  formed("a file in the place of a field", `${INPUT}${part('name="avatar"; filename="a.png"', "x")}--b--\r\n`, [
    "invalid_input",
    "avatar",
  ]),
  formed("a form of a hundred parts", `${INPUT}${part('name="x"', "").repeat(100)}--b--\r\n`, [
    "payload_too_large",
    "100 parts",
  ]),
  formed(
    "a part whose header never ends",
    `${INPUT}${part(`name="files"; filename="${".".repeat(100_000)}"`, "x")}--b--\r\n`,
    ["payload_too_large", "4096 bytes"],
  ),
  formed(
    "a form whose fields are more than a start has",
    `${part('name="input"', `"${"x".repeat(3 * 1_048_576)}"`)}--b--\r\n`,
    ["payload_too_large", "2 MiB"],
  ),
  formed("a form above 32 MiB", "x".repeat(33 * 1_048_576), ["payload_too_large", "32 MiB"]),
  attack("a form that names no boundary", EXECUTE, {
    expected: { code: "invalid_form", names: "boundary" },
    body: INPUT,
    headers: [["Content-Type", "multipart/form-data"]],
  }),
];

const gone = { code: "not_found", names: "" } as const;
const FILES: readonly Attack[] = [
  attack("a file that climbs", `${ONE}/files/..%2F..%2Fetc%2Fpasswd`, { expected: gone }),
  attack("a file with a NUL", `${ONE}/files/a%00.png`, { expected: gone }),
  attack("a file named like a prototype", `${ONE}/files/__proto__`, { expected: gone }),
  attack("a chosen id that nobody chose", "/api/v1/executions/exec_carol_1", { expected: gone }),
  attack("an agent's definitions up the tree", "/api/v1/agents/..%2Fkeys/definitions", { expected: gone }),
];

export const STARTS: readonly Attack[] = [...OWN_IDS, ...RESTARTS, ...SIGNALS, ...ASKED, ...FORMS, ...FILES];
