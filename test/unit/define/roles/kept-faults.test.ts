/** As in a Worker: nothing is thrown, and what stands in for a wrong definition brings no faults of its own. */
import { expect, onTestFinished, test } from "vitest";
import * as z from "zod";
import { keepFaults, keptFaults } from "../../../../src/define/declared.ts";
import {
  defineCoordinator,
  defineExecutor,
  definePlan,
  definePlanner,
  defineRuntime,
  defineSpecialist,
  layeredPrompt,
} from "../../../../src/define/index.ts";

test("faults are kept as sentences, each once", () => {
  onTestFinished(keepFaults());
  const basics = { model: "claude-sonnet-5-5", prompt: "You help." };
  const plan = definePlan({ name: "prices", version: "1", actions: {} });
  const front = defineCoordinator({ ...basics, name: "front", routes: ["clerk", "nobody"], toolkits: [] });
  const clerk = defineExecutor({ ...basics, name: "clerk", plan });
  const orders = definePlan({ name: "orders", version: "1", actions: {} });
  const actions = { send: { description: "Sends it.", input: z.object({}) } };
  const planner = definePlanner({ ...basics, name: "planner", plan: { name: "orders", version: "1", actions } });
  const sender = defineExecutor({ ...basics, name: "sender", plan: orders });
  const wrong = defineSpecialist({ ...basics, name: "wrong", prompt: 7 as never });
  const prompt = layeredPrompt({ rules: "" });
  const layered = defineSpecialist({ ...basics, name: "layered", prompt });
  defineRuntime({
    agents: [front, clerk, planner, sender, wrong, layered],
    dispatchers: { prices: { raise: () => null }, orders: { send: () => null } },
    maxTurns: 0,
  });
  expect(keptFaults()).toEqual([
    'plan "prices": actions is empty: give at least one, as { NAME: { description, input } }',
    'coordinator "front": toolkits lacks "agents", with which a coordinator hands work to its routes: add it',
    'plan "orders": actions is empty: give at least one, as { NAME: { description, input } }',
    'specialist "wrong": prompt is 7: give a text, or what layeredPrompt returned',
    "layeredPrompt: every layer is empty: give at least one with text",
    expect.stringMatching(/^runtime: maxTurns is 0: give a whole number from 1[^\n]*$/),
  ]);
});
