import { describe, expect, test } from "vitest";
import { MANIFEST_LIMITS } from "../../../../src/domain/manifest/manifest.ts";
import { manifestSentences, missingFields } from "../../../../src/domain/manifest/manifest-faults.ts";
import { readManifest } from "../../../../src/domain/manifest/read-manifest.ts";

const YAML = `
name: agent.name # Must match the pattern
version: 0.1.0
description: "..."
capabilities:
  - "Capability 1"
  - "Capability 2"
skills_available:
  - skill.name.1
  - skill.name.2
reasoning_mode: iterative
`;
const RECOMMENDED = `
workflow_pattern: |
  1. Step 1
  2. Step 2
context_requirements:
  guidelines: string
  domain: string
error_handling:
  max_retries: 3
  timeout_seconds: 300
status: active
tags:
  - tag1
`;

const fields = {
  ...{ name: "a.b", version: "1.0.0", description: "d", capabilities: ["c"], skills_available: ["s"] },
  reasoning_mode: "oneshot",
};
const faultsOf = (given: unknown) => {
  const read = readManifest(given);
  if (read.ok) throw new Error("it fits");
  return read;
};

describe("a manifest", () => {
  test("is read from YAML, with the defaults of what it leaves out", () => {
    expect(readManifest(YAML)).toMatchObject({
      ok: true,
      value: {
        warnings: [],
        manifest: {
          name: "agent.name",
          status: "active",
          tags: [],
          max_turns: 20,
          error_handling: { max_retries: 3, timeout_seconds: 300, on_failure: "stop" },
        },
      },
    });
    expect(readManifest(YAML + RECOMMENDED)).toMatchObject({
      ok: true,
      value: {
        manifest: {
          workflow_pattern: "1. Step 1\n2. Step 2\n",
          context_requirements: { guidelines: "string", domain: "string" },
          tags: ["tag1"],
        },
      },
    });
  });

  test("is the same as an object, as JSON and as YAML", () => {
    const read = [fields, JSON.stringify(fields), YAML.replace(YAML, JSON.stringify(fields, null, 2))].map(
      readManifest,
    );
    expect(read[1]).toEqual(read[0]);
    expect(read[2]).toEqual(read[0]);
  });

  test("is refused with all of its faults at once, those that are missing first", () => {
    const refused = faultsOf({ name: "Bad Name", version: "1", description: " ", skills_available: [] });
    expect(missingFields(refused.errors)).toEqual(["capabilities", "reasoning_mode"]);
    const sentences = manifestSentences(refused.errors ?? []);
    expect(sentences[0]).toBe("Agent manifest missing required fields: capabilities, reasoning_mode");
    expect(sentences.slice(1).map((text) => text.split(" ")[2])).toEqual([
      "name",
      "version",
      "description",
      "skills_available",
    ]);
    expect(refused.code).toBe("invalid_manifest");
  });

  test.each([
    ["a name with capitals", { name: "Api" }, "name"],
    ["a name that begins with a digit", { name: "1api" }, "name"],
    ["a version of two parts", { version: "1.0" }, "version"],
    ["a version with a leading zero", { version: "01.0.0" }, "version"],
    ["a version that is a number", { version: 1 }, "version"],
    ["no capability", { capabilities: [] }, "capabilities"],
    ["an empty capability", { capabilities: [""] }, "capabilities.0"],
    ["no skill", { skills_available: [] }, "skills_available"],
    ["a skill that is no name", { skills_available: ["a b"] }, "skills_available.0"],
    ["a skill twice", { skills_available: ["a", "a"] }, "skills_available"],
    ["another mode", { reasoning_mode: "thinking" }, "reasoning_mode"],
    ["another status", { status: "live" }, "status"],
    ["no time", { error_handling: { timeout_seconds: 0 } }, "error_handling.timeout_seconds"],
    ["half a retry", { error_handling: { max_retries: 0.5 } }, "error_handling.max_retries"],
    ["another way on failure", { error_handling: { on_failure: "panic" } }, "error_handling.on_failure"],
    ["no turns", { max_turns: 0 }, "max_turns"],
  ])("is refused with %s, by the path", (_what, change, path) => {
    expect(faultsOf({ ...fields, ...change }).errors?.map((error) => error.path)).toEqual([path]);
  });

  test.each(["1.0.0-alpha.1", "1.0.0+build.5", "0.0.0", "10.20.30-rc.1+x"])("takes the version %s", (version) => {
    expect(readManifest({ ...fields, version }).ok).toBe(true);
  });

  test.each([
    ["nothing", ""],
    ["a list", "- a"],
    ["a text", "just words"],
    ["null", null],
    ["a key twice", `name: a\nname: b\n`],
    ["broken YAML", "name: [a\nversion: }"],
    ["an unknown alias", "name: *nobody"],
    ["a bomb of aliases", bomb()],
    ["too many characters", `# ${"x".repeat(300_000)}`],
  ])("is refused when it is %s", (_what, given) => {
    expect(faultsOf(given).code).toBe("invalid_manifest");
  });

  test("is as long as a document may be, and no longer", () => {
    const text = `${JSON.stringify(fields)} # `;
    expect(readManifest(text.padEnd(MANIFEST_LIMITS.document, "x")).ok).toBe(true);
    expect(faultsOf(text.padEnd(MANIFEST_LIMITS.document + 1, "x")).detail).toContain("262145 characters");
  });

  test("is not unfolded when it is a bomb of aliases", () => {
    expect(faultsOf(bomb()).detail).toContain("its aliases stand for too much");
  });

  test("says in which line its text is wrong", () => {
    expect(faultsOf("name: a\nname: b\n").errors).toEqual([{ path: "line 2", message: "Map keys must be unique" }]);
    expect(faultsOf("name: a\n---\nname: b\n").errors).toEqual([
      { path: "line 2", message: "is several documents (---), and a manifest is one" },
    ]);
    expect(faultsOf('description: "a \\ud83d b"').errors).toEqual([
      { path: "description", message: "holds half of a surrogate pair, which is no character" },
    ]);
    const deep = `a: ${"[".repeat(20_000)}${"]".repeat(20_000)}`;
    expect(faultsOf(deep).detail).toContain("is nested too deeply");
  });

  test("warns of fields that it does not know, with what was probably meant", () => {
    const read = readManifest({ ...fields, workflow_patern: "1.", dependencies: ["x"] });
    expect(read).toMatchObject({
      ok: true,
      value: {
        warnings: [
          'the field "workflow_patern" is ignored: did you mean "workflow_pattern"?',
          'the field "dependencies" is ignored',
        ],
      },
    });
  });
});

function bomb(): string {
  const levels = Array.from({ length: 9 }, (_level, at) => {
    const inside = at === 0 ? "lol" : `*a${at - 1}`;
    return `a${at}: &a${at} [${Array.from({ length: 9 }, () => inside).join(",")}]`;
  });
  return levels.join("\n");
}
