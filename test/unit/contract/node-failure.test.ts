/** The status with which a failed call of a node is told to who waits for it. */
import { expect, test } from "vitest";
import { nodeErrorCategory, nodeFailureStatus } from "../../../src/contract/nodes/failure.ts";
import { entryError } from "../../../src/domain/execution/entry.ts";
import { agentAnswerError } from "../../../src/domain/node/agent-answer.ts";

test.each([
  ["its own 4xx", agentAnswerError(422, "{}"), 422, "agent_error"],
  ["its own 5xx", agentAnswerError(503, "{}"), 502, "agent_error"],
  ["a report with a status in its details", entryError("agent_error", "no", { status: 404 }), 502, "agent_error"],
  ["no connection", entryError("agent_unreachable", "no"), 504, "agent_unreachable"],
  ["more than is taken", entryError("value_too_large", "no"), 502, "bad_response"],
  ["a process that is gone", entryError("agent_restart_orphaned", "no"), 502, "agent_error"],
])("%s", (_what, error, status, category) => {
  expect(nodeFailureStatus(error)).toBe(status);
  expect(nodeErrorCategory(error.code)).toBe(category);
});
