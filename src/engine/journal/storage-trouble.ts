/**
 * What an object does that its process had to give up before, because its storage took no commits. It cannot keep count
 * itself: an object that cannot write cannot count. So its process does, in memory, by the object's id (`World.givenUp`).
 *
 * - Giving up is no death of the program: it counts as no recovery.
 * - After three in a row the execution's end is tried, as failed with `storage_failed`: it is one small row.
 * - When that fails too, it stands still: reads answer from the disk, commands are refused, nothing runs and nothing is
 *   sent. Its process has it look again in an hour, with its alarm or with the next wake by the sweeper: no loop.
 */
import type { Command } from "../../domain/execution/command.ts";
import type { ExecutionState } from "../../domain/execution/state.ts";
import type { World } from "../ports.ts";
import type { Written } from "./commits.ts";

const MOST_IN_A_ROW = 3;

/** How long an object stands still before its end is tried again. */
export const LOOK_AGAIN_MS = 3_600_000;

export type Trouble = "none" | "end it" | "stand still";

export function troubleOf({ givenUp = 0 }: Pick<World, "givenUp">): Trouble {
  if (givenUp < MOST_IN_A_ROW) return "none";
  return givenUp === MOST_IN_A_ROW ? "end it" : "stand still";
}

/** The count that stands for now: an object that stood still for long enough may try to end again. */
export function givenUpNow({ count, atMs }: { readonly count: number; readonly atMs: number }, now: number): number {
  return count > MOST_IN_A_ROW && now - atMs >= LOOK_AGAIN_MS ? MOST_IN_A_ROW : count;
}

const STORAGE_FAILED = {
  type: "fail",
  code: "storage_failed",
  message: `the storage of this execution refused ${MOST_IN_A_ROW} commits in a row, each of them twice; what they held is lost`,
} as const;

export const STANDS_STILL = "the storage of this execution takes no writes; it is looked at again within an hour";

interface Log {
  readonly state: ExecutionState | undefined;
  dispatch(command: Command, actor: string): unknown;
  flush(): Written;
}

/** To be called once when an execution was read from its storage. */
export function endOnTrouble(journal: Log, world: Pick<World, "givenUp">): Written {
  if (!journal.state || troubleOf(world) !== "end it") return undefined;
  journal.dispatch(STORAGE_FAILED, "system");
  return journal.flush();
}
