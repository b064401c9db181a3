/** Reads the mood of a support conversation and escalates what must not wait. */
import * as z from "zod";
import type { Context } from "../define/index.ts";
import { defineAgent, router } from "../define/index.ts";
import { Ticket } from "./escalation-agent.ts";
import { analyzeSentiment, SentimentResult } from "./support/sentiment.ts";

const Message = z.string().min(1).max(10_000);

const AnalyzeInput = z.strictObject({
  message: Message,
  /** Oldest first. */
  conversation_history: z
    .array(z.strictObject({ role: z.string().max(100), content: z.string().max(10_000) }))
    .max(1_000)
    .default([]),
});

const TriageInput = z.strictObject({ customer_id: z.string().min(1).max(200), message: Message });
const TriageOutput = z.strictObject({ sentiment: SentimentResult, ticket: Ticket.optional() });

const analysis = {
  input: AnalyzeInput,
  output: SentimentResult,
  description: "How the customer feels, how sure that is, and what to do next.",
  tags: ["sentiment"],
};

async function analyze(input: z.infer<typeof AnalyzeInput>, ctx: Context): Promise<SentimentResult> {
  return ctx.step("analyze", () => analyzeSentiment({ message: input.message, history: input.conversation_history }));
}

async function triage(input: z.infer<typeof TriageInput>, ctx: Context): Promise<z.infer<typeof TriageOutput>> {
  const analyzed = await ctx.call("support-agent.analyze_sentiment", { message: input.message });
  const sentiment = SentimentResult.parse(analyzed);
  if (sentiment.recommendation !== "escalate") return { sentiment };

  const created = await ctx.call("escalation-agent.create_ticket", {
    customer_id: input.customer_id,
    sentiment,
    priority: "high",
  });
  return { sentiment, ticket: Ticket.parse(created) };
}

/** The same function under a router's prefix: `support_analyze_sentiment`. */
const support = router({ prefix: "support" }).reasoner("analyze_sentiment", analysis, analyze);

export const supportAgent = defineAgent({
  id: "support-agent",
  description: "Reads the mood of support conversations and escalates what must not wait.",
  version: "1.0.0",
  tags: ["support"],
})
  .reasoner("analyze_sentiment", analysis, analyze)
  .include(support)
  .reasoner(
    "triage",
    {
      input: TriageInput,
      output: TriageOutput,
      description: "Analyzes a message and opens a ticket when it must be escalated.",
    },
    triage,
  );
