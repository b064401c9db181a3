/** Why the server cannot be there, in one sentence, and whose fault it is. */
export interface Refusal {
  readonly refused: string;
  /** 2: settings, flags, folders, files that the caller must mend. 1: the project's own code. */
  readonly code: 1 | 2;
}

/** A fault of settings, folders or files. */
export function wrongUse(sentence: string): Refusal {
  return { refused: sentence, code: 2 };
}

/** A fault of the project's own code. */
export function wrongCode(sentence: string): Refusal {
  return { refused: sentence, code: 1 };
}

export function isRefusal(value: unknown): value is Refusal {
  return typeof value === "object" && value !== null && "refused" in value;
}

/** Ends the launcher with the sentence: a stack is for its author. */
export function refuse({ refused, code }: Refusal): never {
  console.error(refused);
  process.exit(code);
}

/** The first line of an error. What workerd says of a module that throws is the line that matters. */
export function sentenceOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const thrown = /Uncaught (?:\w*Error: )?([^\n]+)/.exec(text)?.[1];
  // "fetch failed" alone says nothing.
  const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : "";
  return thrown ?? `${text.split("\n")[0] ?? text}${cause}`;
}
