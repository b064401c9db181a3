/** Which moves of an execution of a plan a person may ask for: the words of the refusal of any other. */
import { API_STATUS } from "../../contract/plan-executions/bodies.ts";
import type { ApiStatus, PlanExecutionPatch } from "../../contract/plan-executions/requests.ts";
import type { Status } from "../../domain/execution/status.ts";
import type { Refusal } from "../../domain/values/fault.ts";
import { refuse } from "../../domain/values/fault.ts";

type Wanted = PlanExecutionPatch["status"];

const MOVES: Readonly<Record<ApiStatus, readonly Wanted[]>> = {
  CREATED: ["QUEUED", "CANCELLED"],
  QUEUED: ["RUNNING", "CANCELLED"],
  RUNNING: ["PAUSED", "CANCELLED"],
  BLOCKED: ["RUNNING", "PAUSED", "CANCELLED"],
  PAUSED: ["RUNNING", "CANCELLED"],
  COMPLETED: [],
  FAILED: ["CANCELLED"],
  CANCELLED: [],
};

/** In the words of PATCH, where the execution refused what is no move of the table; another refusal as it is. */
export function movesNamed(refusal: Refusal, from: Status, wanted: Wanted): Refusal {
  const status = API_STATUS[from];
  const moves = MOVES[status];
  if (refusal.code !== "invalid_state" || moves.includes(wanted)) return refusal;
  const none = "nothing any more: POST /api/v1/executions/{id}/restart does its plan again";
  const possible = moves.length === 0 ? none : moves.join(" or ");
  return refuse("invalid_state", `it is ${status}, and cannot be set to ${wanted}. PATCH may set it to ${possible}`);
}
