import type { SimWorld } from "../sim-world.ts";
import { activeTimeAddsUp } from "./active-time-adds-up.ts";
import { allEnds } from "./all-ends.ts";
import { answersWereGiven } from "./answers-were-given.ts";
import { approvalsAgree } from "./approvals-agree.ts";
import type { Check } from "./check.ts";
import { doneAsOftenAsBegun } from "./done-as-often-as-begun.ts";
import { endsAreCalledOff } from "./ends-are-called-off.ts";
import { endsAreHeard } from "./ends-are-heard.ts";
import { journalIsTheLog } from "./journal-is-the-log.ts";
import { paidIsCounted } from "./paid-is-counted.ts";
import { progressCounts } from "./progress-counts.ts";
import { promisesHold } from "./promises-hold.ts";
import { readersHaveTheLog } from "./readers-have-the-log.ts";
import { registryAgrees } from "./registry-agrees.ts";
import { reservedIsOwed } from "./reserved-is-owed.ts";
import { rowsFit } from "./rows-fit.ts";
import { rulesHoldHere } from "./rules-hold-here.ts";
import { triesWait } from "./tries-wait.ts";
import { yesIsKept } from "./yes-is-kept.ts";

/** Every promise that is asked after a schedule. What must hold at each quiet moment is in `watchman.ts`. */
export const CHECKS: readonly Check[] = [
  readersHaveTheLog,
  allEnds,
  activeTimeAddsUp,
  registryAgrees,
  approvalsAgree,
  promisesHold,
  triesWait,
  rowsFit,
  journalIsTheLog,
  paidIsCounted,
  reservedIsOwed,
  rulesHoldHere,
  progressCounts,
  answersWereGiven,
  doneAsOftenAsBegun,
  yesIsKept,
  endsAreHeard,
  endsAreCalledOff,
];

/** All that breaks a promise: when a schedule has ended, of all of them. */
export function wrongsOf(world: SimWorld, when: Check["asked"]): string[] {
  return CHECKS.filter(({ asked }) => when === "at the end" || asked === when).flatMap(({ wrongs }) => wrongs(world));
}
