/** What passes between the budgets of a parent and of its children, and which limit was met. A part of `event.ts`. */
import { z } from "zod";
import { Amount } from "../budget.ts";
import type { TraitsOf } from "./traits.ts";

export const BUDGETS_DATA = {
  /** A child drew this much more on our reservation. */
  "budget.drawn": z.object({ childId: z.string(), drawId: z.string(), amount: Amount }),
  /** Our parent granted this much more. */
  "budget.granted": z.object({ drawId: z.string(), amount: Amount }),
  "budget.exceeded": z.object({ limit: z.string() }),
} as const;

export const BUDGETS_TRAITS = {
  "budget.drawn": ["index"],
  "budget.granted": ["index"],
  "budget.exceeded": [],
} as const satisfies TraitsOf<typeof BUDGETS_DATA>;
