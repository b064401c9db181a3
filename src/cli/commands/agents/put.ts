import * as z from "zod";
import { AgentBody } from "../../../contract/replies.ts";
import { changing } from "../../frame/command.ts";
import { readTextFile } from "../../manifest-file.ts";
import { fields } from "../../output/blocks.ts";
import { NextSteps, word } from "../inputs.ts";

export const command = changing({
  input: z.object({ path: word("PATH", "the manifest, in YAML or JSON") }),
  positionals: ["path"],
  output: AgentBody.extend({ warnings: z.array(z.string()), next_steps: NextSteps }),
  examples: ["errand agents put agents/text.counter/agent.yaml"],
  async plan({ path }, session) {
    const manifest = readTextFile(path);
    const client = await session.client();
    const signal = session.interrupted;
    const { agent } = (await client.agents.validate(manifest, { signal })).details;
    return {
      says: [`Stores ${agent.name} ${agent.version} (${agent.status}).`],
      async apply() {
        const stored = await client.agents.put(agent.name, manifest, { signal });
        return {
          document: stored,
          view: [fields(["agent", stored.agent_id], ["version", stored.version], ["current", stored.current_version])],
          warnings: stored.warnings,
          next: [
            { command: `errand run ${stored.agent_id} TASK`, description: "runs it" },
            { command: `errand agents show ${stored.agent_id}`, description: "shows it with its versions" },
          ],
        };
      },
    };
  },
});
