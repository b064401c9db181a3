/** Opens tickets for people: a number, a queue, and the instant by which a person must have answered. */
import * as z from "zod";
import type { Context } from "../define/index.ts";
import { defineAgent } from "../define/index.ts";
import { SentimentResult } from "./support/sentiment.ts";

const Priority = z.enum(["low", "normal", "high", "urgent"]);
const Queue = z.enum(["escalations", "customer-care"]);

const TicketInput = z.strictObject({
  customer_id: z.string().min(1).max(200),
  sentiment: SentimentResult,
  priority: Priority,
});

export const Ticket = z.strictObject({
  /** `tkt_` and eight characters of base 32. */
  ticket_id: z.string().regex(/^tkt_[0-9a-v]{8}$/),
  customer_id: z.string(),
  queue: Queue,
  priority: Priority,
  created_at: z.iso.datetime(),
  due_at: z.iso.datetime(),
});
export type Ticket = z.infer<typeof Ticket>;

const HOUR_MS = 3_600_000;
const DUE_IN_MS: Readonly<Record<z.infer<typeof Priority>, number>> = {
  low: 72 * HOUR_MS,
  normal: 24 * HOUR_MS,
  high: 4 * HOUR_MS,
  urgent: HOUR_MS,
};

async function createTicket(input: z.infer<typeof TicketInput>, ctx: Context): Promise<Ticket> {
  const createdAtMs = ctx.now();
  const digits = Math.floor(ctx.random() * 32 ** 8).toString(32);
  return {
    ticket_id: `tkt_${digits.padStart(8, "0")}`,
    customer_id: input.customer_id,
    queue: input.sentiment.recommendation === "escalate" ? "escalations" : "customer-care",
    priority: input.priority,
    created_at: new Date(createdAtMs).toISOString(),
    due_at: new Date(createdAtMs + DUE_IN_MS[input.priority]).toISOString(),
  };
}

export const escalationAgent = defineAgent({
  id: "escalation-agent",
  description: "Opens tickets for people.",
  version: "1.0.0",
  tags: ["support"],
}).skill(
  "create_ticket",
  {
    input: TicketInput,
    output: Ticket,
    description: "Opens a ticket; due after 1 h (urgent), 4 h (high), 24 h (normal) or 72 h (low).",
  },
  createTicket,
);
