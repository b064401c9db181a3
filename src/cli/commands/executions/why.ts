import * as z from "zod";
import { ExecutionBody } from "../../../contract/executions/body.ts";
import { reading } from "../../frame/command.ts";
import { findExecution } from "../../ids/executions.ts";
import { fields, heading, text } from "../../output/blocks.ts";
import { status } from "../../output/words.ts";
import { id, NextSteps } from "../inputs.ts";
import { whyBlock } from "./execution-view.ts";
import { nextSteps } from "./next-steps.ts";

export const command = reading({
  input: z.object({ id: id("the execution") }),
  positionals: ["id"],
  output: ExecutionBody.pick({ execution_id: true, status: true, why: true, queue: true, waiting_for: true }).extend({
    next_steps: NextSteps,
  }),
  examples: ["errand executions why latest"],
  async run({ id: given }, session) {
    const execution = await findExecution(await session.client(), given, session.interrupted);
    const { execution_id, status: stands, why, queue, waiting_for: waits } = execution;
    const known = whyBlock(execution);
    return {
      document: {
        ...{ execution_id, status: stands },
        ...(why ? { why } : {}),
        ...(queue ? { queue } : {}),
        ...(waits ? { waiting_for: waits } : {}),
      },
      view: [
        fields(["execution", execution_id], ["status", status(stands)]),
        ...(known.length > 0 ? known : [text(`It waits for nothing: it is ${stands}.`)]),
        ...(waits ? [heading("What waits"), { kind: "json", value: waits.payload } as const] : []),
      ],
      next: nextSteps(execution),
    };
  },
});
