/** What the guide of polling agents wants tested, and the test that does it. An item whose test is gone, or is called otherwise, fails. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, it } from "vitest";

const ROOT = resolve(import.meta.dirname, "../..");

const LIST: readonly (readonly [item: string, file: string, title: string])[] = [
  ["unit: state transitions, valid and invalid", "workers/plan-moves", "%s → %s"],
  [
    "unit: event processing logic",
    "unit/engine/plan-work",
    "that names a task moves what its agent holds of that task",
  ],
  ["unit: event processing logic", "unit/domain/work-invariants", "a report of another agent"],
  ["unit: decomposition confidence scoring", "contract/decomposition", "decomposition_confidence"],
  ["unit: decomposition confidence scoring", "unit/domain/plan/decomposition", "confidence"],
  ["unit: CSV parsing", "unit/examples/larry/actions", "read what a spreadsheet wrote"],
  ["integration: full polling loop", "workers/plan-executions", "is done task by task"],
  [
    "integration: full polling loop, each request and answer",
    "workers/plan-contract",
    "GET /api/agents/{agent_id}/work: 200",
  ],
  ["integration: event ordering and deduplication", "workers/plan-executions", "reports many events at once"],
  [
    "integration: event ordering and deduplication",
    "unit/engine/plan-work",
    "is the same one when its agent sends its id again",
  ],
  ["integration: dashboard real-time updates", "workers/plan-contract", "the frames of the stream"],
  ["integration: dashboard real-time updates", "e2e/dashboard", "unblocks a plan"],
  ["integration: error recovery, retry policies", "workers/agent-kit", "a plan is done in order, each subtask once"],
  ["integration: error recovery, retry policies", "unit/engine/plan-work", "is tried again after its backoff"],
  [
    "end to end: Larry's prospecting, all three phases",
    "crash/larry",
    "finds prospects, writes to one, waits for her answer",
  ],
  ["end to end: Larry's prospecting, killed", "crash/larry", "and the runtime are killed again and again"],
  ["end to end: several agents in parallel", "crash/leases", "runtime and agents are killed"],
  ["end to end: several agents in parallel", "unit/engine/plan-agents", "whatever they do and whoever dies"],
  ["end to end: a person pauses while it runs", "workers/plan-executions", "hears once that the execution was paused"],
  [
    "end to end: a person cancels while it runs",
    "workers/agent-kit",
    "what runs is aborted when its execution is cancelled",
  ],
  [
    "end to end: webhook notifications",
    "workers/notifications",
    "an owner is told that an execution waits for them, signed and masked",
  ],
];

it.each(LIST)("%s: %s", (_item, file, title) => {
  expect(readFileSync(resolve(ROOT, `test/${file}.test.ts`), "utf8")).toContain(title);
});
