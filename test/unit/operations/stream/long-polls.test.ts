import { expect, test } from "vitest";
import { DEFAULT_LIMITS } from "../../../../src/domain/values/limits.ts";
import { LongPolls } from "../../../../src/operations/stream/long-polls.ts";

test("as many waits as the limit says are held for a tenant, and one that ends makes room", async () => {
  const polls = new LongPolls({ ...DEFAULT_LIMITS, longPolls: 2 });
  const wait = Promise.withResolvers<string>();
  const held = [1, 2].map(() => polls.during("a", () => wait.promise));
  const third = await polls.during("a", async () => "held");
  expect(third).toMatchObject({ ok: false, code: "too_many_waits" });
  expect(third).toMatchObject({ detail: expect.stringMatching(/at most 2 .*ERRAND_MAX_LONG_POLLS/) });
  expect(await polls.during("b", async () => "held")).toBe("held");
  wait.resolve("answered");
  expect(await Promise.all(held)).toEqual(["answered", "answered"]);
  expect(await polls.during("a", async () => "held")).toBe("held");
});

test("a wait that fails is over", async () => {
  const polls = new LongPolls({ ...DEFAULT_LIMITS, longPolls: 1 });
  const fail = () => Promise.reject(new Error("cut"));
  await expect(polls.during("a", fail)).rejects.toThrow("cut");
  expect(await polls.during("a", async () => "held")).toBe("held");
});
