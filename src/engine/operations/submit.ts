/** How a verb becomes a question of the run loop: it is named within its branch, asked, and answered by a promise. */
import { stepError } from "../../define/errors.ts";
import { MAX_KEY } from "../../domain/execution/entry.ts";
import type { Json } from "../../domain/values/json.ts";
import type { Activity } from "../activities/activity.ts";
import type { Branch } from "../program/branch.ts";
import { keyTooLong } from "../program/branch.ts";
import { quiet } from "./guard.ts";
import type { Loop, Operation } from "./operation.ts";
import { deferred } from "./operation.ts";
import type { OperationSite } from "./waiting-operations.ts";

export interface OperationDraft extends Omit<Operation, "complete" | "isWithdrawn" | "key" | "name"> {
  /** Hears what the entry left on the scratchpad, right before its answer. */
  readonly absorb?: (scratch: Json | undefined) => void;
}

interface Naming {
  /** The key of an operation that was named already. */
  readonly key?: string;
  /** The verb's own name for what the program does not name: while one is open, the next one counts on (E2). */
  readonly unnamed?: boolean;
}

/** Names the question, hands it to the loop, and frees the name when it is answered. */
export type Submit = (
  name: string,
  operation: (site: OperationSite) => OperationDraft,
  naming?: Naming,
) => Promise<unknown>;

export function submitIn(loop: Loop, branch: Branch): Submit {
  return (name, operation, { key: given, unnamed = false } = {}) => {
    if (branch.isWithdrawn) return NEVER;
    if (!unnamed && !branch.enter(name)) {
      const message = `two open calls are named "${name}" in one branch: name them apart, or use ctx.all`;
      return quiet(Promise.reject(stepError("duplicate_key", message)));
    }
    const key = given ?? branch.key(name);
    if (key.length > MAX_KEY) {
      branch.leave(name);
      throw keyTooLong(key);
    }
    const { promise, complete } = deferred();
    const { absorb, ...draft } = operation({ key, name, loop });
    const answered: Operation["complete"] = (outcome, scratch) => {
      if (!unnamed) branch.leave(name);
      absorb?.(scratch);
      complete(outcome);
    };
    loop.submit({ key, name, complete: answered, isWithdrawn: () => branch.isWithdrawn, ...draft });
    return quiet(promise);
  };
}

/** What a loser of a race hears of what it still asks. */
const NEVER = new Promise<never>(() => {});

/** Something to do in this process, as a question. */
export function activityOperation({ activities }: Loop, activity: Activity): OperationDraft {
  return {
    kind: activity.kind,
    ...(activity.digest === undefined ? {} : { digest: activity.digest }),
    start: () => activities.begin(activity),
    resume: (entry) => activities.resume(activity, entry),
  };
}
