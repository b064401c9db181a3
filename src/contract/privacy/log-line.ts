import { maskDeep } from "./mask.ts";

/** One line of the log as JSON. Whatever goes into it is masked, ids too: nobody needs a person's address to read a log. */
export function logLine(entry: Readonly<Record<string, unknown>>, at: Date): string {
  // As it is written first: a date or an error says itself how it is shown.
  const plain: unknown = JSON.parse(JSON.stringify({ at: at.toISOString(), ...entry }));
  return JSON.stringify(maskDeep(plain));
}
