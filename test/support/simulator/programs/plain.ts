/** Small programs, one behaviour each; together they use every verb of the context. */
import type { AttemptContext } from "../../../../src/define/context.ts";
import { InDoubt } from "../../../../src/define/errors.ts";
import { approver, decider, resumer, signaler, truthful } from "../people/people.ts";
import type { Program } from "./program.ts";
import { ask, caught, charge, child, gate, put, reported } from "./program.ts";
import { RACES } from "./races.ts";

const basics: Program[] = [
  {
    name: "steps",
    output: [1, 2, 3],
    functions: {
      main: async (ctx) => {
        const one = await ctx.step("one", () => 1);
        const two = await ctx.step("two", async () => one + 1);
        return [one, two, await ctx.step("two", () => two + 1)];
      },
    },
  },
  {
    name: "effects",
    output: ["row!", "charge!", 1, "charge!", "mail!"],
    functions: {
      main: async (ctx, tools) => [
        await put(ctx, tools, "row"),
        await charge(ctx, tools, "charge"),
        await ctx.step("between", () => 1),
        await charge(ctx, tools, "charge"),
        await put(ctx, tools, "mail"),
      ],
    },
  },
  {
    name: "backoff",
    output: ["flaky!", { code: "error" }],
    functions: {
      main: async (ctx, { wire }) => {
        const options = { idempotent: true, maxAttempts: 3, backoff: { initialMs: 500, jitter: false } };
        const result = await ctx.effect("flaky", 1, options, (attempt) => wire().flaky("flaky", attempt, 2));
        const never = { idempotent: true, maxAttempts: 2, backoff: 0 };
        const failed = ctx.effect("broken", 1, never, (attempt) => wire().flaky("broken", attempt, 99));
        return [result, await caught(failed)];
      },
    },
  },
  {
    name: "all",
    functions: {
      main: async (ctx, tools) => {
        const results = await ctx.all(
          ["x", "y", "z"],
          (item) => item,
          async (item, inner) => {
            const first = await charge(inner, tools, `charge-${item}`);
            return [first, await inner.step("after", () => item), await put(inner, tools, "seal")];
          },
        );
        return [results, await put(ctx, tools, "end")];
      },
    },
  },
  {
    name: "promise-all",
    output: ["left!", "right!", 2, null],
    functions: {
      main: async (ctx, tools) =>
        Promise.all([
          charge(ctx, tools, "left"),
          put(ctx, tools, "right"),
          ctx.step("middle", () => 2),
          ctx.sleep(5_000).then(() => null),
        ]),
    },
  },
  {
    name: "step-retries",
    output: ["done", "after!"],
    functions: {
      main: async (ctx, tools) => {
        let tries = 0;
        const work = () => {
          tries += 1;
          if (tries < 3) throw new Error("not yet");
          return "done";
        };
        const result = await ctx.step("work", work, { maxAttempts: 10, backoff: { initialMs: 100, jitter: false } });
        return [result, await put(ctx, tools, "after")];
      },
    },
  },
  {
    name: "scratchpad",
    output: { a: 1, b: [1] },
    functions: {
      main: async (ctx, tools) => {
        await ctx.step("write", ({ scratchpad }) => scratchpad.record("a", 1));
        await ctx.effect("more", null, { idempotent: true }, async (attempt) => {
          attempt.scratchpad.record("b", [attempt.scratchpad.read("a") ?? "nothing"]);
          return tools.wire().idempotent("more", attempt);
        });
        const { scratchpad } = ctx;
        await charge(ctx, tools, "charge");
        return { a: scratchpad.read("a"), b: scratchpad.read("b") };
      },
    },
  },
  {
    name: "clock-and-dice",
    functions: {
      main: async (ctx, tools) => {
        const dice = [ctx.random(), ctx.random()];
        await put(ctx, tools, "between");
        const output = `${dice.join()}-${ctx.now()}`;
        ctx.note("about to report");
        ctx.progress({ percent: 50 });
        await charge(ctx, tools, `report-${output}`);
        return output;
      },
    },
    agree: (end) => {
      const said = end.world.root.view.events.filter(
        ({ type }) => type === "note.added" || type === "progress.reported",
      );
      return said.length === 2 ? reported(end) : `said ${said.length} things, not 2`;
    },
  },
];

