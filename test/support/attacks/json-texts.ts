/** Bodies that are no JSON, or JSON that two readers would read differently, or too much of it. */
import type { Attack } from "./attack.ts";
import { attack, EXECUTE, GOOD, JSON_TYPE, ONE, posted } from "./attack.ts";

const MIB = 1_048_576;
const bytes = (...parts: readonly (string | readonly number[])[]): Uint8Array =>
  new Uint8Array(parts.flatMap((part) => (typeof part === "string" ? [...new TextEncoder().encode(part)] : [...part])));
const utf16 = (text: string): number[] => [...text].flatMap((char) => [char.charCodeAt(0), 0]);
const input = (fields: string) => `{"input":{"claim":"c","amount":1,${fields}}}`;
const beside = (field: string) => `{"input":{"claim":"c","amount":1},${field}}`;
const nested = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`;
const broken = posted(EXECUTE, "invalid_json");
const start = posted(EXECUTE, "invalid_input");

const SYNTAX: readonly Attack[] = [
  broken("a body of plain text", "hello", "JSON"),
  broken("JSON cut in the middle", GOOD.slice(0, -4), "JSON"),
  broken("two documents in one body", GOOD + GOOD, "JSON"),
  broken("a comma before the end", '{"input":{},}', "JSON"),
  broken("single quotes", "{'input':{}}", "JSON"),
  broken("a comment", `{/* , */${GOOD.slice(1)}`, "JSON"),
  broken("NaN as a number", input('"x":NaN'), "JSON"),
  broken("Infinity as a number", input('"x":-Infinity'), "JSON"),
  broken("undefined as a value", input('"x":undefined'), "JSON"),
  broken("a hexadecimal number", input('"x":0x10'), "JSON"),
  broken("an octal number", input('"x":010'), "JSON"),
  broken("an unknown escape", input('"x":"\\x41"'), "JSON"),
  broken("a prefix against script inclusion", `)]}',\n${GOOD}`, "JSON"),
];

const READINGS: readonly Attack[] = [
  start("a key twice", input('"amount":2'), "input.amount"),
  start("a key twice, once in escapes", input('"\\u0061mount":2'), "input.amount"),
  start("the envelope's key twice", `${GOOD.slice(0, -1)},"input":{}}`, "input"),
  start("a key twice in an object of a list", beside('"metadata":[{},{"a":1,"a":1}]'), "metadata.1.a"),
  start("__proto__ as a key of the input", input('"__proto__":{"admin":true}'), "input.__proto__"),
  start("__proto__ as a key of the envelope", `{"__proto__":${GOOD}}`, "__proto__"),
  start("__proto__ in escapes", beside('"metadata":{"\\u005f_proto__":1}'), "metadata.__proto__"),
  start(
    "constructor.prototype",
    beside('"context":{"constructor":{"prototype":{"x":1}}}'),
    "context.constructor.prototype",
  ),
  start("an inherited name as a key", input('"toString":"x"'), "input.toString"),
  start("a number beyond every double", input('"amount2":1e999'), "input.amount2"),
  start("2^53 + 1", '{"input":{"claim":"c","amount":9007199254740993}}', "input.amount"),
  start("an integer of a thousand digits", beside(`"metadata":{"n":1${"0".repeat(999)}}`), "metadata.n"),
  start("half of a surrogate pair", '{"input":{"claim":"\\ud800","amount":1}}', "input.claim"),
  start("half of a surrogate pair as a key", beside('"context":{"\\udfff":1}'), "context."),
  start("minus zero where more is needed", '{"input":{"claim":"c","amount":-0}}', "input.amount"),
];

const ENCODINGS: readonly Attack[] = [
  broken("bytes that are no UTF-8", bytes('{"input":{"claim":"', [0xff, 0xfe], '"}}'), "UTF-8"),
  broken("overlong UTF-8", bytes('{"input":{"claim":"', [0xc0, 0xaf], '"}}'), "UTF-8"),
  broken("a surrogate as UTF-8 (CESU)", bytes('{"input":"', [0xed, 0xa0, 0x80], '"}'), "UTF-8"),
  broken("UTF-8 cut inside a character", bytes('{"input":"', [0xe2, 0x82]), "UTF-8"),
  broken("UTF-16 with its mark", bytes([0xff, 0xfe], utf16(GOOD)), "UTF-8"),
  broken("UTF-16 without a mark", bytes(utf16(GOOD)), "JSON"),
  broken("UTF-32", bytes([...GOOD].flatMap((char) => [0, 0, 0, char.charCodeAt(0)])), "JSON"),
  broken("a raw NUL in a string", GOOD.replace('"c"', '"a\0b"'), "JSON"),
  broken("a raw line break in a string", GOOD.replace('"c"', '"a\nb"'), "JSON"),
  broken("a NUL after the end", `${GOOD}\0`, "JSON"),
  broken("two byte order marks", `\uFEFF\uFEFF${GOOD}`, "JSON"),
];

