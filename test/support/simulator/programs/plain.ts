/** Small programs, one behaviour each; together they use every verb of the context. */
import { approver, resumer, truthful } from "../people/people.ts";
import { BASICS } from "./basics.ts";
import { BUDGETS } from "./budgets.ts";
import { CHILDREN } from "./children.ts";
import { DOUBTS } from "./doubts.ts";
import type { Program } from "./program.ts";
import { RACES } from "./races.ts";
import { WAITS } from "./waits.ts";

export const PROGRAMS: readonly Program[] = [...BASICS, ...RACES, ...WAITS, ...CHILDREN, ...DOUBTS, ...BUDGETS].map(
  (program) => ({ ...program, people: [...(program.people ?? []), truthful, resumer, approver] }),
);
