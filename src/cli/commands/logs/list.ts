import * as z from "zod";
import { reading } from "../../frame/command.ts";
import { instant } from "../../output/words.ts";
import { logFiles } from "../../run/log-files.ts";
import { NextSteps, word } from "../inputs.ts";

const Log = z.object({
  agent: z.string(),
  timestamp: z.iso.datetime(),
  path: z.string(),
  bytes: z.int(),
});

export const command = reading({
  input: z.object({
    agent: word("AGENT", "of this agent alone").optional(),
    limit: z.number().int().min(1).max(10_000).default(100).meta({ description: "at most so many (100)" }),
  }),
  positionals: ["agent"],
  output: z.object({ items: z.array(Log), next_steps: NextSteps }),
  examples: ["errand logs", "errand logs api.designer"],
  async run({ agent, limit }, { cwd }) {
    const items = logFiles(cwd, agent)
      .slice(0, limit)
      .map((file) => ({
        agent: file.agent,
        timestamp: new Date(file.atMs).toISOString(),
        path: file.path,
        bytes: file.bytes,
      }));
    const [newest] = items;
    return {
      document: { items },
      view: [
        {
          kind: "table",
          head: ["AGENT", "BEGUN", "BYTES", "PATH"],
          rows: items.map((one) => [one.agent, instant(one.timestamp), String(one.bytes), one.path]),
          empty: "There is no log in agent_logs.",
        },
      ],
      next: newest ? [{ command: `errand logs show ${newest.agent}`, description: "prints the newest one" }] : [],
    };
  },
});
