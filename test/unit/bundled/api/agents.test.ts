/** The bundled agents: each file is the text that the Worker brings, and names skills that are there. */
import { readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { apiManifests } from "../../../../src/bundled/api/manifests.ts";
import { briefingOf } from "../../../../src/define/manifest/briefing.ts";
import { readManifest } from "../../../../src/domain/manifest/read-manifest.ts";
import { examples } from "../../../../src/examples/examples.ts";

const folder = resolve(import.meta.dirname, "../../../../src/bundled/api/agents");
const names = readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
  entry.isDirectory() ? [entry.name] : [],
);

test.each(names)("%s is in the bundle word for word, under the name of its folder, and lacks nothing", (name) => {
  const text = readFileSync(resolve(folder, name, "agent.yaml"), "utf8");
  expect(apiManifests).toContain(text);
  const read = readManifest(text);
  if (!read.ok) throw new Error(read.detail);
  expect([read.value.manifest.name, read.value.warnings]).toEqual([name, []]);
  const library = { skills: new Map(examples.skills?.map((skill) => [skill.name, skill])), agents: new Map() };
  const briefing = briefingOf(library, { manifest: read.value.manifest, task: "Design", context: {} });
  expect([briefing.missingSkills, briefing.warnings]).toEqual([[], []]);
});

test("as many are brought as there are files", () => expect(apiManifests).toHaveLength(names.length));
