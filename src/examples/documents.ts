/** Reads what it is sent: texts, PDFs and pictures go to the model as they are, and its answer comes back. */
import * as z from "zod";
import { defineAgent, fileBlock } from "../define/index.ts";

const FileRead = z.strictObject({ name: z.string(), media_type: z.string(), size: z.int() });

export const documents = defineAgent({ id: "documents", description: "Reads files.", version: "1.0.0" }).reasoner(
  "read",
  {
    input: z.strictObject({ question: z.string().min(1).max(10_000).default("What is this about?") }),
    output: z.strictObject({ answer: z.string(), files: z.array(FileRead), model: z.string(), simulated: z.boolean() }),
    description: "Answers a question about one to five files: .txt, .pdf, .jpg or .png.",
    files: { types: ["txt", "pdf", "jpg", "png"], max: 5 },
  },
  async ({ question }, ctx) => {
    if (ctx.files.length === 0) ctx.fail("no_files", "Send at least one file, as multipart/form-data.");
    const { content, model, simulated } = await ctx.generate({
      system: "Answer the question about the files in a few plain sentences.",
      messages: [{ role: "user", content: [...ctx.files.map(fileBlock), { type: "text", text: question }] }],
      maxTokens: 1_000,
    });
    const answer = content.map((block) => (block.type === "text" ? block.text : "")).join("");
    const files = ctx.files.map(({ name, mediaType, size }) => ({ name, media_type: mediaType, size }));
    return { answer, files, model, simulated };
  },
);
