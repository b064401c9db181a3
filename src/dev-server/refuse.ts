/** What the caller must mend: settings, flags, folders, files. */
const WRONG_USE = 2;

/** Ends the launcher with one sentence: a stack is for its author. Exit code 2, or 1 where the project's own code is at fault. */
export function refuse(sentence: string, code: 1 | 2 = WRONG_USE): never {
  console.error(sentence);
  process.exit(code);
}

/** The first line of an error. What workerd says of a module that throws is the line that matters. */
export function sentenceOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const thrown = /Uncaught (?:\w*Error: )?([^\n]+)/.exec(text)?.[1];
  return thrown ?? text.split("\n")[0] ?? text;
}
