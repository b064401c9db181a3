import * as z from "zod";
import { RestartedBody } from "../../../contract/executions/restart.ts";
import { changing } from "../../frame/command.ts";
import { findExecution } from "../../ids/executions.ts";
import { fields } from "../../output/blocks.ts";
import { status } from "../../output/words.ts";
import { id, jsonObject, NextSteps, reason, word } from "../inputs.ts";
import { nextSteps } from "./next-steps.ts";

export const command = changing({
  input: z.object({
    id: id("the execution"),
    scope: z.enum(["workflow", "execution"]).default("workflow").meta({
      value: "SCOPE",
      description: "workflow: the root above it (the default); execution: just this one",
    }),
    reuse: z.enum(["succeeded-before", "all-succeeded"]).default("succeeded-before").meta({
      value: "WHAT",
      description:
        "what is not done again: what succeeded before the first failure (the default), or all that succeeded",
    }),
    fork: z.boolean().default(false).meta({ description: "in a new run" }),
    input: jsonObject("JSON", "instead of the first input").optional(),
    idempotencyKey: word("KEY", "makes it safe to send again").optional(),
    reason,
  }),
  positionals: ["id"],
  output: RestartedBody.extend({ next_steps: NextSteps }),
  examples: ["errand executions restart latest", "errand executions restart latest --reuse all-succeeded --fork"],
  async plan({ id: given, scope, reuse, fork, input, idempotencyKey, reason: why }, session) {
    const client = await session.client();
    const { execution_id: source, target, status: stands } = await findExecution(client, given, session.interrupted);
    const options = {
      ...{ scope, reuse, fork, signal: session.interrupted },
      ...(input === undefined ? {} : { input }),
      ...(why === undefined ? {} : { reason: why }),
      ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
    };
    return {
      id: source,
      says: [`Starts an execution that follows ${source} (${target}), which is ${stands}.`],
      async apply() {
        const restarted = await client.restart(source, options);
        return {
          document: restarted,
          view: [
            fields(
              ["execution", restarted.execution_id],
              ["follows", restarted.source_execution_id],
              ["target", restarted.target],
              ["status", status(restarted.status)],
            ),
          ],
          next: nextSteps({ ...restarted, waiting_for: undefined }),
        };
      },
    };
  },
});
