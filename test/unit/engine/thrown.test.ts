/** Whatever user code throws, wherever: the try ends, the program hears of it, and the log can be read. */
import { describe, expect, it } from "vitest";
import type { Context } from "../../../src/define/context.ts";
import { ExecutionFailure, StepError } from "../../../src/define/errors.ts";
import { checkInvariants } from "../../../src/domain/invariants/invariants.ts";
import { TurnFailure } from "../../../src/domain/model/conversation.ts";
import { toEntryError } from "../../../src/engine/activities/retry.ts";
import { failureOf } from "../../../src/engine/run-loop/ended.ts";
import { run, worldOf } from "../../support/simulator/small-world.ts";
import { THROWN } from "../../support/thrown.ts";

const MOST_BYTES = 40_000;

async function ended(main: (ctx: Context) => Promise<unknown>) {
  const world = worldOf({ now: { main } }, { people: [] });
  await run(world, () => world.root.view.state?.status === "waiting");
  const { events, state, alarmAtMs } = world.root.view;
  const alarm = alarmAtMs === undefined ? {} : { alarmAtMs };
  const reports = state ? checkInvariants({ events, state, now: world.now, ...alarm }) : [];
  const violated = reports.filter(({ verdict }) => verdict === "violated");
  expect([violated, world.wrongs]).toEqual([[], []]);
  const last = events[(state?.resultSeq ?? 0) - 1];
  return { status: state?.status, events, end: last?.type === "execution.succeeded" ? last.data.output : last?.data };
}

const heard = (work: Promise<unknown>) =>
  work.then(
    () => "nothing was thrown",
    (error: unknown) => (error instanceof StepError ? error.message : "another error"),
  );

describe.each(THROWN)("%s", (name, thrown, message) => {
  const raise = () => {
    throw thrown;
  };

  it("is an error that can be stored", () => {
    for (const error of [toEntryError(thrown), failureOf(thrown)]) {
      expect(error.message).toContain(message);
      expect(error.message.length).toBeLessThanOrEqual(2_000);
      expect(error.code).toMatch(/./);
      expect(JSON.parse(JSON.stringify(error))).toEqual(error);
      expect(JSON.stringify(error).length).toBeLessThan(MOST_BYTES);
    }
  });

  it("ends a step and an effect, at once and later, and the program hears of it", async () => {
    const { status, end } = await ended(async (ctx) => [
      await heard(ctx.step("now", raise)),
      await heard(
        ctx.step("later", () => Promise.reject(thrown), { maxAttempts: 2, backoff: 0, retryable: () => true }),
      ),
      name.includes("doubt") ? message : await heard(ctx.effect("outside", 1, {}, async () => raise())),
    ]);
    expect([status, end]).toEqual(["succeeded", Array(3).fill(expect.stringContaining(message))]);
  });

  it("ends a program as failed", async () => {
    const { status, end } = await ended(async () => raise());
    expect([status, end]).toMatchObject([
      "failed",
      { code: "runtime_error", message: expect.stringContaining(message) },
    ]);
  });

  it("by a probe tells nothing: a person is asked", async () => {
    const probe = async () => raise();
    const { status } = await ended((ctx) =>
      ctx.effect("slow", 1, { checkOutcome: probe, timeoutMs: 10 }, () => new Promise(() => {})),
    );
    expect(status).toBe("waiting");
  });
});

describe("details of what was thrown", () => {
  it("hold causes and errors, and the fields of a plain object", () => {
    const cause = Object.assign(new Error("refused"), { code: "ECONNREFUSED" });
    expect(toEntryError(new Error("outer", { cause }))).toEqual({
      code: "error",
      message: "outer",
      details: { cause: { name: "Error", message: "refused", code: "ECONNREFUSED" } },
    });
    expect(toEntryError(new AggregateError([new Error("a"), "b"], "both")).details).toEqual({
      errors: [{ name: "Error", message: "a" }, "b"],
    });
    expect(toEntryError({ status: 503, when: new Date(0), tries: 3n }).details).toEqual({
      status: 503,
      when: "1970-01-01T00:00:00.000Z",
      tries: "3n",
    });
  });

  it("hold nothing else of an error: libraries put requests with their keys there", () => {
    const error = Object.assign(new Error("401"), { config: { headers: { authorization: "secret" } } });
    expect(toEntryError(error)).toEqual({ code: "error", message: "401" });
    expect(toEntryError(new TurnFailure("connection", "away", { cause: error })).details).toBeUndefined();
  });

  it("that a program gave itself stay as they are", () => {
    const details = { list: Array.from({ length: 500 }, (_, index) => ({ index })) };
    expect(toEntryError(new StepError("x", "m", details)).details).toEqual(details);
    expect(failureOf(new ExecutionFailure("x", "m", details)).details).toEqual(details);
  });
});
