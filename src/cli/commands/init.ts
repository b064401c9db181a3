import * as z from "zod";
import { initProject } from "../../scaffold/init.ts";
import { reading } from "../frame/command.ts";
import type { ExitKind } from "../frame/exits.ts";
import { Failure } from "../frame/failure.ts";
import { text } from "../output/blocks.ts";
import type { Output } from "../output/output.ts";
import { NextSteps, word } from "./inputs.ts";

/** For help, completion and the table of commands; it reads its arguments by itself, so that an old Node gets that far. */
export const command = reading({
  input: z.object({
    name: word("NAME", "the folder that is made; . is the present one"),
    install: z.boolean().default(true).meta({ description: "do not run npm install in it" }),
  }),
  positionals: ["name"],
  output: z.object({ path: z.string(), next_steps: NextSteps }),
  examples: ["errand init my-agents"],
  run: () => Promise.resolve(undefined),
});

export function init(args: readonly string[], output: Output): ExitKind {
  const made = initProject(
    args.filter((word) => word !== "--json"),
    { quiet: output.json },
  );
  switch (made.kind) {
    case "help":
      output.raw(made.text);
      return "done";
    case "refused":
      throw new Failure(made.code === 2 ? "usage" : "failed", made.sentence);
    case "made": {
      const next = made.steps.map((step) => ({ command: step, description: "next" }));
      output.result({ document: { path: made.place, next_steps: next }, view: [text(made.greeting)] });
      return "done";
    }
  }
}
