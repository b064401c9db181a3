/**
 * The frames of a live stream: a snapshot first, then everything after `after`, then what happens. Deltas are live only:
 * a turn's text while it is written, folded by `text = text.slice(0, offset) + delta.text`; a higher `try` begins it anew.
 */
import * as z from "zod";
import type { Event } from "../../domain/execution/event.ts";
import type { ExecutionState } from "../../domain/execution/state.ts";
import { Status } from "../../domain/execution/status.ts";
import { ExecutionBody } from "../executions/body.ts";
import { EventBody, eventBody } from "../executions/event-body.ts";
import { iso } from "../wire.ts";

const Progress = z.object({
  tasks_completed: z.number(),
  tasks_total: z.number(),
  percent: z.number(),
  current_task_id: z.string().nullable(),
  current_task_title: z.string().nullable(),
});

/** `turn` is the turn's `key` in its `turn.started` event, `try` that event's `attempt`. Offsets count UTF-16 units. */
const turn = {
  turn: z.string(),
  try: z.number().int().min(1),
  agent: z.string().optional().describe("Who speaks: the agent of the execution."),
};
const SnapshotFrame = z.object({
  type: z.literal("snapshot"),
  seq: z.number().int(),
  execution: ExecutionBody,
  /** What the turns in flight have written so far: their next deltas go on exactly there. */
  turns_in_flight: z.array(z.object({ ...turn, text: z.string() })).default([]),
});
export const DeltaFrame = z.object({
  type: z.literal("delta"),
  ...turn,
  offset: z.number().int().min(0),
  text: z.string(),
});
export type DeltaFrame = z.infer<typeof DeltaFrame>;
const EventFrame = z.object({ type: z.literal("event"), event: EventBody });
/** After each change of status or progress; the shape that plan streams have. */
const UpdateFrame = z.object({
  type: z.literal("execution_update"),
  execution_id: z.string(),
  status: Status,
  seq: z.number().int(),
  progress: Progress,
  timestamp: z.iso.datetime(),
});
export const Frame = z.discriminatedUnion("type", [SnapshotFrame, EventFrame, UpdateFrame, DeltaFrame]);
export type Frame = z.infer<typeof Frame>;

/** Several events in one text, for readers that asked for it: with many sockets the texts are what costs. */
const EventsFrame = z.object({ type: z.literal("events"), events: z.array(EventBody) });
/** What a socket carries. */
export const StreamFrame = z.discriminatedUnion("type", [...Frame.options, EventsFrame]);
export type StreamFrame = z.infer<typeof StreamFrame>;

/** The frames that a socket's frame stands for. */
export function unfolded(frame: StreamFrame): readonly Frame[] {
  return frame.type === "events" ? frame.events.map((event) => ({ type: "event", event })) : [frame];
}

export function eventFrame(event: Event): Frame {
  return { type: "event", event: eventBody(event) };
}

export function updateFrame(state: ExecutionState): Frame {
  const { percent, message, ...said } = state.progress ?? {};
  const done = state.work?.tasksCompleted ?? said.done ?? 0;
  const total = state.work?.tasks ?? said.total ?? 0;
  return {
    type: "execution_update",
    execution_id: state.origin.id,
    status: state.status,
    seq: state.seq,
    progress: {
      tasks_completed: done,
      tasks_total: total,
      percent: percent ?? (total > 0 ? Math.floor((100 * done) / total) : 0),
      current_task_id: null,
      current_task_title: message ?? null,
    },
    timestamp: iso(state.updatedAtMs),
  };
}
