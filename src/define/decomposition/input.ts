/** What the program that takes a task apart begins with. */
import * as z from "zod";
import { Json } from "../../domain/values/json.ts";

export const DecompositionInput = z.object({
  task: z.object({
    task_id: z.string(),
    title: z.string(),
    description: z.string().default(""),
    assignee_role: z.string().nullable().default(null),
  }),
  /** By name: what the plan is for. */
  plan_context: z.record(z.string(), Json).default({}),
  capabilities: z.array(z.object({ action: z.string(), params: Json })),
  /** Where the result is stored. */
  plan_id: z.string().nullable().default(null),
});
export type DecompositionInput = z.output<typeof DecompositionInput>;
