import type { AttemptContext, Scratchpad } from "../../define/context.ts";
import type { Amount } from "../../domain/execution/budget.ts";
import type { StartEntry } from "../../domain/execution/command.ts";
import type { Json } from "../../domain/values/json.ts";

import type { TryOptions } from "../program/options.ts";

/** Runs after the intents of a burst are committed: the moment from which the outside may be touched. */
export type StartThunk = () => void;

/** A try as the work itself sees it: a program's function is handed the same object and knows less of it. */
export interface KeyedAttemptContext extends AttemptContext {
  readonly key: string;
}

/** Something to do in this process: a step, an effect, a tool or a model turn. */
export interface Activity {
  readonly key: string;
  readonly kind: "step" | "effect" | "tool" | "turn";
  readonly name: string;
  readonly input?: Json;
  readonly digest?: string;
  readonly options: TryOptions;
  readonly perform: (attempt: KeyedAttemptContext) => unknown;
  /** What the program has on its scratchpad; a try reads through to it. */
  readonly scratchpad?: Scratchpad;
  /** Worst case of one try, set aside before it starts. */
  readonly reserve?: Amount;
  readonly usageOf?: (value: Json) => Amount;
  /** What a try that brought nothing has spent all the same. Default: one turn. */
  readonly spentBy?: (thrown: unknown) => Amount;
  /** False for a turn whose price the model port does not know: under a limit in dollars it is refused. */
  readonly priced?: boolean;
  /** Beyond the budget it fails by itself, instead of ending the execution. */
  readonly optional?: boolean;
}

/** What a probe may take that says nothing about it: it only asks. */
export const DEFAULT_CHECK_TIMEOUT_MS = 60_000;

/** What the log says before a try begins. */
export function intentOf(
  { key, kind, name, digest, input, reserve, options }: Activity,
  { attempt, recovered }: { readonly attempt: number; readonly recovered: boolean },
): StartEntry {
  const { idempotent, onInterrupt, timeoutMs } = options;
  return {
    type: "start_entry",
    key,
    kind,
    name,
    attempt,
    ...(digest === undefined ? {} : { digest }),
    ...(input === undefined ? {} : { input }),
    ...(reserve === undefined ? {} : { reserve }),
    ...(idempotent === undefined ? {} : { idempotent }),
    ...(onInterrupt === undefined ? {} : { onInterrupt }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(recovered ? { recovered } : {}),
  };
}
