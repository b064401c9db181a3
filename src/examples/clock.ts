/** The smallest durable program: it sleeps, through crashes and deploys, at no cost. */
import * as z from "zod";
import { defineAgent } from "../define/index.ts";

const YEAR_SECONDS = 31_536_000;

export const clock = defineAgent({ id: "clock", description: "Keeps time for others.", version: "1.0.0" }).skill(
  "remind",
  {
    input: z.strictObject({ message: z.string().min(1).max(10_000), seconds: z.number().min(0).max(YEAR_SECONDS) }),
    output: z.strictObject({ message: z.string(), asked_at: z.iso.datetime(), reminded_at: z.iso.datetime() }),
    description: "Gives a message back after some seconds, a year at most.",
  },
  async ({ message, seconds }, ctx) => {
    const askedAtMs = ctx.now();
    await ctx.sleep(seconds * 1_000);
    return { message, asked_at: new Date(askedAtMs).toISOString(), reminded_at: new Date(ctx.now()).toISOString() };
  },
);
