import * as z from "zod";
import type { Resolution } from "../../../client/transport/options.ts";
import { ResolvedBody } from "../../../contract/replies.ts";
import { changing } from "../../frame/command.ts";
import { Failure } from "../../frame/failure.ts";
import { findExecution } from "../../ids/executions.ts";
import { fields } from "../../output/blocks.ts";
import { status } from "../../output/words.ts";
import { id, json, NextSteps, word } from "../inputs.ts";
import { nextSteps } from "./next-steps.ts";

export const command = changing({
  input: z.object({
    id: id("the execution"),
    as: z.enum(["retry", "succeeded", "failed"]).meta({
      value: "ANSWER",
      description: "what became of the effect: do it again, it was done, it failed",
    }),
    effect: word("KEY", "the effect that is in doubt, where there is more than one").optional(),
    approval: word("ID", "the doubt that is answered, where there was more than one").optional(),
    result: json("JSON", "what the effect gave; with --as succeeded").optional(),
    feedback: z.string().max(20_000).optional().meta({ description: "kept with the answer" }),
  }),
  positionals: ["id"],
  output: ResolvedBody.extend({ next_steps: NextSteps }),
  examples: [`errand executions resolve latest --as succeeded --result '{"sent": true}'`],
  async plan({ id: given, as, effect, approval, result, feedback }, session) {
    if (result !== undefined && as !== "succeeded")
      throw new Failure("usage", "--result goes with --as succeeded alone.");
    const client = await session.client();
    const execution = await findExecution(client, given, session.interrupted);
    const { execution_id: executionId } = execution;
    const resolution: Resolution = {
      option: as,
      ...(effect === undefined ? {} : { effect }),
      ...(approval === undefined ? {} : { gate_id: approval }),
      ...(result === undefined ? {} : { params: { result: z.json().parse(result) } }),
      ...(feedback === undefined ? {} : { feedback }),
    };
    return {
      id: executionId,
      says: [
        `Answers "${as}" for ${effect ?? approval ?? "the effect in doubt"} of ${executionId} (${execution.target}).`,
      ],
      async apply() {
        const resolved = await client.resolve(executionId, resolution);
        return {
          document: resolved,
          view: [
            fields(
              ["execution", executionId],
              ["effect", resolved.effect],
              ["answer", resolved.resolution],
              ["status", status(resolved.status)],
            ),
          ],
          next: nextSteps({ ...resolved, waiting_for: undefined }),
          warnings: resolved.already_processed ? ["it had been answered before; that answer counts"] : [],
        };
      },
    };
  },
});