const waits: Program[] = [
  {
    name: "sleeps",
    output: "slept",
    functions: {
      main: async (ctx, tools) => {
        await ctx.sleep(1_000);
        await put(ctx, tools, "a");
        await ctx.sleep(86_400_000 * 30);
        await Promise.all([put(ctx, tools, "b"), ctx.sleep(0)]);
        return "slept";
      },
    },
  },
  {
    name: "gates",
    output: ["approved", "rejected", "expired", "request_changes", "approved"],
    people: [decider],
    functions: {
      main: async (ctx, tools) => {
        const decisions = [];
        decisions.push((await gate(ctx, "approved")).decision);
        await put(ctx, tools, "between");
        decisions.push((await gate(ctx, "rejected")).decision);
        decisions.push((await gate(ctx, null, { expiresInMs: 5_000 })).decision);
        decisions.push((await gate(ctx, "request_changes")).decision);
        decisions.push((await gate(ctx, "approved")).decision);
        return decisions;
      },
    },
  },
  {
    name: "gate-that-cancels",
    people: [decider],
    functions: {
      main: async (ctx, tools) => {
        await put(ctx, tools, "before");
        await gate(ctx, "rejected", { onReject: "cancel" });
        return put(ctx, tools, "after");
      },
    },
  },
  {
    name: "signals",
    output: [1, 2, [3, 4], { code: "signal_timeout" }],
    people: [
      signaler([
        { name: "early", data: 1, early: true },
        { name: "late", data: 2 },
        { name: "many", data: 3, early: true },
        { name: "many", data: 4, early: true },
      ]),
    ],
    functions: {
      main: async (ctx, tools) => {
        await put(ctx, tools, "begin");
        const early = await ctx.signal("early");
        const late = await ctx.signal("late");
        const many = [await ctx.signal("many"), await ctx.signal("many")];
        const none = await caught(ctx.signal("none", { timeoutMs: 86_400_000 }));
        return [early, late, many, none];
      },
    },
  },
];

const children: Program[] = [
  {
    name: "nested-children",
    output: [["deep!", "mid!"], "top!"],
    functions: {
      main: async (ctx, tools) => [await child(ctx, "middle"), await put(ctx, tools, "top")],
      middle: async (ctx, tools) => [await child(ctx, "leaf"), await charge(ctx, tools, "mid")],
      leaf: (ctx, tools) => charge(ctx, tools, "deep"),
    },
  },
  {
    name: "parallel-children",
    output: ["leaf-1!", "leaf-2!"],
    functions: {
      main: (ctx) =>
        Promise.all([child(ctx, "leaf", { name: "l1", input: "1" }), child(ctx, "leaf", { name: "l2", input: "2" })]),
      leaf: (ctx, tools) => charge(ctx, tools, `leaf-${tools.input}`),
    },
  },
  {
    name: "failing-child",
    output: [{ code: "no_luck" }, { code: "runtime_error" }, { code: "target_not_found" }],
    functions: {
      main: async (ctx) => [
        await caught(child(ctx, "bad")),
        await caught(child(ctx, "thrower")),
        await caught(child(ctx, "nobody")),
      ],
      bad: async (ctx, tools) => {
        await put(ctx, tools, "before");
        return ctx.fail("no_luck", "it did not work");
      },
      thrower: async () => {
        throw new Error("boom");
      },
    },
  },
  {
    name: "child-that-waits",
    output: [["approved", null], "after!"],
    people: [decider],
    functions: {
      main: async (ctx, tools) => [await child(ctx, "middle"), await put(ctx, tools, "after")],
      middle: (ctx) => Promise.all([child(ctx, "asker"), ctx.sleep(1_000).then(() => null)]),
      asker: async (ctx) => (await gate(ctx, "approved")).decision,
    },
  },
  {
    name: "child-that-waits-again-and-again",
    output: ["approved", "approved", "after!"],
    people: [decider],
    functions: {
      main: (ctx) => child(ctx, "asker"),
      asker: async (ctx, tools) => {
        const first = (await gate(ctx, "approved")).decision;
        await ctx.sleep(1_000);
        return [first, (await gate(ctx, "approved")).decision, await put(ctx, tools, "after")];
      },
    },
  },
  {
    name: "abandoned-children",
    functions: {
      main: async (ctx, tools) => {
        void child(ctx, "endless");
        void child(ctx, "middle");
        await put(ctx, tools, "work");
        return "left";
      },
      middle: (ctx) => child(ctx, "endless"),
      endless: (ctx) => ctx.signal("never"),
    },
    agree: ({ output, applied }) => (output === "left" && applied.work === 1 ? undefined : JSON.stringify(applied)),
  },
];

