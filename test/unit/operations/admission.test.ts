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
