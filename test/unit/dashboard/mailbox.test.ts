import { expect, test } from "vitest";
import type { PlanExecutionDetails } from "../../../src/client/plan-executions.ts";
import type { Plan } from "../../../src/client/plans.ts";
import type { PollingAgent } from "../../../src/client/polling-agents.ts";
import type { OpenWork } from "../../../src/dashboard/remote/mailbox.ts";
import { mailboxOf, mailInWords } from "../../../src/dashboard/remote/mailbox.ts";

const LARRY = {
  id: "larry",
  is_active: true,
  drained_until: null,
  capabilities: [{ action: "mail" }],
} as unknown as PollingAgent;

const subtask = (id: string, changed: object = {}) => ({
  ...{ id, plan_subtask_id: id, title: id, action: "mail", status: "QUEUED", state: "queued" },
  ...{ agent_id: null, blocked: null, lease_expires_at: null },
  ...changed,
});
const DONE = { status: "COMPLETE", state: "complete" };

/** Task by name → its subtasks; `after` of a task or a subtask names what it waits for. */
function open(
  tasks: Readonly<Record<string, readonly object[]>>,
  after: Readonly<Record<string, string>> = {},
  work = {},
) {
  const needs = (id: string) => (after[id] === undefined ? [] : [after[id]]);
  const details = Object.entries(tasks).map(([id, subtasks]) => ({ plan_task_id: id, title: id, subtasks }));
  const planned = Object.entries(tasks).map(([id, subtasks]) => ({
    ...{ id, prerequisite_task_ids: needs(id) },
    subtasks: (subtasks as readonly { id: string }[]).map((one) => ({
      id: one.id,
      prerequisite_subtask_ids: needs(one.id),
    })),
  }));
  return {
    work: {
      id: "e",
      plan_id: "p",
      agent_id: null,
      status: "RUNNING",
      tasks: details,
      ...work,
    } as unknown as PlanExecutionDetails,
    plan: { tasks: planned } as unknown as Plan,
  } satisfies OpenWork;
}

const seen = (agent: PollingAgent, ...work: OpenWork[]) =>
  mailboxOf(agent, work).map(({ place, subtask: { id } }) => `${place} ${id}`);

test("what it may take is ready, for its actions, and of a plan that runs", () => {
  const tasks = {
    one: [subtask("a", DONE), subtask("b"), subtask("c")],
    two: [subtask("d")],
    three: [subtask("e", { action: "call" })],
  };
  const work = open(tasks, { b: "a", c: "b", two: "one" });
  expect(seen(LARRY, work)).toEqual(["offered b"]);
  expect(seen(LARRY, open(tasks, {}, { status: "PAUSED" }))).toEqual([]);
  for (const asked of ["pause_requested", "cancel_requested"])
    expect(seen(LARRY, open(tasks, {}, { [asked]: true }))).toEqual([]);
  expect(seen(LARRY, open(tasks, {}, { agent_id: "moe" }))).toEqual([]);
  expect(seen({ ...LARRY, is_active: false }, work)).toEqual([]);
  expect(seen({ ...LARRY, drained_until: "2026-11-27T12:00:00.000Z" }, work)).toEqual([]);
  expect(seen(LARRY, { ...work, plan: undefined })).toEqual([]);
});

test("what it has comes first, then what waits for a person; others' work is not its own", () => {
  const tasks = {
    one: [
      subtask("a"),
      subtask("b", { agent_id: "moe", status: "RUNNING", state: "leased" }),
      subtask("c", { blocked: { why: "no answer" }, status: "ERROR", state: "blocked" }),
      subtask("d", { agent_id: "larry", status: "RUNNING", state: "started" }),
      subtask("e", { status: "QUEUED", state: "delayed" }),
    ],
  };
  expect(seen(LARRY, open(tasks, {}, { agent_id: "larry" }))).toEqual(["held d", "blocked c", "offered a"]);
  expect(seen(LARRY, open(tasks))).toEqual(["held d", "offered a"]);
  expect(mailInWords(mailboxOf(LARRY, [open(tasks), open(tasks)]))).toBe("2 held, 2 offered");
  expect(mailInWords([])).toBe("");
});
