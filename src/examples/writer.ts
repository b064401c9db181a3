/** Turns of a model, one after the other: a reader of the stream sees each text while it is written. */
import * as z from "zod";
import { defineAgent } from "../define/index.ts";

const MAX_PARAGRAPHS = 5;

export const writer = defineAgent({ id: "writer", description: "Writes texts.", version: "1.0.0" }).reasoner(
  "draft",
  {
    input: z.strictObject({
      topic: z.string().min(1).max(1_000),
      paragraphs: z.int().min(1).max(MAX_PARAGRAPHS).default(1),
    }),
    output: z.strictObject({ paragraphs: z.array(z.string()), simulated: z.boolean() }),
    description: "Writes up to five paragraphs about a topic, one model turn each.",
  },
  async ({ topic, paragraphs: wanted }, ctx) => {
    const paragraphs: string[] = [];
    let simulated = false;
    for (let n = 1; n <= wanted; n++) {
      const reply = await ctx.generate({
        system: `Write one plain paragraph about the topic: number ${n} of ${wanted}.`,
        messages: topic,
        maxTokens: 1_000,
      });
      paragraphs.push(reply.content.map((block) => (block.type === "text" ? block.text : "")).join(""));
      simulated ||= reply.simulated;
    }
    return { paragraphs, simulated };
  },
);
