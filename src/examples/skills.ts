/** Skills for agents with a manifest: one that only computes, and two that touch a service on the network. */
import * as z from "zod";
import type { Json } from "../define/index.ts";
import { defineSkill, service, ToolError } from "../define/index.ts";
import type { LedgerService } from "./ledger.ts";

const countText = defineSkill({
  name: "text.count",
  description: "Counts the characters, words and lines of a text.",
  version: "1.0.0",
  input: z.object({ text: z.string().max(100_000) }),
  output: z.object({ characters: z.int(), words: z.int(), lines: z.int() }),
  idempotent: true,
  run: ({ text }) => ({
    characters: [...text].length,
    words: text.match(/[\p{L}\p{N}]+/gu)?.length ?? 0,
    lines: text === "" ? 0 : text.split("\n").length,
  }),
});

const parseText = defineSkill({
  name: "text.parse",
  description: "Reads a text as JSON. Fails when it is none.",
  version: "1.0.0",
  input: z.object({ text: z.string().max(100_000) }),
  idempotent: true,
  run: ({ text }) => {
    try {
      return JSON.parse(text) as Json;
    } catch {
      throw new ToolError("the text is no JSON", { fatal: true });
    }
  },
});

const Payment = z.object({
  payment_id: z.string().min(1).max(100).describe("Names the payment: the same id is the same payment."),
  amount: z.int().positive().describe("In cents."),
});

const reserveMoney = defineSkill({
  name: "money.reserve",
  description: "Sets an amount aside at the bank. Safe to repeat.",
  version: "1.0.0",
  input: Payment,
  idempotent: true,
  services: { ledger: service<LedgerService>() },
  run: (payment, { services, idempotencyKey, signal }) =>
    services.ledger.post("/reserve", payment, { idempotencyKey, signal }),
});

const transferMoney = defineSkill({
  name: "money.transfer",
  description: "Transfers an amount that was set aside. Never repeated without a person's word.",
  version: "1.0.0",
  input: Payment,
  services: { ledger: service<LedgerService>() },
  run: (payment, { services, idempotencyKey, signal }) =>
    services.ledger.post("/transfer", payment, { idempotencyKey, signal }),
});

export const exampleSkills = [countText, parseText, reserveMoney, transferMoney];
