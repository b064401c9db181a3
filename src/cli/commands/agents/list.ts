import * as z from "zod";
import { AgentList } from "../../../contract/replies.ts";
import { reading } from "../../frame/command.ts";
import { collect } from "../../ids/collect.ts";
import { toned } from "../../output/blocks.ts";
import { status } from "../../output/words.ts";
import { NextSteps } from "../inputs.ts";

export const command = reading({
  input: z.object({}),
  output: AgentList.pick({ items: true }).extend({ next_steps: NextSteps }),
  examples: ["errand agents list"],
  async run(_input, session) {
    const client = await session.client();
    const items = await collect(client.directory.agents({ signal: session.interrupted }));
    const [first] = items;
    return {
      document: { items },
      view: [
        {
          kind: "table",
          head: ["AGENT", "KIND", "VERSION", "STATUS", "FUNCTIONS", "WHAT IT DOES"],
          rows: items.map((one) => [
            ...[one.agent_id, one.kind, one.version],
            status(one.status ?? one.node?.health_status ?? "active"),
            one.functions.map(({ name }) => name).join(" "),
            toned("dim", one.description),
          ]),
          empty: "This server has no agents.",
        },
      ],
      next: first ? [{ command: `errand agents show ${first.agent_id}`, description: "shows what it takes" }] : [],
    };
  },
});
