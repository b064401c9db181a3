import * as z from "zod";
import { ExperimentBody } from "../../../contract/manifests/experiments.ts";
import { reading } from "../../frame/command.ts";
import { NextSteps, word } from "../inputs.ts";
import { experimentResult } from "./experiment-view.ts";

export const command = reading({
  input: z.object({ target: word("TARGET", "the agent, or its function as agent.function") }),
  positionals: ["target"],
  output: ExperimentBody.extend({ next_steps: NextSteps }),
  examples: ["errand experiments show api.designer.run"],
  async run({ target }, session) {
    const client = await session.client();
    return experimentResult(await client.agents.experiments.get(target, { signal: session.interrupted }));
  },
});
