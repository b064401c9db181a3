import * as z from "zod";
import { ExecutionBody } from "../../../contract/executions/body.ts";
import { fromWire } from "../../../contract/executions/from-wire.ts";
import { TraceReader } from "../../../domain/read-models/waterfall.ts";
import { reading } from "../../frame/command.ts";
import { findExecution } from "../../ids/executions.ts";
import { heading } from "../../output/blocks.ts";
import { id, NextSteps } from "../inputs.ts";
import { headBlock, outcomeBlocks, whyBlock } from "./execution-view.ts";
import { nextSteps } from "./next-steps.ts";
import { readLog } from "./read-log.ts";

const Span = z.object({
  key: z.string(),
  kind: z.string(),
  label: z.string(),
  depth: z.int().describe("1: inside a pass of an agentic execution."),
  status: z.enum(["open", "backing_off", "in_doubt", "done", "failed", "withdrawn"]),
  started_at: z.iso.datetime(),
  ended_at: z.iso.datetime().nullable(),
  tries: z.int(),
  child_id: z.string().optional(),
  error: z.string().optional(),
});

export const command = reading({
  input: z.object({ id: id("the execution") }),
  positionals: ["id"],
  output: z.object({ execution: ExecutionBody, spans: z.array(Span), next_steps: NextSteps }),
  examples: ["errand executions show latest"],
  async run({ id: given }, session) {
    const client = await session.client();
    const execution = await findExecution(client, given, session.interrupted);
    const reader = new TraceReader();
    for await (const event of readLog(client, execution, { signal: session.interrupted })) reader.read(fromWire(event));
    const read = reader.trace();
    // What is open goes on until now.
    const trace = read.ended ? read : { ...read, lastMs: Math.max(read.lastMs, Date.now()) };
    return {
      document: { execution, spans: trace.spans.map(spanDocument) },
      view: [
        headBlock(execution),
        ...whyBlock(execution),
        heading("What it did"),
        { kind: "waterfall", trace },
        ...outcomeBlocks(execution),
      ],
      next: nextSteps(execution),
    };
  },
});

type Shown = ReturnType<TraceReader["trace"]>["spans"][number];

function spanDocument({ key, kind, label, depth, status, startMs, endMs, tries, childId, error }: Shown) {
  return {
    ...{ key, kind, label, depth, status },
    started_at: new Date(startMs).toISOString(),
    ended_at: endMs === undefined ? null : new Date(endMs).toISOString(),
    tries: Math.max(1, tries.length),
    ...(childId === undefined ? {} : { child_id: childId }),
    ...(error === undefined ? {} : { error }),
  } satisfies z.infer<typeof Span>;
}
