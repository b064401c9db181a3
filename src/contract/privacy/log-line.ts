import { maskDeep } from "./mask.ts";

/** One line of the log as JSON. All its text is masked, ids too: no reader of a log needs a person's address. */
export function logLine(entry: Readonly<Record<string, unknown>>, at: Date): string {
  // As it is written first: a date or an error says itself how it is shown.
  const plain: unknown = JSON.parse(JSON.stringify({ at: at.toISOString(), ...entry }));
  return JSON.stringify(maskDeep(plain));
}
