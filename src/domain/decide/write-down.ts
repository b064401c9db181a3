/** What people and nodes write about an execution: notes, and lines of a node's log. It changes nothing else. Called only by `decide`. */
import type { Command, ReportCall } from "../execution/command.ts";
import type { LogEntry } from "../execution/events/notes.ts";
import type { ExecutionState } from "../execution/state.ts";
import { isTerminal } from "../execution/status.ts";
import { refuse } from "../values/fault.ts";
import { utf8Bytes } from "../values/json-text.ts";
import type { Decided, LiveView } from "./decided.ts";
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
  return lines(logged, command);
}

/** Beneath one execution. */
const MOST_CALLS = 1_000;

/** Said again, too late, or where there is no room: it changes nothing. */
export function reportCall(view: LiveView, command: ReportCall): Decided {
  const { id, parentId, node, fn, status, reason, durationMs, by } = command;
  const { calls } = view.index();
  const { origin, logged } = view.state;
  const known = calls.get(id);
  const isBeneath = known !== undefined || parentId === origin.id || calls.has(parentId ?? "");
  if (!isBeneath) return refuse("not_found", "neither this call nor the one above it is known to this execution");
  const isNews = known ? !isTerminal(known.status) && known.status !== status : calls.size < MOST_CALLS;
  if (!isNews) return accepted();
  const above = parentId === undefined || parentId === origin.id || parentId === id ? {} : { parentId };
  const call = {
    ...above,
    status,
    ...(reason === undefined ? {} : { reason }),
    ...(durationMs === undefined ? {} : { durationMs }),
  };
  const named = { ...(node === undefined ? {} : { node }), reasoner: fn, callId: id, call };
  const entry: LogEntry = { level: "info", message: `the call of ${fn} is ${status}`, eventType: "call", ...named };
  return lines(logged, { entries: [entry], by });
}

function lines(
  logged: ExecutionState["logged"],
  { entries, by }: { readonly entries: readonly LogEntry[]; readonly by: string },
): Decided {
  const bytes = utf8Bytes(JSON.stringify(entries));
  const isFull =
    (logged?.entries ?? 0) + entries.length > LOG_LIMITS.entries || (logged?.bytes ?? 0) + bytes > LOG_LIMITS.bytes;
  if (isFull || entries.length === 0 || bytes > REPORT_BYTES) return accepted();
  return accepted({ type: "log.reported", data: { entries: [...entries], bytes, by } });
}
