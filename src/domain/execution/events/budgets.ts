/** What passes between the budgets of a parent and of its children, and which limit was met. A part of `event.ts`. */
import * as z from "zod";
import { Amount } from "../budget.ts";
import type { TraitsOf } from "./traits.ts";
import { STATE_ONLY } from "./traits.ts";

export const BUDGETS_DATA = {
  /** A child drew this much more on our reservation. `used`: what it has spent since its last draw. */
  "budget.drawn": z.object({ childId: z.string(), drawId: z.string(), amount: Amount, used: Amount.optional() }),
  /** Our parent granted this much more. */
  "budget.granted": z.object({ drawId: z.string(), amount: Amount }),
  "budget.exceeded": z.object({ limit: z.string() }),
  /** 80 % of a limit are spent: said once, and again where the limit was raised since. */
  "budget.warned": z.object({ limit: z.string(), spent: z.number(), of: z.number() }),
  /** A person has raised it by so much. */
  "budget.raised": z.object({ limit: z.string(), by: z.number(), to: z.number(), raisedBy: z.string().optional() }),
} as const;

export const BUDGETS_TRAITS = {
  "budget.drawn": { timer: false, message: false, index: true, value: false, input: false, lost: false },
  "budget.granted": { timer: false, message: false, index: true, value: false, input: false, lost: false },
  "budget.exceeded": STATE_ONLY,
  "budget.warned": STATE_ONLY,
  "budget.raised": STATE_ONLY,
} as const satisfies TraitsOf<typeof BUDGETS_DATA>;
