import { z } from "zod";
import { AgentBody } from "../../../contract/replies.ts";
import { reading } from "../../frame/command.ts";
import { findIn } from "../../ids/named.ts";
import { fields, heading } from "../../output/blocks.ts";
import { NextSteps, word } from "../inputs.ts";

export const command = reading({
  input: z.object({ agent: word("AGENT", "the agent, or the first letters of its id") }),
  positionals: ["agent"],
  output: AgentBody.extend({ next_steps: NextSteps }),
  examples: ["errand agents show catalog"],
  async run({ agent: given }, session) {
    const client = await session.client();
    const agent = await findIn(client.directory.agents({ signal: session.interrupted }), given, {
      ...{ what: "agent", list: "errand agents list" },
      idOf: (one) => one.agent_id,
    });
    return {
      document: agent,
      view: [
        fields(
          ["agent", agent.agent_id],
          ["kind", agent.kind],
          ["version", agent.version],
          ["what", agent.description],
          ["tags", agent.tags.join(", ") || undefined],
        ),
        ...agent.functions.flatMap(({ target, description, input_schema: takes }) => [
          heading(target),
          { kind: "text", text: description } as const,
          ...(takes === undefined ? [] : [{ kind: "json", value: takes } as const]),
        ]),
      ],
      next: [{ command: `errand executions list --agent ${agent.agent_id}`, description: "lists what it has done" }],
    };
  },
});
