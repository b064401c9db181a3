/** One execution as people read it. */
import type { Execution } from "../../../client/transport/options.ts";
import type { ExitKind } from "../../frame/exits.ts";
import type { Block, Cell } from "../../output/blocks.ts";
import { fields, heading, toned } from "../../output/blocks.ts";
import { duration, instant, status } from "../../output/words.ts";

export function headBlock(execution: Execution<unknown>): Block {
  const { execution_id: id, target, run_id: run, session_id: session, created_by: by } = execution;
  const { duration_ms: took, parent_execution_id: parent, schedule_id: schedule, recoveries, simulated } = execution;
  return fields(
    ["execution", id],
    ["target", toned("strong", target)],
    ["status", status(execution.status)],
    ["reason", execution.status_reason],
    ["created", instant(execution.created_at)],
    ["ended", execution.finished_at && instant(execution.finished_at)],
    ["took", took === undefined ? undefined : duration(took)],
    ["run", run],
    ["parent", parent],
    ["session", session],
    ["schedule", schedule],
    ["started by", by],
    ["follows", execution.restarted_from],
    ["followed by", execution.restarted_as],
    ["recoveries", recoveries === 0 ? undefined : String(recoveries)],
    ["usage", usageText(execution, simulated === true)],
  );
}

function usageText({ usage }: Execution<unknown>, isSimulated: boolean): string | undefined {
  if (usage.turns === 0) return undefined;
  const cost = usage.cost_usd > 0 ? `, $${usage.cost_usd.toFixed(4)}` : "";
  return `${usage.turns} ${usage.turns === 1 ? "turn" : "turns"}, ${usage.tokens} tokens${cost}${isSimulated ? " (scripted model)" : ""}`;
}

/** One sentence why it does not go on, and who can. */
export function whyBlock({ why, queue }: Execution<unknown>): Block[] {
  if (!why && !queue) return [];
  const place = queue && `${queue.position} of ${queue.depth}${queue.aside === undefined ? "" : `: ${queue.aside}`}`;
  const owner: Cell | undefined = why && ownerText(why.owner);
  return [
    fields(
      ["why", why && toned("warn", why.sentence)],
      ["who", owner],
      ["goes on at", why?.next_wake_at && instant(why.next_wake_at)],
      ["queue", place],
    ),
  ];
}

const OWNERS = new Map([
  ["engine", "Errand itself; nobody has to do anything"],
  ["clock", "the clock; nobody has to do anything"],
  ["person", "a person"],
  ["child", "another execution that it started"],
  ["caller", "who sends it a signal"],
  ["node", "an agent that runs elsewhere"],
  ["operator", "an operator"],
]);

function ownerText(owner: string): string {
  return OWNERS.get(owner) ?? owner;
}

export function outcomeBlocks({ result, error, failure_code: code, status: stands }: Execution<unknown>): Block[] {
  if (error !== undefined)
    return [
      heading("Error"),
      fields(["code", code], ["message", toned(stands === "cancelled" ? "dim" : "bad", error)]),
    ];
  return result === undefined ? [] : [heading("Result"), { kind: "json", value: result }];
}

/** How a command ends that has waited for this execution. */
export function endOf({ status: stands }: Pick<Execution<unknown>, "status">): ExitKind {
  switch (stands) {
    case "succeeded":
      return "done";
    case "failed":
    case "timeout":
      return "failed";
    case "cancelled":
      return "aborted";
    case "waiting":
    case "blocked":
    case "paused":
      return "waits";
    case "pending":
    case "queued":
    case "running":
      return "timeout";
  }
}
