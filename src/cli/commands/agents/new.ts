/** `errand agents new`: writes a manifest, of skills that are named or as another agent of the server has it. Knows no file of code. */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { stringify } from "yaml";
import * as z from "zod";
import type { Session } from "../../frame/command.ts";
import { changing } from "../../frame/command.ts";
import { Failure } from "../../frame/failure.ts";
import { commandLine } from "../../frame/quote.ts";
import { fields } from "../../output/blocks.ts";
import { jsonText } from "../../output/style.ts";
import { pathOf } from "../../run/find-agent.ts";
import { NextSteps, word } from "../inputs.ts";
import { findAgent } from "./find-agent.ts";

const input = z.object({
  name: z
    .string()
    .max(128)
    .regex(/^[a-z][a-z0-9._-]*$/, "must be small letters, digits, dots, _ and -, a letter first")
    .meta({ value: "NAME", description: "of the agent, such as api.designer" }),
  skill: z
    .array(z.string().min(1).max(256))
    .optional()
    .meta({ value: "SKILL", description: "a skill that it may use; needed without --from" }),
  from: word("AGENT", "an agent whose manifest is taken over, with another name").optional(),
  description: z.string().min(1).max(1_000).optional().meta({ description: "what it is, in one sentence" }),
  mode: z.enum(["oneshot", "iterative"]).optional().meta({
    value: "MODE",
    description: "oneshot plans once (the default); iterative sees the results and plans on",
  }),
});

export const command = changing({
  input,
  positionals: ["name"],
  output: z.object({ name: z.string(), path: z.string(), next_steps: NextSteps }),
  examples: [
    "errand agents new text.editor --skill text.count --skill text.parse --mode iterative",
    "errand agents new api.writer --from api.designer",
  ],
  async plan(asked, session) {
    const path = pathOf(session.cwd, asked.name);
    if (existsSync(path)) throw new Failure("failed", `${path} is there already: it is not written over.`);
    const text = asked.from === undefined ? manifestText(asked) : await takenOver(asked.from, asked, session);
    // Under its own name the server's one would run.
    const run = asked.from === asked.name ? path : asked.name;
    return {
      says: [`Writes ${path}.`],
      async apply() {
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(path, text, { flag: "wx" });
        return {
          document: { name: asked.name, path },
          view: [fields(["agent", asked.name], ["manifest", path])],
          next: [
            { command: commandLine(["agents", "validate", path]), description: "checks it, and shows its prompt" },
            { command: commandLine(["run", run, "TASK"]), description: "runs it" },
          ],
        };
      },
    };
  },
});

type Asked = z.output<typeof input>;

/** The manifest of an agent of the server, changed by what was typed. */
async function takenOver(from: string, asked: Asked, session: Session): Promise<string> {
  const client = await session.client();
  const { agent_id: id } = await findAgent(client, from, session.interrupted);
  const { manifest } = await client.agents.get(id, { signal: session.interrupted });
  if (manifest === undefined) throw new Failure("failed", `${id} is an agent of the code: it has no manifest.`);
  const { name, skill, description, mode } = asked;
  return stringify(
    {
      ...{ ...manifest, name, version: "0.1.0", status: "active" },
      ...(skill === undefined ? {} : { skills_available: skill }),
      ...(description === undefined ? {} : { description }),
      ...(mode === undefined ? {} : { reasoning_mode: mode }),
    },
    { lineWidth: 110 },
  );
}

/** Text in quotes of JSON is text in YAML too. */
function manifestText({ name, skill: skills = [], description, mode = "oneshot" }: Asked): string {
  if (skills.length === 0)
    throw new Failure("usage", "Name what it may use: --skill SKILL, or --from AGENT for the skills of another one.", {
      next: [{ command: "errand skills list", description: "lists the skills that there are" }],
    });
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
