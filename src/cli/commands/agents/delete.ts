import * as z from "zod";
import { changing } from "../../frame/command.ts";
import { text } from "../../output/blocks.ts";
import { NextSteps } from "../inputs.ts";
import { agentName, findAgent } from "./find-agent.ts";

export const command = changing({
  input: z.object({ agent: agentName }),
  positionals: ["agent"],
  output: z.object({ agent_id: z.string(), deleted: z.literal(true), next_steps: NextSteps }),
  isFinal: true,
  examples: ["errand agents delete text.counter --yes"],
  async plan({ agent: given }, session) {
    const client = await session.client();
    const { agent_id: id, version } = await findAgent(client, given, session.interrupted);
    return {
      id,
      says: [`Removes ${id} with all its versions (now ${version}). Its runs go on, and stay.`],
      async apply() {
        await client.agents.delete(id, { signal: session.interrupted });
        return {
          document: { agent_id: id, deleted: true },
          view: [text(`${id} is removed.`)],
          next: [{ command: "errand agents list", description: "lists those that are left" }],
        };
      },
    };
  },
});
