/** Functions of nodes as skills of a manifest: found by name, asked for once a node, missing where they are missing. */
import { expect, test } from "vitest";
import * as z from "zod";
import { defineAgent } from "../../../../src/define/agent.ts";
import { briefingOf } from "../../../../src/define/manifest/briefing.ts";
import { Manifest } from "../../../../src/domain/manifest/manifest.ts";
import { accept, refuse } from "../../../../src/domain/values/fault.ts";
import { nodeSkills } from "../../../../src/operations/nodes/node-skills.ts";

const local = defineAgent({ id: "local", description: "Local.", version: "1" });
local.skill("go", { input: z.object({}), output: z.unknown() }, async () => 1);
const library = { skills: new Map(), agents: new Map([["local", local]]) };
const caller = { tenant: "t", subject: "olga", scopes: ["execute"] as const };
const fn = (name: string) => ({
  ...{ name, target: `node.a.${name}`, type: "skill", description: "", tags: [] },
  input_schema: { type: "object", properties: { text: { type: "string" } } },
});
const node = {
  ...{ agent_id: "node.a", kind: "remote", description: "", version: "2.0.0", tags: [] },
  functions: [fn("read"), fn("write")],
};

const asked: string[] = [];
const remote = {
  one: async (_caller: unknown, id: string) => {
    asked.push(id);
    if (id === "node.a") return accept<object>(node);
    return id === "down" ? refuse("unavailable", "no answer") : undefined;
  },
};

test("those that are there are skills, with what the node says of them; each node is asked once", async () => {
  asked.length = 0;
  const skills_available = [
    "call:node.a.read",
    "call:node.a.write",
    "call:node.a.none",
    "call:local.go",
    "call:down.go",
    "x",
  ];
  const onNodes = await nodeSkills({ library, remote }, caller as never, skills_available);
  expect(onNodes).toEqual([
    {
      name: "call:node.a.read",
      description: "read",
      version: "2.0.0",
      status: "active",
      inputSchema: fn("read").input_schema,
    },
    {
      name: "call:node.a.write",
      description: "write",
      version: "2.0.0",
      status: "active",
      inputSchema: fn("write").input_schema,
    },
  ]);
  expect(asked.sort()).toEqual(["down", "node.a"]);
  const manifest = Manifest.parse({
    ...{ name: "a", version: "1.0.0", description: "d", capabilities: ["c"], reasoning_mode: "oneshot" },
    skills_available,
  });
  const briefing = briefingOf(library, { manifest, task: "t", context: {}, onNodes });
  expect(briefing.skills.map(({ name }) => name)).toEqual(["call:node.a.read", "call:node.a.write", "call:local.go"]);
  expect(briefing.missingSkills).toEqual(["call:node.a.none", "call:down.go", "x"]);
  expect(briefing.prompt.system).toContain("### call:node.a.read");
});
