import * as z from "zod";
import { SkillList } from "../../../contract/manifests/bodies.ts";
import { reading } from "../../frame/command.ts";
import { findIn } from "../../ids/named.ts";
import { fields, heading } from "../../output/blocks.ts";
import { status } from "../../output/words.ts";
import { NextSteps, word } from "../inputs.ts";

export const command = reading({
  input: z.object({ name: word("NAME", "the skill, or the first letters of its name") }),
  positionals: ["name"],
  output: SkillList.shape.items.element.extend({ next_steps: NextSteps }),
  examples: ["errand skills show text.count"],
  async run({ name }, session) {
    const client = await session.client();
    const all = client.agents.skills({ signal: session.interrupted });
    const skill = await findIn(all, name, {
      ...{ what: "skill", list: "errand skills list" },
      idOf: (one) => one.name,
    });
    const schema = (title: string, value: unknown) =>
      value === undefined ? [] : [heading(title), { kind: "json", value } as const];
    return {
      document: skill,
      view: [
        fields(
          ["skill", skill.name],
          ["version", skill.version],
          ["status", status(skill.status)],
          ["what", skill.description],
          ["repeated", skill.idempotent ? "yes: an interrupted run is repeated by itself" : "only by a person's word"],
        ),
        ...schema("Input", skill.input_schema),
        ...schema("Output", skill.output_schema),
      ],
      next: [{ command: "errand agents list", description: "lists who could use it" }],
    };
  },
});
