import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { logLine } from "../../../src/contract/privacy/log-line.ts";
import { maskBody, maskDeep, maskPersonalData, seesPersonalData } from "../../../src/contract/privacy/mask.ts";
import { Scope } from "../../../src/domain/execution/principal.ts";
import { FALSE_POSITIVES, MISSES, PHONE_FIELDS } from "./mask-limits.ts";
import { NO_PHONES, PHONES } from "./phone-tables.ts";

describe("phone numbers", () => {
  test.each(PHONES)("are masked: %s", (line) => {
    const [before = "", number = "", after = ""] = line.split(/[‹›]/);
    const masked = maskPersonalData(before + number + after);
    expect(masked).toMatch(/(?:\+\d{1,3} )?\*\*\* \*\*\d\d/);
    expect(masked.startsWith(before)).toBe(true);
    expect(masked.endsWith(after)).toBe(true);
    const shown = masked.slice(before.length, masked.length - after.length);
    expect(shown).toMatch(/^(?:\+\d{1,3} )?\*\*\* \*\*\d\d$/);
    expect(maskPersonalData(masked)).toBe(masked);
  });

  test.each(NO_PHONES)("are not seen in: %s", (text) => {
    expect(maskPersonalData(text)).toBe(text);
    expect(maskPersonalData(`It says ${text} there.`)).toBe(`It says ${text} there.`);
    expect(maskPersonalData(JSON.stringify({ value: text }))).toBe(JSON.stringify({ value: text }));
  });

  test("the tables are as long as they must be and say nothing twice", () => {
    expect(new Set(PHONES).size).toBe(PHONES.length);
    expect(new Set(NO_PHONES).size).toBe(NO_PHONES.length);
    expect(Math.min(PHONES.length, NO_PHONES.length)).toBeGreaterThanOrEqual(60);
  });

  test("several in one line are masked one by one", () => {
    expect(maskPersonalData("0171 1234567 0172 7654321")).toBe("*** **67 *** **21");
    expect(maskPersonalData("030 1234567 / 0171 1234567")).toBe("*** **67 / *** **67");
    expect(maskPersonalData("+49 171 1234567 +33 6 12 34 56 78")).toBe("+49 *** **67 +33 *** **78");
    expect(maskPersonalData("(212) 555-0123 (212) 555-0199")).toBe("*** **23 *** **99");
    expect(maskPersonalData("0171 1234567 on 15.01.2024")).toBe("*** **67 on 15.01.2024");
  });
});

const MAILS: readonly [string, string][] = [
  ["alice@example.com", "a***@e***.com"],
  ["+@example.com@example.org", "+***@e***.com@e***.org"],
  ["write to alice@example.com.", "write to a***@e***.com."],
  ["(alice@example.com)", "(a***@e***.com)"],
  ["<alice@example.com>,", "<a***@e***.com>,"],
  ['"Alice" <alice@example.com>', '"Alice" <a***@e***.com>'],
  ["mailto:alice@example.com?subject=hi", "mailto:a***@e***.com?subject=hi"],
  ["alice+orders@example.co.uk", "a***@e***.uk"],
  ["alice.b.o'neill@mail.example.org!", "a***@m***.org!"],
  ["ALICE@EXAMPLE.COM;bob@example.com", "A***@E***.COM;b***@e***.com"],
  ['"alice smith"@example.com', "a***@e***.com"],
  ["用户@例子.公司", "用***@例***.公司"],
  ["jörg@müller.de", "j***@m***.de"],
  ["joe@xn--mller-kva.xn--p1ai", "j***@x***.xn--p1ai"],
  ["𝒶lice@example.com", "𝒶***@e***.com"],
  ["joe@[192.168.0.1]", "j***@[***]"],
  ["joe@[IPv6:2001:db8::1]", "j***@[***]"],
  ["?email=alice%40example.com&x=1", "?e***@e***.com&x=1"],
  ["alice＠example.com", "a***@e***.com"],
  ["bounce+alice=example.com@lists.example.org", "b***@l***.org"],
  ["**alice@example.com**", "**a***@e***.com**"],
  ["'alice@example.com'", "'a***@e***.com'"],
  ["https://bob:secret@example.com/path", "https://bob:s***@e***.com/path"],
  ["a@b.co", "a***@b***.co"],
  ["0171234567@sms.example.de", "0***@s***.de"],
];
const NO_MAILS: readonly string[] = [
  "@decorator",
  "@Injectable() class A {}",
  "user@localhost",
  "root@192.168.0.1",
  "@scope/pkg@1.2.3",
  "pkg@latest",
  "zod@4.6.7",
  "npm i @types/node@24.19.2",
  "@alice on the net",
  "cc @alice, @bob",
  "git@github.com:org/repo.git",
  "ssh://git@example.com/repo.git",
  "icon@2x.png",
  "sprite@3x.webp",
  "getty@tty1.service",
  "a @ b . c",
  "5 @ 3.50 each",
  "@media (min-width: 1px)",
  "x@y",
  "mean@.5",
  "@",
  "@@@@",
  "me@.com",
  "me@-x.c",
  "user@host:/path",
  "<!-- @ts-expect-error -->",
];

describe("e-mail addresses", () => {
  test.each(MAILS)("are masked: %s", (text, expected) => {
    expect(maskPersonalData(text)).toBe(expected);
    expect(maskPersonalData(expected)).toBe(expected);
  });

  test.each(NO_MAILS)("are not seen in: %s", (text) => {
    expect(maskPersonalData(text)).toBe(text);
  });
});

