/** The request and the answer of `POST /api/agents/{agent_id}/decompose`, as the guide of polling agents writes them. */
import { describe, expect, it } from "vitest";
import {
  DecomposeRequest,
  DecompositionBody,
  decompositionBody,
} from "../../src/contract/polling-agents/decomposition.ts";
import { decompositionFunction } from "../../src/define/decomposition/program.ts";
import { defineAgent } from "../../src/define/index.ts";
import type { Decomposition } from "../../src/domain/plan/decomposition.ts";
import type { ExecutionView } from "../../src/domain/read-models/view.ts";
import { runDefinition } from "../support/executions.ts";
import { DECOMPOSED_SUBTASKS } from "../support/plans/carol.ts";

const REQUEST = {
  task: {
    task_id: "task_1_1",
    title: "Interview Carol about current workflow",
    description: "Understand her breeding records, customer management, puppy tracking workflows",
    assignee_role: "Business Analyst",
  },
  plan_context: {
    goal: "Build custom dog breeder management system",
    business_type: "Dog breeding",
    industry: "Animal husbandry",
    target_customer: "Carol Campion (Bittersweet Farm, border collie breeder, 25+ years experience)",
  },
  agent_capabilities: [
    "send_email",
    "make_phone_call",
    "schedule_calendar_event",
    "conduct_interview",
    "document_findings",
    "analyze_feedback",
  ],
};

const ANSWER = {
  task_id: "task_1_1",
  decomposition_confidence: 0.92,
  decomposed_subtasks: DECOMPOSED_SUBTASKS,
  execution_sequence: ["task_1_1_a", "task_1_1_b", "task_1_1_c"],
  notes: "Task should be completed within 1 week. Carol has high interest based on call feedback.",
  warnings: [],
};

const agent = defineAgent({ id: "larry", description: "Works.", version: "1" });
const definition = {
  ...{ agent, key: "decompose", name: "Decompose" },
  definition: decompositionFunction({ store: async () => ({ version: 2 }), abilities: async () => [] }),
};
const input = {
  task: REQUEST.task,
  plan_context: REQUEST.plan_context,
  capabilities: REQUEST.agent_capabilities.map((action) => ({ action, params: [] })),
};

function told(ran: Awaited<ReturnType<typeof runDefinition>>) {
  const state = { origin: { id: "exec_x" }, simulated: false } as ExecutionView["state"];
  return decompositionBody(
    ran.output as unknown as Decomposition & { planId: null; planVersion: null },
    { state } as ExecutionView,
  );
}

describe("a task that is taken apart", () => {
  it("is asked for as the guide asks", () => {
    expect(DecomposeRequest.parse(REQUEST)).toEqual(REQUEST);
  });

  it("is answered as the guide answers, where the model says so", async () => {
    const said = { ...ANSWER, task_id: undefined, execution_sequence: undefined };
    const ran = await runDefinition(definition, input, { script: [{ reply: { text: JSON.stringify(said) } }] });
    expect([ran.status, ran.turns]).toEqual(["succeeded", 1]);
    expect(told(ran)).toEqual({ ...ANSWER, execution_id: "exec_x" });
    expect(DecompositionBody.parse(told(ran))).toEqual(told(ran));
  });

  it("is corrected once when the model's answer does not fit", async () => {
    const circle = { ...ANSWER, decomposed_subtasks: [{ ...DECOMPOSED_SUBTASKS[0], depends_on: ["task_1_1_a"] }] };
    const script = [{ reply: { text: JSON.stringify(circle) } }, { reply: { text: JSON.stringify(ANSWER) } }];
    const ran = await runDefinition(definition, input, { script });
    expect([ran.status, ran.turns]).toEqual(["succeeded", 2]);
    expect(ran.attempts[0]?.feedback).toContain("wait for each other");
    const never = await runDefinition(definition, input, {
      script: Array.from({ length: 4 }, () => ({ reply: { text: "Sure!" } })),
    });
    expect(never).toMatchObject({ status: "failed", error: { code: "max_retries_exceeded" } });
    expect(never.attempts).toHaveLength(2);
  });
});

describe("a task of an execution of a plan", () => {
  const registered = [{ action: "send_email", params: ["to"] }];
  const outside = { store: async () => Promise.reject(new Error("stored")), abilities: async () => registered };
  const ofPlan = { ...definition, definition: decompositionFunction(outside) };
  const begun = { ...input, capabilities: null, execution_id: "exec_plan" };

  it("is taken apart for what agents are registered for, and is stored nowhere", async () => {
    const ran = await runDefinition(ofPlan, begun);
    expect(ran).toMatchObject({ status: "succeeded", output: { planVersion: null } });
    expect(told(ran).decomposed_subtasks).toMatchObject([{ action: "send_email" }]);
  });

  it("is confirmed by a person where the model is not sure, and fails where nobody does", async () => {
    const said = { ...ANSWER, decomposition_confidence: 0.6, decomposed_subtasks: DECOMPOSED_SUBTASKS.slice(0, 1) };
    const ran = await runDefinition(ofPlan, begun, { script: [{ reply: { text: JSON.stringify(said) } }] });
    expect(ran).toMatchObject({ status: "failed", error: { code: "approval_expired" } });
    expect(ran.events.find(({ type }) => type === "gate.opened")?.data).toMatchObject({
      payload: { execution_id: "exec_plan", confidence: 0.6, subtasks: [{ action: "send_email" }] },
    });
  });

  it("fails at once where no agent can do what was found, and asks no model where no agent can do anything", async () => {
    const barn = { ...begun, task: { ...REQUEST.task, title: "Paint the barn", description: "" } };
    const error = { code: "no_action" };
    expect(await runDefinition(ofPlan, barn)).toMatchObject({ status: "failed", error, turns: 1 });
    const nobody = { ...begun, capabilities: [] };
    expect(await runDefinition(ofPlan, nobody)).toMatchObject({ status: "failed", error, turns: 0 });
  });
});

describe("the scripted rule", () => {
  it("takes a prospecting task apart into what the agent can do", async () => {
    const ran = await runDefinition(definition, input);
    const body = told(ran);
    expect(body.execution_sequence).toEqual(["task_1_1_a", "task_1_1_b", "task_1_1_c"]);
    expect(body.decomposed_subtasks.map(({ action }) => action)).toEqual([
      "send_email",
      "conduct_interview",
      "document_findings",
    ]);
    expect(body.decomposed_subtasks.map(({ depends_on }) => depends_on)).toEqual([[], ["task_1_1_a"], ["task_1_1_b"]]);
    expect(body.decomposed_subtasks[1]?.params).toEqual({
      required_topics: ["Understand her breeding records", "customer management", "puppy tracking workflows"],
    });
    expect(body.warnings).toEqual(["No email address is known: give send_email one in its params"]);
  });

  it("is not sure of a task that it does not know", async () => {
    const task = { ...REQUEST.task, title: "Paint the barn", description: "" };
    expect(told(await runDefinition(definition, { ...input, task }))).toMatchObject({
      decomposition_confidence: 0,
      decomposed_subtasks: [{ title: "Paint the barn", action: null }],
    });
  });
});
