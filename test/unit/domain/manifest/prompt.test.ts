import { describe, expect, test } from "vitest";
import * as z from "zod";
import { defineAgent, defineSkill } from "../../../../src/define/index.ts";
import type { SkillLibrary } from "../../../../src/define/manifest/briefing.ts";
import { briefingOf } from "../../../../src/define/manifest/briefing.ts";
import { readManifest } from "../../../../src/domain/manifest/read-manifest.ts";

const skill = (name: string, status?: "draft" | "deprecated") =>
  defineSkill({
    ...{ name, description: `Does ${name}.`, version: "1.0.0", ...(status ? { status } : {}) },
    input: z.object({ text: z.string() }),
    run: () => null,
  });
const clock = defineAgent({ id: "clock.tower", description: "d", version: "2.0.0" }).skill(
  "strike",
  { description: "Strikes the hour.", input: z.object({ hour: z.number() }), output: z.null() },
  async () => null,
);
const skills = [skill("text.count"), skill("text.draft", "draft"), skill("text.old", "deprecated")];
const library: SkillLibrary = {
  skills: new Map(skills.map((one) => [one.name, one])),
  agents: new Map([[clock.id, clock]]),
};

function manifestWith(change: object = {}) {
  const read = readManifest({
    ...{ name: "counter", version: "1.0.0", description: "Counts texts.", capabilities: ["Count"] },
    ...{ skills_available: ["text.count"], reasoning_mode: "oneshot", ...change },
  });
  if (!read.ok) throw new Error(read.detail);
  return read.value.manifest;
}
const brief = (change: object, task?: string, context = {}) =>
  briefingOf(library, { manifest: manifestWith(change), task, context });

describe("the prompt of a manifest", () => {
  test("says who the agent is, what it can do, with which skills, and the task", () => {
    const { prompt } = brief({ workflow_pattern: "1. Count" }, "Count this");
    for (const part of ["You are counter,", "Counts texts.", "- Count", "oneshot", "### text.count", "1. Count"])
      expect(prompt.system).toContain(part);
    expect(prompt.system).toContain('"text":{"type":"string"}');
    expect(prompt.system).toContain("skills_to_invoke");
    expect(prompt.task).toBe("## Task\nCount this");
    expect(prompt.whole).toBe(`${prompt.system}\n\n${prompt.task}`);
  });

  test("is the same text for the same manifest, whatever the order in which context is given", () => {
    const one = brief({ context_requirements: { b: "string", a: "string" } }, "t", { z: 1, a: "x", c: { e: 1, d: 2 } });
    const other = brief({ context_requirements: { b: "string", a: "string" } }, "t", {
      c: { d: 2, e: 1 },
      a: "x",
      z: 1,
    });
    expect(other.prompt).toEqual(one.prompt);
    expect(one.missingContext).toEqual(["b"]);
    expect(one.prompt.system).toContain('- b (string): not given\n- a (string): x\n- c: {"d":2,"e":1}\n- z: 1');
  });

  test("has context by its own names only", () => {
    const { prompt, missingContext } = brief({ context_requirements: { constructor: "string" } });
    expect(missingContext).toEqual(["constructor"]);
    expect(prompt.system).toContain("- constructor (string): not given");
  });

  test("differs by mode, and has a ready state without a task", () => {
    expect(brief({}).prompt.task).toMatch(/^No task was given/);
    expect(brief({}, "  ").prompt.task).toMatch(/^No task was given/);
    expect(brief({ reasoning_mode: "iterative" }).prompt.system).not.toBe(brief({}).prompt.system);
  });

  test("shows functions of agents as skills", () => {
    const { skills: shown, missingSkills } = brief({ skills_available: ["call:clock.tower.strike"] });
    expect(shown).toMatchObject([{ name: "call:clock.tower.strike", version: "2.0.0", status: "active" }]);
    expect(missingSkills).toEqual([]);
  });

  test("leaves out skills that are missing or drafts, and warns of each", () => {
    const asked = ["text.draft", "text.cout", "clock.tower.strike", "zzz", "text.old", "call:clock.tower.none"];
    const { skills: shown, missingSkills, warnings, prompt } = brief({ skills_available: asked });
    expect(shown.map(({ name }) => name)).toEqual(["text.old"]);
    expect(missingSkills).toEqual(["text.draft", "text.cout", "clock.tower.strike", "zzz", "call:clock.tower.none"]);
    expect(warnings).toEqual([
      'the skill "text.draft" is a draft: it counts as missing',
      'the skill "text.cout" is missing: did you mean "text.count"?',
      'the skill "clock.tower.strike" is missing: to call that function write "call:clock.tower.strike"',
      'the skill "zzz" is missing',
      expect.stringContaining('the skill "call:clock.tower.none" is missing'),
      'the skill "text.old" is deprecated',
    ]);
    expect(prompt.system).not.toContain("text.draft");
  });

  test("of a deprecated agent warns", () => {
    expect(brief({ status: "deprecated" }).warnings).toEqual(["the agent counter 1.0.0 is deprecated"]);
  });
});
