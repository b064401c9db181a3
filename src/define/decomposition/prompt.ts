/** What the model is told that takes a task apart. The same input always gives the same text. */
import { DecompositionAnswer } from "../../domain/plan/decomposition.ts";
import type { Json } from "../../domain/values/json.ts";
import { canonicalJson } from "../../domain/values/json.ts";
import { jsonSchemaOf } from "../json-schema.ts";
import type { DecompositionTask } from "./input.ts";

const RULES = [
  "You take one task of a plan apart into subtasks. Each subtask is one action that an agent does without you.",
  "Use the actions that are listed. Where none of them does what is needed, say so with the action null.",
  "Give each subtask everything that its action needs in params: the agent sees nothing of this conversation.",
  "Name in depends_on what has to come first, and for each subtask the criteria by which one sees that it is done.",
  "Do not invent addresses, numbers or names: what is not known is left out, and told in warnings.",
].join("\n");

export function promptOf({ task, plan_context, capabilities }: DecompositionTask): {
  readonly system: string;
  readonly task: string;
} {
  const answer = (jsonSchemaOf(DecompositionAnswer, "input") ?? {}) as Json;
  const actions = capabilities.map(({ action, params }) => `- ${action}${paramsText(params)}`);
  const system = [
    RULES,
    section("Actions", actions.length === 0 ? "None is known." : actions.join("\n")),
    section(
      "Answer",
      `Answer with exactly one JSON value and nothing else. It fits this JSON Schema:\n${canonicalJson(answer)}`,
    ),
  ].join("\n\n");
  const known = Object.entries(plan_context).filter(([, value]) => value !== null);
  const context = known.map(([name, value]) => `${name}: ${typeof value === "string" ? value : canonicalJson(value)}`);
  const said = [
    section("Plan", context.length === 0 ? "Nothing is known of it." : context.join("\n")),
    section("Task", [task.title, task.description].filter((text) => text !== "").join("\n")),
    ...(task.assignee_role === null ? [] : [section("Who does it", task.assignee_role)]),
  ].join("\n\n");
  return { system, task: said };
}

function section(title: string, text: string): string {
  return `## ${title}\n${text}`;
}

function paramsText(params: Json): string {
  if (Array.isArray(params)) return params.length === 0 ? "" : `: ${params.map(String).join(", ")}`;
  return `: ${canonicalJson(params)}`;
}
