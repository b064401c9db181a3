/** What can be done with an execution as it stands, as commands with its id. */
import type { Execution } from "../../../client/transport/options.ts";
import type { Next } from "../../frame/failure.ts";

type Standing = Pick<Execution<unknown>, "execution_id" | "status" | "waiting_for">;

export function nextSteps({ execution_id: id, status, waiting_for: waits }: Standing): Next[] {
  const step = (verb: string, description: string): Next => ({ command: `errand ${verb}`, description });
  const gate = waits?.approval_request_id;
  const cancel = step(`executions cancel ${id} --yes`, "ends it and its children");
  switch (status) {
    case "pending":
    case "queued":
    case "running":
      return [step(`executions watch ${id}`, "follows it to its end"), cancel];
    case "waiting":
      if (gate === undefined) return [step(`executions why ${id}`, "says what it waits for"), cancel];
      if (waits?.type === "review") return [...doubtSteps(id, waits), cancel];
      return [
        step(`approvals show ${gate}`, "shows what is to be approved"),
        step(`approvals approve ${gate}`, "approves it"),
        step(`approvals reject ${gate}`, "rejects it"),
      ];
    case "blocked":
      return [step(`executions why ${id}`, "says why it stands, and who can go on"), ...doubtSteps(id, waits), cancel];
    case "paused":
      return [step(`executions resume ${id}`, "goes on with it"), cancel];
    case "succeeded":
      return [step(`executions show ${id}`, "shows what it did")];
    case "failed":
    case "cancelled":
    case "timeout":
      return [
        step(`executions show ${id}`, "shows what it did"),
        step(`executions restart ${id}`, "starts one that follows it"),
      ];
  }
}

function doubtSteps(id: string, waits: Standing["waiting_for"]): Next[] {
  if (waits?.type !== "review") return [];
  const resolve = (as: string, description: string): Next => ({
    command: `errand executions resolve ${id} --approval ${waits.approval_request_id} --as ${as}`,
    description,
  });
  return [
    resolve("retry", "does the effect again"),
    resolve("succeeded", "takes it as done"),
    resolve("failed", "takes it as failed"),
  ];
}
