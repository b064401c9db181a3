import { AGENTIC_PROGRAMS } from "./agentic.ts";
import { DEPLOYS } from "./deploys.ts";
import { EXTERNALS } from "./externals.ts";
import { JOINS } from "./joins.ts";
import { ODD_PROGRAMS } from "./odd-values.ts";
import { PROGRAMS } from "./plain.ts";
import type { Program } from "./program.ts";
import { RESTARTS } from "./restarts.ts";
import { TRY_PROGRAMS } from "./tries.ts";
import { DEADLINES } from "./waits.ts";

/** Every program that is swept. */
export const ALL_PROGRAMS: readonly Program[] = [
  ...PROGRAMS,
  ...AGENTIC_PROGRAMS,
  ...RESTARTS,
  ...TRY_PROGRAMS,
  ...JOINS,
  ...DEPLOYS,
  ...ODD_PROGRAMS,
  ...DEADLINES,
  ...EXTERNALS,
];
