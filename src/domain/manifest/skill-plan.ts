/** What a model plans: which skills are to run, with what, in which order. */
import * as z from "zod";
import { Json } from "../values/json.ts";

/** Most skills of one plan. */
const MOST_CALLS = 100;

const PlannedSkill = z.object({
  skill: z.string().describe("The name of one of the skills, exactly as it is listed."),
  purpose: z.string().describe("Why it runs, in one sentence."),
  inputs: z
    .record(z.string(), Json)
    .default({})
    .describe('Fits the skill\'s inputs. An output of an earlier skill is {"$from": SKILL, "path": FIELD}.'),
  order: z.number().int().min(1).max(10_000).describe("1 runs first; skills of the same order run at the same time."),
});

export const SkillPlan = z.object({
  analysis: z.string().describe("What the task asks for."),
  skills_to_invoke: z.array(PlannedSkill).max(MOST_CALLS),
  reasoning: z.string().describe("Why these skills, in this order."),
});
export type SkillPlan = z.infer<typeof SkillPlan>;
