import * as z from "zod";
import { changing } from "../../frame/command.ts";
import { text } from "../../output/blocks.ts";
import { NextSteps, word } from "../inputs.ts";

export const command = changing({
  input: z.object({ target: word("TARGET", "the agent, or its function as agent.function") }),
  positionals: ["target"],
  output: z.object({ target: z.string(), deleted: z.literal(true), next_steps: NextSteps }),
  isFinal: true,
  examples: ["errand experiments delete api.designer --yes"],
  async plan({ target: given }, session) {
    const client = await session.client();
    const { target } = await client.agents.experiments.get(given, { signal: session.interrupted });
    return {
      id: target,
      says: [`Ends the experiment with ${target}: its current version runs then.`],
      async apply() {
        await client.agents.experiments.delete(target, { signal: session.interrupted });
        return { document: { target, deleted: true }, view: [text(`The experiment with ${target} has ended.`)] };
      },
    };
  },
});
