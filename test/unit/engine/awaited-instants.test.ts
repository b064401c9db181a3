/** What readers are told of the next wake: instants of programs and callers, and nothing that the runtime keeps house with. */
import { expect, it, vi } from "vitest";
import type { Context } from "../../../src/define/context.ts";
import type { Origin } from "../../../src/domain/execution/origin.ts";
import type { ExecutionState } from "../../../src/domain/execution/state.ts";
import { viewOf } from "../../../src/engine/views/view.ts";
import { ORIGIN } from "../../support/log.ts";
import { OneExecution } from "../../support/one-execution.ts";
import { run, worldOf } from "../../support/simulator/small-world.ts";

const HOUR = 3_600_000;
let began = false;
const never = () => {
  began = true;
  return new Promise<void>(() => {});
};
const rests = (state: ExecutionState | undefined) => state?.suspended !== undefined;
const CASES: readonly (readonly [what: string, main: (ctx: Context) => Promise<unknown>, inMs: number | undefined])[] =
  [
    ["a program at work", (ctx) => ctx.step("work", never), undefined],
    [
      "a step that is tried again",
      (ctx) =>
        ctx.step("work", () => Promise.reject(new Error("no")), {
          maxAttempts: 2,
          backoff: { initialMs: HOUR, maxMs: HOUR, jitter: false },
        }),
      HOUR,
    ],
    ["a sleep", (ctx) => ctx.sleep(HOUR), HOUR],
    ["two sleeps", (ctx) => Promise.all([ctx.sleep(9 * HOUR), ctx.sleep(HOUR, { name: "short" })]), HOUR],
    ["a sleep of a year", (ctx) => ctx.sleep(8_760 * HOUR), 8_760 * HOUR],
    ["a signal", (ctx) => ctx.signal("go"), undefined],
    ["a signal with a limit", (ctx) => ctx.signal("go", { timeoutMs: HOUR }), HOUR],
  ];

/** Well past the end of the files that came with the start, and of the heartbeat. */
async function awaited(main: (ctx: Context) => Promise<unknown>, origin: Partial<Origin> = {}) {
  began = false;
  const execution = new OneExecution(main).open();
  const files = { upload: "u", items: [] };
  execution.start({ type: "create", origin: { ...ORIGIN, ...origin }, input: null, files });
  await vi.waitFor(() => expect(rests(execution.state) || began).toBe(true), { timeout: 30_000, interval: 5 });
  const view = viewOf(execution.journal);
  return { at: view?.why?.nextWakeAtMs, since: view?.state.createdAtMs ?? 0 };
}

it.each(CASES)("%s", async (...[, main, inMs]) => {
  const { at, since } = await awaited(main);
  if (inMs === undefined) return expect(at).toBeUndefined();
  expect(at).toBeGreaterThanOrEqual(since + inMs);
  return expect(at).toBeLessThan(since + inMs + 60_000);
});

it("is the deadline of the caller where nothing comes before it", async () => {
  const deadlineMs = Date.now() + HOUR;
  expect((await awaited((ctx) => ctx.signal("go"), { deadlineMs })).at).toBe(deadlineMs);
});

it("a program reads which execution is above it", async () => {
  const world = worldOf({
    now: {
      main: async (ctx) => [ctx.parentExecutionId ?? null, await ctx.call("a.child", null)],
      child: async (ctx) => ctx.parentExecutionId,
    },
  });
  await run(world);
  expect(world.root.view.state?.status).toBe("succeeded");
  const ended = world.root.view.events.find(({ type }) => type === "execution.succeeded");
  expect(ended?.data).toMatchObject({ output: [null, world.root.view.state?.origin.id] });
});
