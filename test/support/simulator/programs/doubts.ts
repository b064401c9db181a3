/** Effects of which nobody knows what became of them. */
import type { AttemptContext } from "../../../../src/define/context.ts";
import { InDoubt } from "../../../../src/define/errors.ts";
import type { Program } from "./program.ts";
import { caught } from "./program.ts";

export const DOUBTS: readonly Program[] = [
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
