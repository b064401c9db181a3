import * as z from "zod";
import { SignalledBody } from "../../../contract/replies.ts";
import { changing } from "../../frame/command.ts";
import { findExecution } from "../../ids/executions.ts";
import { fields } from "../../output/blocks.ts";
import { status } from "../../output/words.ts";
import { id, json, NextSteps, word } from "../inputs.ts";
import { nextSteps } from "./next-steps.ts";

export const command = changing({
  input: z.object({
    id: id("the execution"),
    name: word("NAME", "of the signal, as its program waits for it"),
    data: json("JSON", "what goes with it (null)").optional(),
  }),
  positionals: ["id", "name"],
  output: SignalledBody.extend({ next_steps: NextSteps }),
  examples: [`errand executions signal latest paid --data '{"cents": 1200}'`],
  async plan({ id: given, name, data = null }, session) {
    const client = await session.client();
    const execution = await findExecution(client, given, session.interrupted);
    const { execution_id: executionId, target, status: stands } = execution;
    return {
      id: executionId,
      says: [`Sends the signal "${name}" to ${executionId} (${target}), which is ${stands}.`],
      async apply() {
        const sent = await client.signal(executionId, name, z.json().parse(data));
        return {
          document: sent,
          view: [fields(["execution", executionId], ["signal", name], ["status", status(stands)])],
          next: nextSteps({ ...execution, waiting_for: undefined }),
        };
      },
    };
  },
});
