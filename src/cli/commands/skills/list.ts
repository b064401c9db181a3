import * as z from "zod";
import { SkillList } from "../../../contract/manifests/bodies.ts";
import { reading } from "../../frame/command.ts";
import { collect } from "../../ids/collect.ts";
import { toned } from "../../output/blocks.ts";
import { status } from "../../output/words.ts";
import { NextSteps } from "../inputs.ts";

export const command = reading({
  input: z.object({}),
  output: SkillList.pick({ items: true }).extend({ next_steps: NextSteps }),
  examples: ["errand skills list"],
  async run(_input, session) {
    const client = await session.client();
    const items = await collect(client.agents.skills({ signal: session.interrupted }));
    const [first] = items;
    return {
      document: { items },
      view: [
        {
          kind: "table",
          head: ["NAME", "VERSION", "STATUS", "WHAT IT DOES"],
          rows: items.map((one) => [one.name, one.version, status(one.status), toned("dim", one.description)]),
          empty: "This server has no skills.",
        },
      ],
      next: first
        ? [{ command: `errand skills show ${first.name}`, description: "shows what it takes and gives" }]
        : [],
    };
  },
});
