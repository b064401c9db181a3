/** What a shell offers for the words so far: `errand complete -- WORDS` is asked by the script of `errand completion`. */
import type { Command as Offered } from "@bomb.sh/tab";
import { RootCommand } from "@bomb.sh/tab";
import type { Shape } from "./flags.ts";
import { shapeOf } from "./flags.ts";
import { GROUPS, ROWS, rowOf } from "./table.ts";

/** Prints one a line, as the script reads them. */
export async function completeWords(words: readonly string[]): Promise<void> {
  const root = new RootCommand();
  const called = rowOf(words.filter((word) => !word.startsWith("-")));
  // The library walks down word by word: the first word of two is a command to it.
  for (const [group, about] of GROUPS) root.command(group, about);
  for (const row of ROWS) {
    const offered = root.command(row.words, row.summary);
    if (row === called) offerShape(offered, shapeOf((await row.load()).command));
  }
  root.parse([...words]);
}

function offerShape(offered: Offered, shape: Shape): void {
  for (const { long, value, choices, description } of shape.flags) {
    const name = long.slice(2);
    if (value === undefined) offered.option(name, description);
    else
      offered.option(name, description, (complete) => {
        for (const choice of choices ?? []) complete(choice, "");
      });
  }
  offered.option("json", "print one JSON document");
  offered.option("help", "print what it takes");
  for (const { name, description } of shape.arguments) {
    offered.argument(name, (complete) => {
      if (name === "ID") complete("latest", description);
    });
  }
}
