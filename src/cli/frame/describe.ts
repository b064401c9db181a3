/** The table of commands as data: for programs that call `errand`, and for models that plan to. */
import * as z from "zod";
import { isChanging } from "./command.ts";
import type { CommandsDocument } from "./commands-document.ts";
import { EXITS } from "./exits.ts";
import { shapeOf } from "./flags.ts";
import type { Row } from "./table.ts";
import { ROWS } from "./table.ts";

/** `words`: only the commands that begin with them; "" for all. */
export async function describeCommands(words = ""): Promise<CommandsDocument> {
  const wanted = ROWS.filter(({ words: own }) => words === "" || own === words || own.startsWith(`${words} `));
  return {
    commands: await Promise.all((wanted.length > 0 ? wanted : ROWS).map(describe)),
    exit_codes: Object.entries(EXITS).map(([kind, { code, means }]) => ({ code, kind, means })),
  };
}

async function describe({ words, summary, load }: Row) {
  const { command } = await load();
  const shape = shapeOf(command);
  return {
    command: `errand ${words}`,
    summary,
    arguments: shape.arguments.map(({ name, isNeeded, description }) => ({ name, needed: isNeeded, description })),
    flags: shape.flags.map(({ long, value, description }) => ({
      flag: long,
      ...(value === undefined ? {} : { value }),
      description,
    })),
    changes: isChanging(command),
    needs_confirmation: isChanging(command) && command.isFinal === true,
    stream: command.isStream === true,
    input_schema: z.toJSONSchema(command.input, { io: "input", unrepresentable: "any" }),
    output_schema: z.toJSONSchema(command.output, { io: "output", unrepresentable: "any" }),
    examples: [...command.examples],
  };
}
