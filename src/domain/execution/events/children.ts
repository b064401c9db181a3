/** Executions beneath this one. A part of `event.ts`. */
import * as z from "zod";
import { Json } from "../../values/json.ts";
import { Amount, BudgetLimits } from "../budget.ts";
import { BuiltIn } from "../built-in.ts";
import { EntryError } from "../entry.ts";
import { Key, Name } from "../entry-event.ts";
import type { TraitsOf } from "./traits.ts";

const ChildOutcome = z.discriminatedUnion("ok", [
  z.object({ ok: z.literal(true), value: Json }),
  z.object({ ok: z.literal(false), error: EntryError }),
]);

export const CHILDREN_DATA = {
  "child.started": z.object({
    key: Key,
    name: Name,
    childId: z.string(),
    target: z.string(),
    digest: z.string(),
    input: Json,
    limits: BudgetLimits,
    grant: Amount,
    /** Came by itself with our id in its header: no program waits for it. */
    adopted: z.boolean().default(false),
    /** Active milliseconds it may take; absent: as its function says. */
    timeoutMs: z.number().positive().optional(),
    /** It follows this child of the execution that we follow. */
    follows: z.string().optional(),
    /** No program of the code that asked answers to it: a node does. */
    elsewhere: z.literal(true).optional(),
    /** Its program is one of Errand itself. */
    builtIn: BuiltIn.optional(),
  }),
  /** One that named this execution as its parent after its end: it has its place here, and nothing else. */
  "child.linked": z.object({ childId: z.string(), target: z.string() }),
  /** `childSeq`: where in the child's log. */
  "child.waiting": z.object({ childId: z.string(), waiting: z.boolean(), childSeq: z.number().int().optional() }),
  "child.finished": z.object({
    key: Key,
    childId: z.string(),
    outcome: ChildOutcome,
    status: z.string(),
    usage: Amount,
    release: Amount,
    /** Of the usage: what its draws had told. */
    used: Amount.optional(),
    /** Executions that came by themselves go on beneath it. */
    goesOnBelow: z.boolean().optional(),
  }),
  /** All of them beneath this child have ended too. */
  "child.rested": z.object({ childId: z.string() }),
  /** The parent was cancelled after this execution's own end: what goes on beneath it is cancelled too (P3). */
  "cancel.passed_on": z.object({}),
} as const;

export const CHILDREN_TRAITS = {
  "child.started": { timer: false, message: true, index: true, value: false, input: false, lost: false },
  "child.linked": { timer: false, message: false, index: true, value: false, input: false, lost: false },
  "child.waiting": { timer: false, message: false, index: true, value: false, input: false, lost: false },
  "child.finished": { timer: false, message: true, index: true, value: true, input: false, lost: false },
  "child.rested": { timer: false, message: true, index: true, value: false, input: false, lost: false },
  "cancel.passed_on": { timer: false, message: true, index: true, value: false, input: false, lost: false },
} as const satisfies TraitsOf<typeof CHILDREN_DATA>;
