import { expect, test } from "vitest";
import { defineAgent } from "../../../../src/define/agent.ts";
import { bundledManifests } from "../../../../src/define/manifest/bundled.ts";

const manifest = (name: string, version = "0.1.0", rest: object = {}) => ({
  ...{ name, version, description: "d", capabilities: ["c"], skills_available: ["s"], reasoning_mode: "oneshot" },
  ...rest,
});

test("manifests of the code are objects or texts, several versions of one name among them", () => {
  const { manifests, faults } = bundledManifests(
    [manifest("a"), JSON.stringify(manifest("b")), manifest("a", "0.2.0")],
    [],
  );
  expect(faults).toEqual([]);
  expect([...manifests].map(([name, versions]) => [name, versions.map(({ version }) => version)])).toEqual([
    ["a", ["0.1.0", "0.2.0"]],
    ["b", ["0.1.0"]],
  ]);
});

test("every fault of the list is said, with its place", () => {
  const agent = defineAgent({ id: "taken", version: "1", description: "" });
  const { faults } = bundledManifests([manifest("a"), manifest("a"), "name: x", manifest("taken"), 7], [agent]);
  expect(faults).toEqual([
    'manifests[1]: version 0.1.0 of "a" is in the list twice',
    expect.stringContaining("manifests[2]: Agent manifest missing required fields: version, description"),
    'manifests[3]: "taken" is an agent of the code already',
    expect.stringContaining("manifests[4]: Agent manifest: must be an object"),
  ]);
});
