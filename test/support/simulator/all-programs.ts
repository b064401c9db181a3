import { AGENTIC_PROGRAMS } from "./agentic-programs.ts";
import { DEPLOYS } from "./deploy-programs.ts";
import { JOINS } from "./joining.ts";
import { ODD_PROGRAMS } from "./odd-programs.ts";
import type { Program } from "./program.ts";
import { PROGRAMS } from "./programs.ts";
import { RESTARTS } from "./restarts.ts";
import { TRY_PROGRAMS } from "./try-programs.ts";

/** Every program that is swept. */
export const ALL_PROGRAMS: readonly Program[] = [
  ...PROGRAMS,
  ...AGENTIC_PROGRAMS,
  ...RESTARTS,
  ...TRY_PROGRAMS,
  ...JOINS,
  ...DEPLOYS,
  ...ODD_PROGRAMS,
];
