/** Shows an agent of any kind: its functions, or the versions of its manifest and the manifest itself. */
import * as z from "zod";
import { ManifestVersionList } from "../../../contract/manifests/agent-body.ts";
import { AgentBody } from "../../../contract/replies.ts";
import { reading } from "../../frame/command.ts";
import type { Next } from "../../frame/failure.ts";
import { collect } from "../../ids/collect.ts";
import type { Block } from "../../output/blocks.ts";
import { fields, heading } from "../../output/blocks.ts";
import { instant, status } from "../../output/words.ts";
import { NextSteps, word } from "../inputs.ts";
import { agentName, findAgent } from "./find-agent.ts";

type Agent = z.infer<typeof AgentBody>;
const Versions = ManifestVersionList.shape.items;

export const command = reading({
  input: z.object({
    agent: agentName,
    agentVersion: word("VERSION", "of its manifest; default the current one").optional(),
  }),
  positionals: ["agent"],
  output: AgentBody.extend({ versions: Versions.optional(), next_steps: NextSteps }),
  examples: ["errand agents show catalog", "errand agents show api.designer --agent-version 0.1.0"],
  async run({ agent: given, agentVersion: version }, session) {
    const client = await session.client();
    const signal = session.interrupted;
    const { agent_id: id, kind } = await findAgent(client, given, signal);
    const agent = await client.agents.get(id, { signal, ...(version === undefined ? {} : { version }) });
    const versions = kind === "manifest" ? await collect(client.agents.versions(id, { signal }), 100) : undefined;
    return {
      document: { ...agent, ...(versions ? { versions } : {}) },
      view: [headOf(agent), ...functionsOf(agent), ...manifestOf(agent, versions ?? [])],
      next: nextOf(agent),
    };
  },
});

function headOf(agent: Agent): Block {
  return fields(
    ["agent", agent.agent_id],
    ["kind", agent.kind],
    ["version", agent.version],
    ["status", agent.status && status(agent.status)],
    ["mode", agent.reasoning_mode],
    ["what", agent.description],
    ["tags", agent.tags.join(", ") || undefined],
    ["owner", agent.owner ?? undefined],
  );
}

function functionsOf({ functions }: Agent): Block[] {
  return functions.flatMap(({ target, description, input_schema: takes }): Block[] => [
    heading(target),
    { kind: "text", text: description },
    ...(takes === undefined ? [] : [{ kind: "json", value: takes } as const]),
  ]);
}

function manifestOf({ manifest }: Agent, versions: z.infer<typeof Versions>): Block[] {
  if (manifest === undefined) return [];
  return [
    heading("Versions"),
    {
      kind: "table",
      head: ["VERSION", "STATUS", "STORED"],
      rows: versions.map((one) => [
        `${one.version}${one.current ? " (current)" : ""}`,
        status(one.status),
        instant(one.created_at),
      ]),
      empty: "None.",
    },
    heading("Manifest"),
    { kind: "json", value: manifest },
  ];
}

function nextOf({ agent_id: id, kind }: Agent): Next[] {
  const list = { command: `errand executions list --agent ${id}`, description: "lists what it has done" };
  return kind === "manifest" ? [{ command: `errand run ${id} TASK`, description: "runs it" }, list] : [list];
}
