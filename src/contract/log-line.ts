import { maskPersonalData } from "./mask.ts";

/** One line of the log as JSON. Whatever goes into it is masked, ids too: nobody needs a person's address to read a log. */
export function logLine(entry: Readonly<Record<string, unknown>>, at: Date): string {
  return JSON.stringify({ at: at.toISOString(), ...entry }, masked);
}

function masked(_key: string, value: unknown): unknown {
  return typeof value === "string" ? maskPersonalData(value) : value;
}
