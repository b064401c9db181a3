/** What people and nodes write about an execution: notes, and lines of a node's log. It changes nothing else. Called only by `decide`. */
import type { Command } from "../execution/command.ts";
import type { ExecutionState } from "../execution/state.ts";
import { utf8Bytes } from "../values/json-text.ts";
import type { Decided } from "./decided.ts";
import { accepted } from "./decided.ts";

/** Of one execution. */
const LOG_LIMITS = { entries: 10_000, bytes: 4_194_304 } as const;
/** Of one report: a row of the log takes no more. */
const REPORT_BYTES = 524_288;

type Written = Extract<Command, { type: "add_note" | "write_log" }>;

/** Of lines, what is too much is dropped whole, and is no refusal: a node that is refused would send it again. */
export function writeDown({ logged }: ExecutionState, command: Written): Decided {
  if (command.type === "add_note") {
    const { message, tags, by } = command;
    return accepted({ type: "note.added", data: { message, tags: [...tags], by } });
  }
  const { entries, by } = command;
  const bytes = utf8Bytes(JSON.stringify(entries));
  const isFull =
    (logged?.entries ?? 0) + entries.length > LOG_LIMITS.entries || (logged?.bytes ?? 0) + bytes > LOG_LIMITS.bytes;
  if (isFull || entries.length === 0 || bytes > REPORT_BYTES) return accepted();
  return accepted({ type: "log.reported", data: { entries: [...entries], bytes, by } });
}
