/** How a verb becomes a question of the run loop: it is named within its branch, asked, and answered by a promise. */
import { StepError } from "../define/errors.ts";
import { MAX_KEY } from "../domain/entry.ts";
import type { Json } from "../domain/json.ts";
import type { Ask, Loop } from "./ask.ts";
import { deferred } from "./ask.ts";
import type { Branch } from "./branch.ts";
import { keyTooLong } from "./branch.ts";
import { quiet } from "./guard.ts";
import type { Waiting } from "./waits.ts";
import type { Work } from "./work.ts";

export interface Draft extends Omit<Ask, "settle" | "isWithdrawn" | "key" | "name"> {
  /** Hears what the entry left on the scratchpad, right before its answer. */
  readonly absorb?: (scratch: Json | undefined) => void;
}

interface Naming {
  /** It was named already. */
  readonly key?: string;
  /** The verb's own name for what the program does not name: while one is open, the next one counts on (E2). */
  readonly unnamed?: boolean;
}

/** Names the question, hands it to the loop, and frees the name when it is answered. */
export type Put = (name: string, draft: (waiting: Waiting) => Draft, naming?: Naming) => Promise<unknown>;

export function putIn(loop: Loop, branch: Branch): Put {
  return (name, draft, { key: given, unnamed = false } = {}) => {
    if (branch.isWithdrawn) return NEVER;
    if (!unnamed && !branch.enter(name)) {
      const message = `two open calls are named "${name}" in one branch: name them apart, or use ctx.all`;
      return quiet(Promise.reject(new StepError("duplicate_key", message)));
    }
    const key = given ?? branch.key(name);
    if (key.length > MAX_KEY) {
      branch.leave(name);
      throw keyTooLong(key);
    }
    const { promise, settle } = deferred();
    const { absorb, ...asked } = draft({ key, name, loop });
    const answered: Ask["settle"] = (outcome, scratch) => {
      if (!unnamed) branch.leave(name);
      absorb?.(scratch);
      settle(outcome);
    };
    loop.ask({ key, name, settle: answered, isWithdrawn: () => branch.isWithdrawn, ...asked });
    return quiet(promise);
  };
}

/** What a loser of a race hears of what it still asks. */
const NEVER = new Promise<never>(() => {});

/** Something to do in this process, as a question. */
export function draftOf({ works }: Loop, work: Work): Draft {
  return {
    kind: work.kind,
    ...(work.digest === undefined ? {} : { digest: work.digest }),
    begin: () => works.begin(work),
    resume: (entry) => works.resume(work, entry),
  };
}
