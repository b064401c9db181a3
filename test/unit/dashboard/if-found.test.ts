import { expect, test } from "vitest";
import { ProblemError } from "../../../src/client/transport/errors.ts";
import { ifFound } from "../../../src/dashboard/parts/if-found.ts";

test("what is not found is undefined; what is there is handed on, and other refusals are thrown", async () => {
  const text = { type: "", title: "", detail: "", code: "c", request_id: "r", error: "c", message: "" };
  const refused = (status: number) => Promise.reject(new ProblemError({ ...text, status, retryable: false }));
  expect(await ifFound(Promise.resolve(0))).toBe(0);
  expect(await ifFound(refused(404))).toBeUndefined();
  await expect(ifFound(refused(403))).rejects.toMatchObject({ status: 403 });
  await expect(ifFound(Promise.reject(new Error("no answer")))).rejects.toThrow("no answer");
});
