/** Rows and lines as frames of AgentField: what each change is called, what says nothing new, and when a run is over. */
import { expect, test } from "vitest";
import { ExecutionFrames, RowFrames } from "../../../src/contract/stream/agentfield-frames.ts";
import type { Frame } from "../../../src/contract/stream/frames.ts";
import type { Status } from "../../../src/domain/execution/status.ts";

const row = (execution_id: string, status: Status, version: number) =>
  ({
    version,
    execution: { execution_id, workflow_id: "run", agent_id: "shop", status, updated_at: "t" },
  }) as Parameters<RowFrames["read"]>[0];

test("each change of a row is called by what it became; a row that comes again says nothing", () => {
  const rows = new RowFrames();
  const course: [Status, number][] = [
    ["pending", 1],
    ["running", 2],
    ["running", 2],
    ["waiting", 3],
    ["running", 4],
    ["running", 5],
    ["waiting", 3],
    ["paused", 6],
    ["running", 7],
    ["timeout", 8],
  ];
  expect(course.map(([status, version]) => rows.read(row("a", status, version))?.frame.type)).toEqual([
    ...["execution_created", "execution_started", undefined, "execution_waiting", "execution_resumed"],
    ...["execution_updated", undefined, "execution_paused", "execution_resumed", "execution_failed"],
  ]);
});

test("it is over when all that was read has ended, and not before anything was", () => {
  const rows = new RowFrames();
  expect(rows.isOver).toBe(false);
  rows.read(row("child", "succeeded", 1));
  rows.read(row("root", "running", 1));
  expect(rows.isOver).toBe(false);
  rows.read(row("root", "failed", 2));
  expect(rows.isOver).toBe(true);
});

test("lines of one report are a frame each, and only the last one moves the reader on", () => {
  const frames = new ExecutionFrames(0);
  const event = (seq: number, type: string, data: object) =>
    frames.read({ type: "event", event: { seq, type, at: "t", actor: "system", v: 1, data } } as Frame);
  expect(event(2, "execution.started", {})).toMatchObject([{ id: 2, frame: { type: "execution_started" } }]);
  const lines = event(3, "log.reported", { entries: [{ message: "one" }, { message: "two" }] });
  expect(lines.map(({ id, frame }) => [id, frame.type, frame.status, frame.data])).toEqual([
    [undefined, "execution_log", "running", { message: "one" }],
    [3, "execution_log", "running", { message: "two" }],
  ]);
  expect(event(4, "step.started", {})).toEqual([]);
});
