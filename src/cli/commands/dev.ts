import * as z from "zod";
import { nodeTooOld } from "../../dev-server/node-version.js";
import { reading } from "../frame/command.ts";
import { Failure } from "../frame/failure.ts";

/** For help, completion and the table of commands; the launcher reads its flags by itself. */
export const command = reading({
  input: z.object({
    port: z.number().int().optional().meta({ description: "the port; 0 picks a free one" }),
    host: z.string().optional().meta({ value: "HOST", description: "the address" }),
    state: z.string().optional().meta({ value: "DIR", description: "the folder of what is stored" }),
    watch: z.boolean().default(true).meta({ description: "do not start again when a source changes" }),
  }),
  output: z.never().describe("None: it serves until it is stopped."),
  examples: ["errand dev", "errand dev --port 0"],
  run: () => Promise.resolve(undefined),
});

/** Serves in this process, which goes on. */
export async function serve(args: readonly string[], isJson: boolean): Promise<"serves"> {
  if (isJson)
    throw new Failure("usage", "errand dev has no document: it serves until it is stopped. Leave --json out.");
  // What is imported below needs a newer Node than the command itself.
  const old = nodeTooOld();
  if (old !== undefined) throw new Failure("usage", old);
  const { runCommand } = await import("../../dev-server/command.ts");
  await runCommand(args, { root: process.cwd(), command: "errand dev" });
  return "serves";
}
