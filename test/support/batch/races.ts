/** A program that races one effect against losers of each kind, in the place of src/definitions/available.ts. */
import { z } from "zod";
import type { AgentDefinition } from "../../../src/define/index.ts";
import { defineAgent } from "../../../src/define/index.ts";
import type { JsonPost } from "../../../src/outbound/json-post.ts";

const Input = z.strictObject({ name: z.string() });
const FOREVER_MS = 86_400_000;

export function available({ ledger }: { readonly ledger: JsonPost }): readonly AgentDefinition[] {
  return [
    defineAgent({ id: "races", description: "Races that a kill interrupts.", version: "1" })
      .skill("waits", { input: Input, output: z.unknown() }, (_input, ctx) => ctx.signal("never"))
      .skill("main", { input: Input, output: z.unknown() }, async ({ name }, ctx) => {
        const first = await ctx.race({
          wins: (inner) =>
            inner.effect("win", { name }, { idempotent: true }, ({ idempotencyKey, signal }) =>
              ledger.post("/win", { name }, { idempotencyKey, signal }),
            ),
          effect: (inner) =>
            inner.effect("lose", { name }, { idempotent: true }, ({ idempotencyKey, signal }) =>
              ledger.post("/lose", { name }, { idempotencyKey, signal }),
            ),
          sleep: (inner) => inner.sleep(FOREVER_MS),
          signal: (inner) => inner.signal("never"),
          child: (inner) => inner.call("races.waits", { name }),
          approval: (inner) => inner.pause({ payload: { name } }),
        });
        await ctx.effect("charge", { name }, {}, ({ idempotencyKey, signal }) =>
          ledger.post("/charge", { name }, { idempotencyKey, signal }),
        );
        return { winner: first.winner };
      }),
  ];
}