describe("JSON", () => {
  test("is masked in keys and values, and in strings only", () => {
    const value = {
      "alice@example.com": { seen: 2125550123, ok: true, none: null },
      list: ["+49 171 1234567", 491711234567, { note: "bob@example.org" }],
    };
    expect(maskDeep(value)).toEqual({
      "a***@e***.com": { seen: 2125550123, ok: true, none: null },
      list: ["+49 *** **67", 491711234567, { note: "b***@e***.org" }],
    });
  });

  test("loses no field when two keys look alike once they are masked", () => {
    expect(maskDeep({ "ann@example.com": 1, "amy@elsewhere.com": 2 })).toEqual({
      "a***@e***.com": 1,
      "a***@e***.com (2)": 2,
    });
  });

  test.each(PHONE_FIELDS)("a field %s of %j is shown as %j", (name, value, shown) => {
    expect(maskDeep({ [name]: value })).toEqual({ [name]: shown });
    expect(maskDeep({ [name]: shown })).toEqual({ [name]: shown });
    expect(maskBody({ result: { list: [{ [name]: value }] } })).toEqual({ result: { list: [{ [name]: shown }] } });
    const line = JSON.parse(logLine({ of: { [name]: value } }, new Date(0))) as object;
    expect(line).toEqual({ at: "1970-01-01T00:00:00.000Z", of: { [name]: shown } });
  });

  test("a digest of what is masked is left out, and a user's field of that name is not", () => {
    const body = { waiting_for: { payload: { digest: "abc" }, payload_digest: "abc" }, digest: "abc" };
    expect(maskBody(body)).toEqual({
      waiting_for: { payload: { digest: "abc" }, payload_digest: "***" },
      digest: "***",
    });
  });

  test("a key named __proto__ stays a key", () => {
    const value: unknown = JSON.parse('{"__proto__":{"mail":"alice@example.com"}}');
    expect(JSON.stringify(maskDeep(value))).toBe('{"__proto__":{"mail":"a***@e***.com"}}');
  });

  test("our own ids are left alone, and a user's field of the same name is not", () => {
    const body = {
      execution_id: "alice@example.com",
      session_id: "alice@example.com",
      target: "a.b",
      next_cursor: "1700000000000~exec_0171234567",
      error_message: "no mail to alice@example.com",
      result: { session_id: "alice@example.com" },
    };
    expect(maskBody(body)).toEqual({
      ...body,
      error_message: "no mail to a***@e***.com",
      result: { session_id: "a***@e***.com" },
    });
  });

  test("an event's own fields are ours, and what a user sent inside is not", () => {
    const event = {
      seq: 3,
      type: "signal.received",
      at: "2024-01-15T10:30:00.000Z",
      actor: "olga@example.com",
      v: 1,
      data: { gate_id: "olga@example.com", name: "go", data: { gate_id: "olga@example.com" } },
    };
    expect(maskBody({ items: [event] })).toEqual({
      items: [
        {
          ...event,
          actor: "o***@e***.com",
          data: { gate_id: "olga@example.com", name: "go", data: { gate_id: "o***@e***.com" } },
        },
      ],
    });
  });
});

test("viewers read masked text, whatever their scopes; everybody else reads what is there", () => {
  for (const scope of Scope.options) {
    const caller = { tenant: "t", subject: "s", scopes: [scope] };
    expect(seesPersonalData(caller)).toBe(true);
    expect(seesPersonalData({ ...caller, masked: true })).toBe(false);
  }
});

describe("what masking is known to get wrong", () => {
  test.each(MISSES)("it does not find: %s", (text) => {
    expect(maskPersonalData(text)).toBe(text);
  });

  test.each(FALSE_POSITIVES)("it takes for personal data: %s", (text) => {
    expect(maskPersonalData(text)).toMatch(/\*\*\*/);
  });
});

describe("any text", () => {
  const words = fc.constantFrom(
    "+",
    "00",
    "0",
    "49",
    "171",
    "(",
    ")",
    " ",
    "-",
    "/",
    ".",
    "@",
    "a",
    "example.com",
    "12",
    "1234567",
    "ä",
    "\n",
    "tel:",
    "x",
  );
  const texts = fc.array(words, { maxLength: 40 }).map((parts) => parts.join(""));

  test("is the same when it is masked twice", { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(texts, (text) => {
        const once = maskPersonalData(text);
        expect(maskPersonalData(once)).toBe(once);
      }),
      { numRuns: 3_000 },
    );
  });

  test("ids of ours never look like personal data", { timeout: 60_000 }, () => {
    const messages = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const id = fc.array(fc.constantFrom(...messages, ..."0123456789".repeat(20)), { minLength: 43, maxLength: 43 });
    fc.assert(
      fc.property(id, fc.constantFrom("exec_", "gate_", "run_", "key_", "req_", "errand_"), (tail, kind) => {
        const text = kind + tail.join("");
        expect(maskPersonalData(text)).toBe(text);
      }),
      { numRuns: 5_000 },
    );
  });

  test("a megabyte of the worst is answered", { timeout: 120_000 }, () => {
    const size = 1_000_000;
    for (const piece of [
      "1",
      "1 ",
      "0171 ",
      "+",
      "+1",
      "(",
      "( 0",
      "a@",
      "@",
      "a.",
      "a@b.",
      '"@',
      "00 ",
      "tel:",
      "1-",
      "a@a.co ",
      "%40",
      "0171/",
      "+49 1",
    ]) {
      expect(maskPersonalData(piece.repeat(size / piece.length)).length).toBeGreaterThan(0);
    }
    expect(maskPersonalData(`${"a".repeat(size)}@example.com`)).toContain("***@e***.com");
    expect(maskPersonalData(`a@${"b.".repeat(size / 2)}com`).length).toBeGreaterThan(0);
  });
});
