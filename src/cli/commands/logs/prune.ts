import * as z from "zod";
import { changing } from "../../frame/command.ts";
import { Failure } from "../../frame/failure.ts";
import { text } from "../../output/blocks.ts";
import { logFiles, removeLogs } from "../../run/log-files.ts";
import { NextSteps, word } from "../inputs.ts";

const DAY_MS = 86_400_000;

export const command = changing({
  input: z.object({
    agent: word("AGENT", "of this agent alone").optional(),
    days: z.number().min(0).optional().meta({ value: "DAYS", description: "those that are older" }),
    keep: z.number().int().min(0).optional().meta({ description: "all but the newest so many of each agent" }),
  }),
  positionals: ["agent"],
  output: z.object({ removed: z.array(z.string()), next_steps: NextSteps }),
  isFinal: true,
  examples: ["errand logs prune --days 30 --yes", "errand logs prune api.designer --keep 10 --dry-run"],
  async plan({ agent, days, keep }, { cwd }) {
    if (days === undefined && keep === undefined) throw new Failure("usage", "Say what goes: --days or --keep.");
    const before = days === undefined ? Number.POSITIVE_INFINITY : Date.now() - days * DAY_MS;
    const byAgent = Map.groupBy(logFiles(cwd, agent), (file) => file.agent);
    const gone = [...byAgent.values()].flatMap((files) => files.slice(keep ?? 0).filter(({ atMs }) => atMs < before));
    return {
      says: [gone.length === 0 ? "Removes nothing." : `Removes ${gone.length} logs:`, ...gone.map(({ path }) => path)],
      async apply() {
        removeLogs(cwd, gone);
        return {
          document: { removed: gone.map(({ path }) => path) },
          view: [text(`${gone.length} logs are removed.`)],
          next: [{ command: "errand logs", description: "lists those that are left" }],
        };
      },
    };
  },
});
