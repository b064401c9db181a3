/** Cells of CSV: what a spreadsheet would run or misread stands as it was. */
import { expect, test } from "vitest";
import { csvRecord } from "../../../src/contract/exports.ts";

const cell = (value: unknown) => csvRecord([{ name: "v", path: ["v"] }], { v: value }).slice(0, -2);

test.each([
  ["=1+1", "'=1+1"],
  ["+1", "'+1"],
  ["-2+3", "'-2+3"],
  ["@SUM(A1)", "'@SUM(A1)"],
  ["\tx", "'\tx"],
  ["\rx", '"\'\rx"'],
  ["a-b", "a-b"],
  [-2, "-2"],
  [true, "true"],
  [null, ""],
  ['say "a, b"', '"say ""a, b"""'],
  ["two\nlines", '"two\nlines"'],
  [{ a: 1 }, '"{""a"":1}"'],
])("%j is %s", (value, text) => {
  expect(cell(value)).toBe(text);
});
