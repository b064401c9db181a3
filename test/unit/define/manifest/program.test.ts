/** Runs of manifests on the real engine: plans that are corrected, skills in order, and a crash at each event of the log. */
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { defineAgent, defineSkill, ToolError } from "../../../../src/define/index.ts";
import { manifestFunction } from "../../../../src/define/manifest/program.ts";
import { NOTHING, remembering, SessionMemory } from "../../../../src/domain/manifest/session-memory.ts";
import type { Script } from "../../../../src/domain/model/script.ts";
import type { Json } from "../../../../src/domain/values/json.ts";
import type { RunOptions } from "../../../support/executions.ts";
import { goOn, lookAt, runDefinition } from "../../../support/executions.ts";
import { KeptRecords } from "../../../support/memory/kept-records.ts";

/** Keys under which each skill was done: a repetition under the same key is the same effect. */
const done = new Map<string, Set<string>>();
const agent = defineAgent({ id: "worker", description: "Works.", version: "1" });
const skill = (name: string) =>
  defineSkill({
    ...{ name, description: `Does ${name}.`, version: "1.0.0", idempotent: true },
    input: z.object({ text: z.string() }),
    output: z.object({ text: z.string() }),
    run: ({ text }, { idempotencyKey }) => {
      if (text === "bad") throw new ToolError("it is bad", { fatal: true });
      done.set(name, (done.get(name) ?? new Set()).add(idempotencyKey));
      return { text: `${text}+${name}` };
    },
  });
const skills = [skill("one.do"), skill("two.do")];
const library = { skills: new Map(skills.map((each) => [each.name, each])), agents: new Map() };
const definition = { agent, key: "run", name: "Run", definition: manifestFunction(library) };

const call = (name: string, text: Json, order = 1) => ({ skill: name, purpose: "p", inputs: { text }, order });
const plan = (...calls: object[]) => ({
  reply: { text: JSON.stringify({ analysis: "a", skills_to_invoke: calls, reasoning: "r" }) },
});

