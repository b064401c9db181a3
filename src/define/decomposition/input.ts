/** What the program that takes a task apart begins with. */
import * as z from "zod";
import { Json } from "../../domain/values/json.ts";

/** What an agent does, and what that takes. */
const Ability = z.object({ action: z.string(), params: Json });
export const Abilities = z.array(Ability);
export type Abilities = z.output<typeof Abilities>;

export const DecompositionInput = z.object({
  task: z.object({
    task_id: z.string(),
    title: z.string(),
    description: z.string().default(""),
    assignee_role: z.string().nullable().default(null),
  }),
  /** By name: what the plan is for. */
  plan_context: z.record(z.string(), Json).default({}),
  /** Null: those that are registered. */
  capabilities: Abilities.nullable(),
  /** Of this agent alone, where capabilities are read. */
  agent_id: z.string().nullable().default(null),
  /** The execution of a plan that goes on with the result: of what is not sure a person confirms, and nothing is stored. */
  execution_id: z.string().nullable().default(null),
  /** Where the result is stored. */
  plan_id: z.string().nullable().default(null),
});
export type DecompositionInput = z.output<typeof DecompositionInput>;

/** With what agents do. */
export type DecompositionTask = DecompositionInput & { readonly capabilities: Abilities };
