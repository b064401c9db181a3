/**
 * What the scripted model, which calls no provider, plans for an agent with a manifest: its skills in the order of the manifest,
 * with inputs made of their schemas and the task. What an earlier skill gives under the name of an input is referred to.
 */

import type { Manifest } from "../../domain/manifest/manifest.ts";
import type { Script } from "../../domain/model/script.ts";
import { isRecord } from "../../domain/values/is-record.ts";
import type { Json } from "../../domain/values/json.ts";
import type { Schema } from "../../domain/values/json-example.ts";
import { jsonExample } from "../../domain/values/json-example.ts";
import type { KnownSkill } from "./briefing.ts";

interface Told {
  readonly manifest: Manifest;
  readonly skills: readonly KnownSkill[];
  /** Names of what came with the run. */
  readonly files?: readonly string[];
  readonly task: string | undefined;
}

export function scriptedPlan(told: Told): Script {
  const { manifest, task } = told;
  const calls = task?.trim() ? plannedCalls(told, task.trim()) : [];
  const all = { analysis: analysisOf(told), skills_to_invoke: calls, reasoning: REASONING };
  if (manifest.reasoning_mode === "oneshot") return [{ when: () => true, reply: { text: JSON.stringify(all) } }];
  return [
    {
      when: () => true,
      reply: ({ messages }) => {
        const turn = messages.filter(({ role }) => role === "assistant").length;
        const next = calls.slice(turn, turn + 1).map((call) => ({ ...call, order: 1 }));
        const analysis =
          next.length > 0 || turn === 0 ? all.analysis : `Everything that ${manifest.name} can do was done.`;
        return { text: JSON.stringify({ ...all, analysis, skills_to_invoke: next }) };
      },
    },
  ];
}

const REASONING = "The skills run in the order of the manifest; no model was asked.";

function analysisOf({ manifest, task }: Told): string {
  const said = task?.trim();
  return said ? `Simulated plan of ${manifest.name} for: ${said.slice(0, 500)}` : `${manifest.name} is ready.`;
}

function plannedCalls({ skills, files = [] }: Told, task: string) {
  return skills.map((skill, at) => ({
    skill: skill.name,
    purpose: skill.description.slice(0, 500),
    inputs: { ...inputsOf(skill, skills.slice(0, at), task), ...filesFor(skill, files) },
    order: at + 1,
  }));
}

/** Inputs that a file is handed to, by their names: the first one, or of two documents the second. */
const TAKES_FILE = new Map(Object.entries({ document: 0, text: 0, before: 0, after: 1 }));

function filesFor({ inputSchema }: KnownSkill, files: readonly string[]): { [key: string]: Json } {
  const given = Object.keys(propertiesOf(inputSchema)).flatMap((name) => {
    const place = TAKES_FILE.get(name);
    const file = place === undefined ? undefined : (files[place] ?? files[0]);
    return file === undefined ? [] : [[name, { $file: file }] as const];
  });
  return Object.fromEntries(given);
}

function inputsOf({ inputSchema }: KnownSkill, earlier: readonly KnownSkill[], task: string): { [key: string]: Json } {
  const schema = (inputSchema ?? { type: "object" }) as Schema;
  const made = jsonExample(schema, task);
  const inputs = isRecord(made) ? made : {};
  const referred = Object.keys(propertiesOf(schema)).flatMap((name) => {
    const giver = earlier.findLast(({ outputSchema }) => name in propertiesOf(outputSchema));
    return giver ? [[name, { $from: giver.name, path: name }] as const] : [];
  });
  return { ...inputs, ...Object.fromEntries(referred) };
}

function propertiesOf(schema: Json | undefined): object {
  const properties = typeof schema === "object" && schema !== null && "properties" in schema ? schema.properties : {};
  return typeof properties === "object" && properties !== null ? properties : {};
}
