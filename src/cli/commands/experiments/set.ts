import * as z from "zod";
import { ExperimentBody } from "../../../contract/manifests/experiments.ts";
import { changing } from "../../frame/command.ts";
import { NextSteps, word } from "../inputs.ts";
import { experimentResult } from "./experiment-view.ts";

const SHARE = /^([^=]{1,128})=(\d{1,5})$/;

export const command = changing({
  input: z.object({
    target: word("TARGET", "the agent, or its function as agent.function"),
    shares: z
      .array(z.string().regex(SHARE, "must be VERSION=WEIGHT, such as 1.0.0=90"))
      .min(1)
      .meta({ value: "VERSION=WEIGHT", description: "a version and its share of the runs" }),
  }),
  positionals: ["target", "shares"],
  output: ExperimentBody.extend({ next_steps: NextSteps }),
  examples: ["errand experiments set api.designer 0.1.0=90 0.2.0=10"],
  async plan({ target, shares }, session) {
    const client = await session.client();
    const versions = shares.map((share) => {
      const [, version = "", weight = ""] = SHARE.exec(share) ?? [];
      return { version, weight: Number(weight) };
    });
    return {
      says: [`Divides the runs of ${target} that name no version: ${shares.join(", ")}.`],
      apply: async () =>
        experimentResult(await client.agents.experiments.put(target, versions, { signal: session.interrupted })),
    };
  },
});
