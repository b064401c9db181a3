/** Every verb of a program's context, called with whatever somebody may hand to it. */
import type { Context } from "../../../../src/define/context.ts";
import { StepError } from "../../../../src/define/errors.ts";

export type OddVerb = (ctx: Context, args: { readonly a: never; readonly b: never; readonly c: never }) => unknown;

export const ODD_VERBS = {
  note: (ctx, { a, b }) => ctx.note(a, b),
  progress: (ctx, { a, b, c }) => ctx.progress({ percent: a, total: b, message: c }),
  "progress of anything": (ctx, { a }) => ctx.progress(a),
  step: (ctx, { a }) => ctx.step("step", () => a),
  "a step's name": (ctx, { a, b }) => ctx.step(a, () => b),
  "a step's options": (ctx, { a, b, c }) => ctx.step("options", () => 1, { maxAttempts: a, timeoutMs: b, backoff: c }),
  "a step that throws": (ctx, { a }) => ctx.step("throws", () => Promise.reject(a)),
  "an error of three": (ctx, { a, b, c }) => ctx.step("error", () => Promise.reject(new StepError(a, b, c))),
  effect: (ctx, { a, b }) => ctx.effect("effect", a, { idempotent: true }, () => b),
  "an effect's options": (ctx, { a, b, c }) =>
    ctx.effect("options of an effect", 1, { idempotent: a, onInterrupt: b, timeoutMs: c }, () => 1),
  "a try again and again": (ctx, { a, b }) =>
    ctx.effect("again", 1, { idempotent: true, maxAttempts: 3, backoff: { initialMs: a, maxMs: b } }, () =>
      Promise.reject(new Error("no")),
    ),
  call: (ctx, { a, b }) => ctx.call("a.child", a, { budget: { maxTurns: b } }),
  "a call of anything": (ctx, { a, b, c }) => ctx.call(a, b, c),
  "a child's budget": (ctx, { a, b, c }) =>
    ctx.call("a.child", 1, { name: "budget", budget: { maxTokens: a, maxCostUsd: b, maxChildren: c } }),
  pause: (ctx, { a, b }) => ctx.pause({ payload: { answer: "approved", shown: a }, options: b }),
  "a pause of anything": (ctx, { a, b, c }) =>
    ctx.pause({ name: a, url: b, expiresInMs: c, payload: { answer: "approved" } }),
  "an approval of anything": (ctx, { a, b, c }) =>
    ctx.waitForApproval({ id: a, approvers: b, fourEyes: c, payload: { answer: "approved" } }),
  sleep: (ctx, { a }) => ctx.sleep(a),
  signal: (ctx, { a, b }) => ctx.signal(a, { timeoutMs: b }),
  scratch: (ctx, { a, b, c }) =>
    ctx.step("scratch", ({ scratchpad }) => {
      scratchpad.record("pad", a);
      scratchpad.record(b, c);
      return c;
    }),
  ask: (ctx, { a, b }) => ctx.generate({ messages: a, maxTokens: b }),
  all: (ctx, { a, b }) =>
    ctx.all(
      [1, 2],
      (item) => (item === 1 ? a : b),
      async (item, inner) => inner.step("in", () => item),
    ),
  fail: (ctx, { a, b }) => ctx.fail(a, b),
  throw: (_ctx, { a }) => {
    throw a;
  },
} as const satisfies Record<string, OddVerb>;
