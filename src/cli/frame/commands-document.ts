/** What `errand commands --json` prints. */
import * as z from "zod";

export const CommandsDocument = z.object({
  commands: z.array(
    z.object({
      command: z.string(),
      summary: z.string(),
      arguments: z.array(z.object({ name: z.string(), needed: z.boolean(), description: z.string() })),
      flags: z.array(z.object({ flag: z.string(), value: z.string().optional(), description: z.string() })),
      changes: z.boolean().describe("It has --dry-run."),
      needs_confirmation: z.boolean().describe("It does nothing without --yes."),
      stream: z.boolean().describe("With --json it prints one document a line."),
      input_schema: z.unknown(),
      output_schema: z.unknown(),
      examples: z.array(z.string()),
    }),
  ),
  exit_codes: z.array(z.object({ code: z.int(), kind: z.string(), means: z.string() })),
});
export type CommandsDocument = z.infer<typeof CommandsDocument>;
