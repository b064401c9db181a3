/** The programs that the bench runs, in the place of src/examples/examples.ts: small, so that the runtime is what costs. */
import * as z from "zod";
import type { Context } from "../../src/define/index.ts";
import { defineAgent, service } from "../../src/define/index.ts";
import type { JsonPost } from "../../src/examples/json-post.ts";
import { jsonPost } from "../../src/examples/json-post.ts";
import type { ErrandOptions } from "../../src/library/index.ts";

const Count = z.strictObject({ count: z.number().int().min(0) });
const Sum = z.object({ sum: z.number() });

/** After a signal, says `each` notes every `every_ms`, `rounds` times; each wait is one more event. Late rounds hurry. */
const Chatter = z.strictObject({ rounds: z.number().int(), each: z.number().int(), every_ms: z.number() });

const services = { ledger: service<JsonPost>() };
type WithLedger = Context & { readonly services: { readonly ledger: JsonPost } };

/** One call to the counting service, as an effect that is safe to repeat. */
const call = (ctx: WithLedger, index: number) =>
  ctx.effect("call", { index }, { idempotent: true }, ({ idempotencyKey, signal }) =>
    ctx.services.ledger.post("/count", { index }, { idempotencyKey, signal }),
  );

export const examples: ErrandOptions<{ readonly LEDGER_SERVICE_URL?: string }> = {
  services: (env) => ({ ledger: jsonPost(env.LEDGER_SERVICE_URL) }),
  agents: [
    defineAgent({ id: "bench", description: "Programs to measure the runtime with.", version: "1" })
      .skill("steps", { input: Count, output: Sum }, async ({ count }, ctx) => {
        let sum = 0;
        for (let index = 0; index < count; index += 1) sum = await ctx.step("add", () => sum + index);
        return { sum };
      })
      .skill("effects", { input: Count, output: Sum, services }, async ({ count }, ctx) => {
        for (let index = 0; index < count; index += 1) await call(ctx, index);
        return { sum: count };
      })
      .skill("signals", { input: Count, output: Sum }, async ({ count }, ctx) => {
        for (let index = 0; index < count; index += 1) await ctx.signal("tick");
        return { sum: count };
      })
      .skill("effects_then_signal", { input: Count, output: Sum, services }, async ({ count }, ctx) => {
        for (let index = 0; index < count; index += 1) await call(ctx, index);
        await ctx.signal("tick");
        return { sum: await ctx.step("add", () => count) };
      })
      .skill("parent", { input: Count, output: Sum }, async ({ count }, ctx) => ctx.call("bench.steps", { count }))
      .skill("gate", { input: Count, output: Sum }, async ({ count }, ctx) => {
        await ctx.pause({ payload: { count } });
        return { sum: count };
      })
      .skill("chatter", { input: Chatter, output: Sum }, async ({ rounds, each, every_ms }, ctx) => {
        await ctx.signal("tick");
        const begunAtMs = await ctx.step("begin", () => Date.now());
        for (let round = 0; round < rounds; round += 1) {
          const dueAtMs = begunAtMs + round * every_ms;
          await ctx.step("wait", () => new Promise((resolve) => setTimeout(resolve, dueAtMs - Date.now())));
          for (let index = 0; index < each; index += 1) ctx.note(`round ${round}, note ${index}`);
        }
        return { sum: rounds * each };
      }),
  ],
};
