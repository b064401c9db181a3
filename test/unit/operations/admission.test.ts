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

test("keeps room for alarms that are to come, at most half of it, and counts each that came once", () => {
  let coming = 1;
  const admission = new Admission(
    4,
    () => 0,
    () => coming,
  );
  for (const name of ["a", "b", "c"]) expect(admission.refusal(name)).toBeUndefined();
  expect(admission.refusal("d")).toMatchObject({ code: "overloaded" });
  coming = 0;
  admission.woken("s1");
  expect(admission.refusal("d")).toMatchObject({ code: "overloaded" });
  const busy = new Admission(
    4,
    () => 0,
    () => 100,
  );
  for (const name of ["a", "b"]) expect(busy.refusal(name)).toBeUndefined();
  expect(busy.refusal("c")).toMatchObject({ code: "overloaded" });
  busy.woken("s1");
  busy.woken("s1");
  expect(busy.refusal("s1")).toBeUndefined();
  busy.woken("s2");
  expect(busy.refusal("c")).toMatchObject({ code: "overloaded" });
});

test("gives the room of alarms back when their objects have gone", () => {
  let now = 0;
  const admission = new Admission(2, () => now);
  admission.woken("s1");
  expect(admission.refusal("a")).toBeUndefined();
  expect(admission.refusal("b")).toMatchObject({ code: "overloaded" });
  now = 10_000;
  for (const name of ["b", "c"]) expect(admission.refusal(name)).toBeUndefined();
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
