import * as z from "zod";
import { ValidManifestBody } from "../../../contract/manifests/bodies.ts";
import { reading } from "../../frame/command.ts";
import { readTextFile } from "../../manifest-file.ts";
import { fields, heading, text } from "../../output/blocks.ts";
import { status } from "../../output/words.ts";
import { NextSteps, word } from "../inputs.ts";

export const command = reading({
  input: z.object({ path: word("PATH", "the manifest, in YAML or JSON") }),
  positionals: ["path"],
  output: ValidManifestBody.extend({ next_steps: NextSteps }),
  examples: ["errand agents validate agents/text.counter/agent.yaml"],
  async run({ path }, session) {
    const manifest = readTextFile(path);
    const client = await session.client();
    const checked = await client.agents.validate(manifest, { signal: session.interrupted });
    const { agent, skills_available: skills, missing_skills: missing, warnings, prompt_hash: hash } = checked.details;
    return {
      document: checked,
      view: [
        fields(
          ["agent", agent.name],
          ["version", agent.version],
          ["status", status(agent.status)],
          ["mode", agent.reasoning_mode],
          ["skills", skills.map(({ name }) => name).join(", ") || undefined],
          ["missing", missing.join(", ") || undefined],
          ["prompt", hash],
        ),
        heading("Prompt"),
        text(checked.details.prompt),
      ],
      warnings,
    };
  },
});