function run(mode: string, script: Script, { brought, ...options }: RunOptions & { brought?: object } = {}) {
  done.clear();
  const manifest = {
    ...{ name: "worker", version: "1.0.0", description: "d", capabilities: ["c"], reasoning_mode: mode },
    skills_available: ["one.do", "two.do", "none.do"],
  };
  return runDefinition(definition, { manifest, task_context: "t", ...brought } as never, { ...options, script });
}
const told = (output: unknown) =>
  JSON.parse(JSON.stringify(output).replaceAll(/"timestamp":"[^"]*"/g, '"timestamp":""')) as Record<string, unknown>;

describe("a oneshot run", () => {
  test("asks once, and hands outputs on by reference", async () => {
    const ran = await run("oneshot", [
      plan(call("one.do", "x"), call("two.do", { $from: "one.do", path: "text" }, 2), call("none.do", "y", 3)),
    ]);
    expect([ran.status, ran.turns]).toEqual(["succeeded", 1]);
    expect(told(ran.output).execution_results).toMatchObject([
      { skill: "one.do", status: "success", output: { text: "x+one.do" } },
      { skill: "two.do", status: "success", output: { text: "x+one.do+two.do" } },
      { skill: "none.do", status: "skipped", error: 'the skill "none.do" is missing' },
    ]);
  });

  test.each([
    ["no JSON", { reply: { text: "Sure!" } }, "one JSON value"],
    ["no plan", { reply: { text: "{}" } }, "analysis"],
    ["a skill that is not named", plan(call("one.doo", "x")), 'did you mean "one.do"?'],
    ["inputs that do not fit", plan(call("one.do", 1)), "skills_to_invoke.0.inputs.text"],
    ["an output that is not there yet", plan(call("one.do", { $from: "two.do" })), "has no output before order 1"],
  ])("has a plan corrected that is %s", async (_what, wrong, feedback) => {
    const ran = await run("oneshot", [wrong, plan(call("one.do", "x"))]);
    expect([ran.status, ran.turns]).toEqual(["succeeded", 2]);
    expect(ran.attempts[0]?.feedback).toContain(feedback);
  });

  test("hands files to skills by name, and has a plan corrected that names another", async () => {
    const script = [plan(call("one.do", { $file: "note.text" })), plan(call("one.do", { $file: "note.txt" }))];
    const ran = await run("oneshot", script, { brought: { files: { "note.txt": "hello" } } });
    expect(ran.attempts[0]?.feedback).toContain('there is no file "note.text"; did you mean "note.txt"?');
    const { execution_results, prompt } = told(ran.output);
    expect(execution_results).toMatchObject([{ output: { text: "hello+one.do" } }]);
    expect(prompt).toContain("### note.txt");
    expect(prompt).toContain("hello");
  });

  test("goes on without the memory of its session where that does not answer, and warns", async () => {
    const asked = { brought: { remember: true }, origin: { sessionId: "s" } };
    const ran = await run("oneshot", [plan(call("one.do", "x"))], asked);
    expect([ran.status, told(ran.output).warnings]).toEqual([
      "succeeded",
      expect.arrayContaining([expect.stringContaining("the memory of the session: there is no memory here")]),
    ]);
  });

  test("is remembered beside one that wrote to the memory of the session between its look and its write", async () => {
    const kept = new KeptRecords();
    const other = remembering(NOTHING, { task: "of another", analysis: "", success: true, skills: [] });
    let came = false;
    const set: KeptRecords["set"] = async (place, write) => {
      if (!came) await kept.set(place, { key: write.key, data: JSON.stringify(other), by: {} });
      came = true;
      return kept.set(place, write);
    };
    const memory = { ...kept, set };
    const asked = { brought: { remember: true }, origin: { sessionId: "s" }, memory };
    const ran = await run("oneshot", [plan(call("one.do", "x"))], asked);
    expect(ran.status).toBe("succeeded");
    const { runs } = SessionMemory.parse(kept.values.get("session s agents/worker"));
    expect(runs.map(({ task }) => task)).toEqual(["of another", "t"]);
  });

  test("ends as failed when no plan fits, and tells so", async () => {
    const ran = await run(
      "oneshot",
      Array.from({ length: 5 }, () => ({ reply: { text: "no" } })),
    );
    expect(ran).toMatchObject({ status: "failed", error: { code: "max_retries_exceeded" } });
    expect(ran.error?.details).toMatchObject({ execution_results: [], summary: { success: false } });
  });
});

describe("an iterative run", () => {
  const script = [
    plan(call("one.do", "bad"), call("two.do", "x", 2)),
    { reply: { text: "oh" } },
    plan(call("one.do", "good")),
    plan(call("two.do", { $from: "one.do", path: "text" })),
    plan(),
  ];

  test("goes on after a failure, corrects a plan in the middle, and merges its plans", async () => {
    const ran = await run("iterative", script);
    expect(ran.status).toBe("succeeded");
    const output = told(ran.output);
    expect(output.turns).toHaveLength(4);
    expect(output.execution_results).toMatchObject([
      { skill: "one.do", status: "failed", error: "it is bad" },
      { skill: "two.do", status: "skipped" },
      { skill: "one.do", status: "success" },
      { skill: "two.do", status: "success", output: { text: "good+one.do+two.do" } },
    ]);
    const merged = output.claude_response as { skills_to_invoke: { order: number }[] };
    expect(merged.skills_to_invoke.map(({ order }) => order)).toEqual([1, 2, 3, 4]);
    expect(ran.attempts.map(({ n }) => n)).toEqual([1, 2, 3, 4, 5]);
  });

  test("that is dry plans on with what earlier skills would have given", async () => {
    const script = [plan(call("one.do", "x")), plan(call("two.do", { $from: "one.do", path: "text" })), plan()];
    const ran = await run("iterative", script, { brought: { dry_run: true } });
    expect([ran.status, ran.turns, done.size]).toEqual(["succeeded", 3, 0]);
    expect(told(ran.output).execution_results).toMatchObject([
      { skill: "one.do", status: "simulated", output: { success: true, note: "Simulated execution of one.do" } },
      { skill: "two.do", status: "simulated" },
    ]);
  });

  test("has the same result after a crash at each event, and each skill's effect once", async () => {
    const whole = await run("iterative", script);
    for (let seq = 1; seq < whole.events.length; seq += 1) {
      const until: RunOptions["until"] = ({ root }) => root.view.events.length >= seq;
      const { world } = await run("iterative", script, { until });
      world.crash();
      await goOn(world);
      const again = lookAt(world);
      expect([seq, again.status, told(again.output)]).toEqual([seq, "succeeded", told(whole.output)]);
      expect([...done.values()].map(({ size }) => size)).toEqual([1, 1]);
    }
  });
});
