import * as z from "zod";
import { reading } from "../frame/command.ts";
import { CommandsDocument } from "../frame/commands-document.ts";
import { toned } from "../output/blocks.ts";
import { NextSteps } from "./inputs.ts";

export const command = reading({
  input: z.object({}),
  output: CommandsDocument.extend({ next_steps: NextSteps }),
  examples: ["errand commands --json"],
  async run(_input, session) {
    const described = await session.describe();
    return {
      document: described,
      view: [
        {
          kind: "table",
          head: ["COMMAND", "TAKES", "WHAT IT DOES"],
          rows: described.commands.map(({ command: name, arguments: takes, summary }) => [
            name,
            takes.map((one) => (one.needed ? one.name : `[${one.name}]`)).join(" "),
            toned("dim", summary),
          ]),
          empty: "",
        },
      ],
      next: [{ command: "errand commands --json", description: "with the schemas of input and output" }],
    };
  },
});
