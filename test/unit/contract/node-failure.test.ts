/** The status with which a failed call of a node is told to who waits for it. */
import { expect, test } from "vitest";
import { nodeErrorCategory, nodeFailureStatus } from "../../../src/contract/nodes/failure.ts";
import { entryError } from "../../../src/domain/execution/entry.ts";
import { agentAnswerError } from "../../../src/domain/node/agent-answer.ts";

test.each([
  ["its own 4xx", agentAnswerError(422, "{}"), { status: 422, category: "agent_error" }],
  ["its own 5xx", agentAnswerError(503, "{}"), { status: 502, category: "agent_error" }],
  [
    "a report with a status in its details",
    entryError("agent_error", "no", { status: 404 }),
    { status: 502, category: "agent_error" },
  ],
  ["no connection", entryError("agent_unreachable", "no"), { status: 504, category: "agent_unreachable" }],
  ["more than is taken", entryError("value_too_large", "no"), { status: 502, category: "bad_response" }],
  ["a process that is gone", entryError("agent_restart_orphaned", "no"), { status: 502, category: "agent_error" }],
])("%s", (_what, error, { status, category }) => {
  expect(nodeFailureStatus(error)).toBe(status);
  expect(nodeErrorCategory(error.code)).toBe(category);
});