const doubts: Program[] = [
  {
    name: "probe",
    output: "transfer!",
    functions: {
      main: async (ctx, { wire }) => {
        const probe = (attempt: AttemptContext) => wire().probe(attempt);
        return ctx.effect("transfer", 5, { checkOutcome: probe }, (attempt) => wire().plain("transfer", attempt));
      },
    },
  },
  {
    name: "interrupted-fails",
    functions: {
      main: (ctx, { wire }) =>
        caught(ctx.effect("shot", 1, { onInterrupt: "fail" }, (attempt) => wire().plain("shot", attempt))),
    },
    agree: ({ output, applied }) => {
      const text = JSON.stringify(output);
      if (text === '{"code":"interrupted"}') return (applied.shot ?? 0) <= 1 ? undefined : "shot twice";
      return text === '{"value":"shot!"}' && applied.shot === 1 ? undefined : `${text} ${JSON.stringify(applied)}`;
    },
  },
  {
    name: "interrupted-retries",
    functions: {
      main: (ctx, { wire }) =>
        ctx.effect("ping", 1, { onInterrupt: "retry" }, (attempt) => wire().plain("ping", attempt)),
    },
    agree: ({ output, applied }) =>
      output === "ping!" && (applied.ping ?? 0) >= 1 ? undefined : JSON.stringify(applied),
  },
  {
    name: "own-doubt",
    output: "wire!",
    functions: {
      main: async (ctx, { wire }) => {
        let asked = 0;
        const result = await ctx.effect("wire", 1, {}, async (attempt) => {
          asked += 1;
          await wire().plain("wire", attempt);
          throw new InDoubt(`nobody knows (${asked})`);
        });
        return result;
      },
    },
  },
  {
    name: "own-doubt-probed",
    output: ["wire!", "late!"],
    functions: {
      main: async (ctx, { wire }) => {
        const probe = (attempt: AttemptContext) => wire().probe(attempt);
        const lost = await ctx.effect("wire", 1, { checkOutcome: probe }, async (attempt) => {
          await wire().plain("wire", attempt);
          throw new InDoubt("the answer was lost");
        });
        const late = { checkOutcome: probe, timeoutMs: 2_000, maxAttempts: 2 };
        return [lost, await ctx.effect("late", 1, late, (attempt) => wire().silent("late", attempt))];
      },
    },
  },
  {
    name: "timeouts",
    output: [{ code: "timeout" }, "doubted!"],
    functions: {
      main: async (ctx, { wire }) => {
        const silent = { idempotent: true, timeoutMs: 2_000, maxAttempts: 2, backoff: 0 };
        const lost = await caught(ctx.effect("silent", 1, silent, (attempt) => wire().silent("silent", attempt)));
        const doubted = { timeoutMs: 2_000, maxAttempts: 2 };
        return [lost, await ctx.effect("doubted", 1, doubted, (attempt) => wire().silent("doubted", attempt))];
      },
    },
  },
];

const budgets: Program[] = [
  {
    name: "turns",
    origin: { limits: { maxTokens: 400, maxTurns: 9, maxCostUsd: 1 } },
    functions: {
      main: async (ctx) => [await ask(ctx, "one"), await Promise.all([ask(ctx, "two", "t2"), ask(ctx, "three", "t3")])],
    },
  },
  {
    name: "too-many-turns",
    origin: { limits: { maxTurns: 2 } },
    functions: {
      main: async (ctx, tools) => {
        await ask(ctx, "one");
        await put(ctx, tools, "between");
        await ask(ctx, "two");
        return ask(ctx, "three");
      },
    },
    agree: ({ status, world }) =>
      status === "failed" && world.root.view.state?.errorCode === "budget_exceeded" ? undefined : `ended ${status}`,
  },
  {
    name: "drawing-children",
    origin: { limits: { maxTokens: 2_000, maxTurns: 40, maxChildren: 40 } },
    functions: {
      main: (ctx) =>
        Promise.all([child(ctx, "worker", { name: "w1" }), child(ctx, "middle", { budget: { maxTokens: 600 } })]),
      middle: (ctx) =>
        Promise.all([child(ctx, "worker", { name: "w2" }), ask(ctx, "mine"), child(ctx, "worker", { name: "w3" })]),
      worker: async (ctx) => [
        (await ask(ctx, "a")).outputTokens,
        (await Promise.all([ask(ctx, "b", "b"), ask(ctx, "c", "c")])).length,
      ],
    },
  },
  {
    name: "child-over-budget",
    output: { code: "budget_exceeded" },
    origin: { limits: { maxTokens: 60 } },
    functions: {
      main: (ctx) => caught(child(ctx, "worker")),
      worker: async (ctx) => {
        for (let turn = 0; turn < 9; turn += 1) await ask(ctx, `turn ${turn}`);
        return "too much";
      },
    },
  },
];

export const PROGRAMS: readonly Program[] = [...basics, ...RACES, ...waits, ...children, ...doubts, ...budgets].map(
  (program) => ({ ...program, people: [...(program.people ?? []), truthful, resumer, approver] }),
);
