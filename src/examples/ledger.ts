/**
 * Moves money through a service on the network: three effects that differ in what a repeated call does, and therefore in
 * what follows when a crash interrupts them.
 *
 * - `reserve` is safe to repeat: an interrupted try is simply made again.
 * - `transfer` is not: an interrupted try becomes `in_doubt`, and a person says whether the money moved.
 * - `notify` is safe to repeat and its service is shaky: five tries with a short backoff.
 */
import * as z from "zod";
import type { Context, Json } from "../define/index.ts";
import { defineAgent, service } from "../define/index.ts";

/**
 * What the ledger needs from outside. `post` throws an `Error` on an answer that is not 2xx, its message holding the
 * status, and `InDoubt` when it cannot know whether the request arrived.
 */
export interface LedgerService {
  post(
    path: "/reserve" | "/transfer" | "/notify",
    body: Json,
    options: { readonly idempotencyKey: string; readonly signal: AbortSignal },
  ): Promise<Json>;
}

const Account = z.string().min(1).max(100);

const TransferInput = z
  .strictObject({
    transfer_id: z.string().min(1).max(100),
    from: Account,
    to: Account,
    /** In cents. */
    amount: z.int().positive(),
  })
  .refine(({ from, to }) => from !== to, { path: ["to"], error: "must be another account than `from`" });

const TransferOutput = z.strictObject({
  /** The reservation's reference. */
  reserved: z.string(),
  /** The transfer's reference. */
  reference: z.string(),
  notified: z.boolean(),
  /** Tries until the notice was taken. */
  notify_attempts: z.int().min(1),
});

const Booked = z.object({ reference: z.string() });
const Notified = z.object({ answer: z.object({ notified: z.boolean() }), attempts: z.int() });

type WithLedger = Context & { readonly services: { readonly ledger: LedgerService } };

/** Answers are parsed outside the effects: an odd answer to a transfer that happened must not look like a failed transfer. */
async function transfer(
  input: z.infer<typeof TransferInput>,
  ctx: WithLedger,
): Promise<z.infer<typeof TransferOutput>> {
  const { ledger } = ctx.services;
  const reserved = await ctx.effect("reserve", input, { idempotent: true }, (attempt) =>
    ledger.post("/reserve", input, attempt),
  );
  const moved = await ctx.effect("transfer", input, { idempotent: false }, (attempt) =>
    ledger.post("/transfer", input, attempt),
  );
  const noticed = await ctx.effect(
    "notify",
    input,
    { idempotent: true, maxAttempts: 5, backoff: 200 },
    async (attempt) => ({ answer: await ledger.post("/notify", input, attempt), attempts: attempt.attempt }),
  );
  const { answer, attempts } = Notified.parse(noticed);
  return {
    reserved: Booked.parse(reserved).reference,
    reference: Booked.parse(moved).reference,
    notified: answer.notified,
    notify_attempts: attempts,
  };
}

export const ledger = defineAgent({
  id: "ledger",
  description: "Moves money between accounts.",
  version: "1.0.0",
}).skill(
  "transfer",
  {
    input: TransferInput,
    output: TransferOutput,
    description: "Reserves, transfers and tells both sides; amounts in cents.",
    services: { ledger: service<LedgerService>() },
  },
  transfer,
);
