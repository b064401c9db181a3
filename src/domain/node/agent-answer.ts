/** A node's own refusal of a call: written into the error of its execution, and read from there for who waits for it. */
import type { EntryError } from "../execution/entry.ts";
import { entryError } from "../execution/entry.ts";

/** Characters of the answer's body in the message, and in the details. */
const IN_MESSAGE = 500;
const IN_DETAILS = 4_000;

export function agentAnswerError(status: number, body: string): EntryError {
  const details = { status, body: body.slice(0, IN_DETAILS) };
  return entryError("agent_error", `${begins(status)}${body.slice(0, IN_MESSAGE)}`, details);
}

/** The HTTP status that the node answered its call with; `undefined` for an error that it reported afterwards. */
export function agentAnswerStatus({ code, message, details }: Pick<EntryError, "code" | "message" | "details">) {
  if (code !== "agent_error" || typeof details !== "object" || details === null || Array.isArray(details))
    return undefined;
  const { status } = details;
  return typeof status === "number" && message.startsWith(begins(status)) ? status : undefined;
}

const begins = (status: number) => `agent error (${status}): `;