const AMOUNTS: readonly Attack[] = [
  start("65 levels", beside(`"metadata":${nested(64)}`), "64 levels"),
  start("a million levels", beside(`"context":${nested(1_000_000)}`), "64 levels"),
  start("two million open brackets", new Uint8Array(2_000_000).fill(0x5b), "64 levels"),
  start("a thousand levels of objects", `${'{"input":'.repeat(1_000)}1${"}".repeat(1_000)}`, "64 levels"),
  posted(EXECUTE, "payload_too_large")("a start above 2 MiB", new Uint8Array(3 * MIB).fill(0x20), "2 MiB"),
  posted(`${ONE}/signals`, "payload_too_large")("a batch above 8 MiB", new Uint8Array(9 * MIB).fill(0x20), "8 MiB"),
  posted("/api/v1/nothing-here", "not_found")(
    "9 MiB to where nothing is",
    new Uint8Array(9 * MIB).fill(0x20),
    "nothing-here",
  ),
  posted(`${ONE}/cancel`, "payload_too_large")("a reason above 256 KiB", new Uint8Array(MIB).fill(0x20), "256 KiB"),
  posted(EXECUTE, "payload_too_large")("an input above 1 MiB", input(`"x":"${"a".repeat(MIB)}"`), "input"),
  posted(EXECUTE, "payload_too_large")(
    "a context above 1 MiB",
    beside(`"context":"${"é".repeat(MIB / 2)}"`),
    "context",
  ),
  posted(EXECUTE, "payload_too_large")("metadata above 1 MiB", beside(`"metadata":"${"a".repeat(MIB)}"`), "metadata"),
  posted(EXECUTE, "payload_too_large")(
    "three halves of 1 MiB",
    beside(`"context":"${"a".repeat(MIB / 2)}","metadata":"${"b".repeat(MIB / 2)}"`),
    "together",
  ),
  posted(`${ONE}/signals/go`, "payload_too_large")("a signal above 1 MiB", `{"data":"${"a".repeat(MIB)}"}`, "data"),
  posted(`${ONE}/approval-response`, "payload_too_large")(
    "a decision with a response above 1 MiB",
    `{"decision":"approved","response":"${"a".repeat(MIB)}"}`,
    "response",
  ),
  start(
    "ten thousand unknown keys",
    input(Array.from({ length: 10_000 }, (_, n) => `"k${n}":1`).join(",")),
    "input.k0",
  ),
  start("a key of a megabyte", input(`"${"k".repeat(900_000)}":1`), "input.kkk"),
];

const MEDIA: readonly Attack[] = (
  [
    ["XML with an entity", ["Content-Type", "application/xml"], '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', "xml"],
    ["YAML", ["Content-Type", "application/yaml"], "input: !!js/function x", "yaml"],
    ["plain text that is no JSON", ["Content-Type", "text/plain"], "input", "text/plain"],
    ["a media type that is none", ["Content-Type", "///;;;"], "x", "///"],
    ["JSON in Latin-1", ["Content-Type", "application/json; charset=iso-8859-1"], GOOD, "iso-8859-1"],
    ["JSON that says UTF-7", ["Content-Type", 'application/json; charset="utf-7"'], GOOD, "utf-7"],
    ["JSON that says gzip", ["Content-Encoding", "gzip"], GOOD, "gzip"],
    ["two content encodings", ["Content-Encoding", "identity, br"], GOOD, "br"],
  ] as const
).map(([name, header, body, names]) =>
  attack(name, EXECUTE, { expected: { code: "unsupported_media_type", names }, headers: [header], body }),
);

const MULTIPART = attack("multipart where none is taken", `${ONE}/notes`, {
  expected: { code: "unsupported_media_type", names: "multipart" },
  headers: [["Content-Type", "multipart/form-data; boundary=x"]],
  body: '--x\r\n\r\n{"message":"m"}\r\n--x--',
});

const HARMLESS: readonly Attack[] = [
  attack("an empty body where one is needed", EXECUTE, {
    expected: { code: "invalid_input", names: "input.claim" },
    body: "",
    headers: [JSON_TYPE],
  }),
];

export const JSON_TEXTS: readonly Attack[] = [
  ...SYNTAX,
  ...READINGS,
  ...ENCODINGS,
  ...AMOUNTS,
  ...MEDIA,
  MULTIPART,
  ...HARMLESS,
];
