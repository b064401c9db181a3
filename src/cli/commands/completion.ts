import { script } from "@bomb.sh/tab";
import * as z from "zod";
import { reading } from "../frame/command.ts";
import { text } from "../output/blocks.ts";

export const command = reading({
  input: z.object({
    shell: z
      .enum(["bash", "zsh", "fish", "powershell"])
      .meta({ value: "SHELL", description: "bash, zsh, fish or powershell" }),
  }),
  positionals: ["shell"],
  output: z.object({ shell: z.string(), script: z.string() }),
  examples: ["source <(errand completion bash)", "errand completion fish > ~/.config/fish/completions/errand.fish"],
  async run({ shell }) {
    // A shell that reads its file twice would refuse to set them again.
    const printed = printedBy(() => script(shell, "errand", "errand")).replaceAll(/^readonly /gm, "");
    return { document: { shell, script: printed }, view: [text(printed)] };
  },
});

/** The library prints its script and returns nothing. */
function printedBy(print: () => void): string {
  const lines: string[] = [];
  const { log } = console;
  console.log = (line: unknown) => lines.push(String(line));
  try {
    print();
  } finally {
    console.log = log;
  }
  return lines.join("\n");
}
