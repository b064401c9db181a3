/** A program that races one effect against losers of each kind: agents for the launcher in this folder. */
import * as z from "zod";
import type { JsonPost } from "../../../src/examples/json-post.ts";
import { jsonPost } from "../../../src/examples/json-post.ts";
import type { Context, ErrandOptions } from "../../../src/library/index.ts";
import { defineAgent, service } from "../../../src/library/index.ts";

const Input = z.strictObject({ name: z.string() });
const FOREVER_MS = 86_400_000;

const services = { ledger: service<JsonPost>() };
type WithLedger = Context & { readonly services: { readonly ledger: JsonPost } };

async function main({ name }: z.infer<typeof Input>, ctx: WithLedger): Promise<{ winner: string }> {
  const { ledger } = ctx.services;
  const sent = (path: string) => (attempt: { readonly idempotencyKey: string; readonly signal: AbortSignal }) =>
    ledger.post(path, { name }, attempt);
  const { winner } = await ctx.race({
    wins: (inner) => inner.effect("win", { name }, { idempotent: true }, sent("/win")),
    effect: (inner) => inner.effect("lose", { name }, { idempotent: true }, sent("/lose")),
    sleep: (inner) => inner.sleep(FOREVER_MS),
    signal: (inner) => inner.signal("never"),
    child: (inner) => inner.call("races.waits", { name }),
    approval: (inner) => inner.pause({ payload: { name } }),
  });
  await ctx.effect("charge", { name }, {}, sent("/charge"));
  return { winner };
}

const races = defineAgent({ id: "races", description: "Races that a kill interrupts.", version: "1" })
  .skill("waits", { input: Input, output: z.unknown() }, (_input, ctx) => ctx.signal("never"))
  .skill("main", { input: Input, output: z.object({ winner: z.string() }), services }, main);

export const examples: ErrandOptions<{ readonly LEDGER_SERVICE_URL?: string }> = {
  agents: [races],
  services: (env) => ({ ledger: jsonPost(env.LEDGER_SERVICE_URL) }),
};
