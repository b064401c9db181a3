import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { z } from "zod";
import { changing } from "../../frame/command.ts";
import { Failure } from "../../frame/failure.ts";
import { commandLine } from "../../frame/quote.ts";
import { fields } from "../../output/blocks.ts";
import { jsonText } from "../../output/style.ts";
import { pathOf } from "../../run/find-agent.ts";
import { NextSteps } from "../inputs.ts";

const input = z.object({
  name: z
    .string()
    .max(128)
    .regex(/^[a-z][a-z0-9._-]*$/, "must be small letters, digits, dots, _ and -, a letter first")
    .meta({ value: "NAME", description: "of the agent, such as api.designer" }),
  skill: z.array(z.string().min(1).max(256)).min(1).meta({ value: "SKILL", description: "a skill that it may use" }),
  description: z.string().min(1).max(1_000).optional().meta({ description: "what it is, in one sentence" }),
  mode: z.enum(["oneshot", "iterative"]).default("oneshot").meta({
    value: "MODE",
    description: "oneshot plans once (the default); iterative sees the results and plans on",
  }),
});

export const command = changing({
  input,
  positionals: ["name"],
  output: z.object({ name: z.string(), path: z.string(), next_steps: NextSteps }),
  examples: ["errand agents new api.designer --skill api.define --skill api.validate --mode iterative"],
  async plan(asked, { cwd }) {
    const path = pathOf(cwd, asked.name);
    if (existsSync(path)) throw new Failure("failed", `${path} is there already: it is not written over.`);
    return {
      says: [`Writes ${path}.`],
      async apply() {
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(path, manifestText(asked), { flag: "wx" });
        return {
          document: { name: asked.name, path },
          view: [fields(["agent", asked.name], ["manifest", path])],
          next: [
            { command: commandLine(["agents", "validate", path]), description: "checks it, and shows its prompt" },
            { command: commandLine(["run", asked.name, "TASK"]), description: "runs it" },
          ],
        };
      },
    };
  },
});

/** Text in quotes of JSON is text in YAML too. */
function manifestText({ name, skill: skills, description, mode }: z.output<typeof input>): string {
  const list = (items: readonly string[]) => items.map((item) => `  - ${jsonText(item)}`).join("\n");
  return `name: ${jsonText(name)}
version: "0.1.0"
description: ${jsonText(description ?? `Says what ${name} is for.`)}
capabilities:
${list(skills.map((skill) => `Uses ${skill}`))}
skills_available:
${list(skills)}
reasoning_mode: ${mode}
workflow_pattern: |
${skills.map((skill, index) => `  ${index + 1}. ${skill}`).join("\n")}
error_handling:
  max_retries: 3
  timeout_seconds: 300
status: active
`;
}
