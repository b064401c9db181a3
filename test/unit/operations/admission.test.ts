import { expect, test } from "vitest";
import { Admission } from "../../../src/operations/admission.ts";

test("admits up to the limit, then refuses with a retryable fault, and admits again when objects have gone", () => {
  let now = 0;
  const admission = new Admission(2, () => now);
  expect(admission.refusal("a")).toBeUndefined();
  expect(admission.refusal("b")).toBeUndefined();
  expect(admission.refusal("c")).toMatchObject({ ok: false, code: "overloaded" });
  // A repeated start of a living object costs nothing new.
  expect(admission.refusal("a")).toBeUndefined();
  now = 9_999;
  expect(admission.refusal("c")).toMatchObject({ code: "overloaded" });
  now = 10_000;
  expect(admission.refusal("c")).toBeUndefined();
});

test("counts what the platform brought into memory past the limit: what comes next is refused", () => {
  let now = 0;
  const admission = new Admission(2, () => now);
  for (const name of ["a", "b", "c", "d"]) admission.woken(name);
  expect(admission.refusal("e")).toMatchObject({ code: "overloaded" });
  expect(admission.refusal("d")).toBeUndefined();
  now = 10_000;
  expect(admission.refusal("e")).toBeUndefined();
});
