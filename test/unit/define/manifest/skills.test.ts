/** Skills of a run as its manifest says: at the same time, tried again, after a failure, dry, and when they went away. */
import { beforeEach, expect, test } from "vitest";
import * as z from "zod";
import { defineAgent, defineSkill, ToolError } from "../../../../src/define/index.ts";
import { manifestFunction } from "../../../../src/define/manifest/program.ts";
import { toldResults } from "../../../../src/define/manifest/run-skills.ts";
import type { Script } from "../../../../src/domain/model/script.ts";
import type { RunOptions } from "../../../support/executions.ts";
import { goOn, lookAt, runDefinition } from "../../../support/executions.ts";

const tries: string[] = [];
let bothBegan: PromiseWithResolvers<void>;
const agent = defineAgent({ id: "worker", description: "Works.", version: "1" });
const skill = (name: string, run: () => unknown) =>
  defineSkill({
    ...{ name, description: `Does ${name}.`, version: "1.0.0", idempotent: true },
    input: z.object({}),
    run: async () => {
      tries.push(name);
      await run();
      return name;
    },
  });
const meets = (other: string) => () => {
  if (tries.includes(other)) bothBegan.resolve();
  return bothBegan.promise;
};
const throws = (error: () => Error, times: number) => () => {
  if (tries.length <= times) throw error();
};
const all = [
  skill("good", () => null),
  skill("late", () => null),
  skill("left", meets("right")),
  skill("right", meets("left")),
  skill(
    "flaky",
    throws(() => new Error("not now"), 2),
  ),
  skill(
    "never",
    throws(() => new ToolError("it is bad", { fatal: true }), 99),
  ),
];
const skills = new Map<string, (typeof all)[number]>();
const other = defineAgent({ id: "other", description: "Other.", version: "1" });
other.reasoner("go", { input: z.object({}), output: z.unknown() }, async () => 1);
const library = { skills, agents: new Map([["other", other]]) };
const definition = { agent, key: "run", name: "Run", definition: manifestFunction(library) };

beforeEach(() => {
  tries.length = 0;
  bothBegan = Promise.withResolvers();
  for (const each of all) skills.set(each.name, each);
});

/** `good+never, late`: two at once, then one. */
const plan = (orders: string) => {
  const calls = orders.split(", ").flatMap((names, at) => names.split("+").map((name) => ({ name, order: at + 1 })));
  const skills_to_invoke = calls
    .filter(({ name }) => name !== "")
    .map(({ name, order }) => ({ skill: name, purpose: "p", inputs: {}, order }));
  return { reply: { text: JSON.stringify({ analysis: "a", skills_to_invoke, reasoning: "r" }) } };
};
type Told = { execution_results: { skill: string; status: string }[] };

async function run(script: Script, own: object = {}, { until, ...more }: RunOptions & { dry_run?: boolean } = {}) {
  const manifest = {
    ...{ name: "worker", version: "1.0.0", description: "d", capabilities: ["c"], reasoning_mode: "oneshot" },
    ...{ skills_available: [...all.map(({ name }) => name), "call:other.go"], ...own },
  };
  const input = { manifest, task_context: "t", ...more };
  const ran = await runDefinition(definition, input as never, { ...(until ? { until } : {}), script });
  return { ...ran, results: resultsOf(ran) };
}
function resultsOf({ output, error }: { readonly output: unknown; readonly error: { details?: unknown } | undefined }) {
  const { execution_results = [] } = (output ?? error?.details ?? {}) as Partial<Told>;
  return execution_results.map((result) => `${result.skill} ${result.status}`);
}

test("skills of one order run at the same time", async () => {
  const ran = await run([plan("left+right, late")]);
  expect(ran.status).toBe("succeeded");
  expect(ran.results).toEqual(["left success", "right success", "late success"]);
});

test("after a failure later orders are skipped, or run where the manifest says so", async () => {
  const stopped = await run([plan("never+good, late, late")]);
  expect(stopped).toMatchObject({ status: "failed", error: { code: "skill_failed" } });
  expect(stopped.results).toEqual(["never failed", "good success", "late skipped", "late skipped"]);
  const on = await run([plan("never, late")], { error_handling: { on_failure: "continue" } });
  expect(on).toMatchObject({ status: "failed", results: ["never failed", "late success"] });
});

test("a skill that fails is tried as often again as the manifest says, and not at all when it says that it is vain", async () => {
  expect((await run([plan("flaky")], { error_handling: { max_retries: 2 } })).results).toEqual(["flaky success"]);
  expect(tries).toHaveLength(3);
  tries.length = 0;
  expect((await run([plan("flaky")], { error_handling: { max_retries: 1 } })).results).toEqual(["flaky failed"]);
  expect(tries).toHaveLength(2);
  tries.length = 0;
  expect((await run([plan("never")])).results).toEqual(["never failed"]);
  expect(tries).toHaveLength(1);
});

test("a dry run runs none, and says which would have", async () => {
  const ran = await run([plan("good, call:other.go")], {}, { dry_run: true });
  expect(ran.results).toEqual(["good simulated", "call:other.go simulated"]);
  expect(tries).toEqual([]);
  expect(ran.events.filter(({ type }) => type === "child.started")).toEqual([]);
});

test("a function of an agent is called as a child", async () => {
  const { events } = await run([plan("call:other.go")]);
  expect(events.filter(({ type }) => type === "child.started")).toMatchObject([{ data: { target: "other.go" } }]);
});

test("an iterative run ends as failed when it ends with a failure, and when its turns are over", async () => {
  const iterative = { reasoning_mode: "iterative", max_turns: 2 };
  const failed = await run([plan("never"), plan("")], iterative);
  expect(failed).toMatchObject({ status: "failed", error: { code: "skill_failed", message: expect.any(String) } });
  expect(failed.error?.message).toContain("skill never failed: it is bad");
  const endless = await run([plan("good"), plan("late"), plan("good"), plan("")], iterative);
  expect(endless).toMatchObject({ status: "failed", error: { code: "too_many_turns" }, turns: 2 });
  expect(endless.results).toEqual(["good success", "late success"]);
});

test("a run keeps what it began with when a deployment takes a skill away, and fails where it is to run", async () => {
  const until: RunOptions["until"] = () => tries.includes("good");
  const { world } = await run([plan("good, late")], {}, { until });
  skills.delete("late");
  world.crash();
  await goOn(world);
  const ran = lookAt(world);
  expect(ran).toMatchObject({ status: "failed", error: { code: "skill_failed" } });
  expect(ran.error?.message).toContain('"late" is not in this version of the code');
  expect(ran.error?.details).toMatchObject({ missing_skills: [], warnings: [] });
});

test("of an output that is large the model is told the beginning", () => {
  const told = { skill: "good", purpose: "p", order: 1, timestamp: "", status: "success", output: "x".repeat(50_000) };
  expect(toldResults([told as never]).length).toBeLessThan(20_200);
  expect(toldResults([{ ...told, output: "y" } as never])).toContain('"output":"y"');
});
