/** How many executions of a function, or of an agent, may run at once: what a definition declares, and what it means for a start. */
import * as z from "zod";
import type { Origin } from "../domain/execution/origin.ts";
import { Priority } from "../domain/intake/queued-start.ts";
import type { QueueRules } from "../domain/intake/queues.ts";
import { MOST_KEY_CHARACTERS, queuesOf } from "../domain/intake/queues.ts";
import type { Json } from "../domain/values/json.ts";
import { numberOf } from "../domain/values/numbers.ts";

/**
 * `5`: five executions of the function at once. With a key: so many for each text that `key` makes of an input (as its
 * schema took it), as in `{ limit: 1, key: (input) => input.account }`. Texts appear in the list of queues: use an id, and
 * nothing personal.
 */
export type Concurrency<Input = never> =
  | number
  | {
      readonly limit: number;
      readonly key?: (input: Input, start: { readonly sessionId?: string | undefined }) => string | number;
    };

const Limit = numberOf({ min: 1, max: 100_000, whole: true });

/** As a definition may declare it. */
export const DeclaredConcurrency = z.union(
  [Limit, z.strictObject({ limit: Limit, key: z.custom((it) => typeof it === "function").optional() })],
  "must be a whole number from 1 to 100000, or an object { limit, key } whose key is a function of the input",
);
export const DeclaredPriority = Priority;
export const AgentLimit = Limit;

export interface Declared {
  readonly concurrency?: Concurrency;
  readonly priority?: Priority;
}

interface Start {
  readonly agent: string;
  readonly fn: string;
  /** What the function's schema made of it. */
  readonly input: Json;
  readonly declared: Declared;
  readonly agentLimit: number | undefined;
  readonly sessionId?: string | undefined;
  /** Nothing where no limits are held: then a start is under none. */
  readonly rules: QueueRules | undefined;
  readonly digest: (text: string) => string;
}

/** What a start has of its limits: nothing, where none is declared or set. */
export function placesOf({
  declared,
  input,
  digest,
  rules,
  sessionId,
  ...whose
}: Start): Pick<Origin, "queues" | "priority"> {
  const { concurrency, priority } = declared;
  const isPlain = concurrency === undefined || typeof concurrency === "number";
  const limit = isPlain ? concurrency : concurrency.limit;
  const queues = rules
    ? queuesOf(
        { ...whose, limit, key: keyOf(isPlain ? undefined : concurrency.key, { input, sessionId }, digest) },
        rules,
      )
    : [];
  return {
    ...(queues.length === 0 ? {} : { queues }),
    ...(priority === undefined ? {} : { priority }),
  };
}

type Key = (input: never, start: { readonly sessionId?: string | undefined }) => string | number;
interface KeyedStart extends Pick<Start, "input" | "sessionId"> {}

/** The name of those whose key cannot be made of their input: they share one limit. */
const NO_KEY = "(none)";

function keyOf(key: Key | undefined, of: KeyedStart, digest: (text: string) => string): string | undefined {
  if (!key) return undefined;
  const text = madeOf(key, of);
  if (text === undefined || text === "") return NO_KEY;
  if (text.length <= MOST_KEY_CHARACTERS && !text.includes("/")) return text;
  return `${text.slice(0, 30).replaceAll("/", "_")}~${digest(text)}`;
}

function madeOf(key: Key, { input, sessionId }: KeyedStart): string | undefined {
  try {
    const made: unknown = key(structuredClone(input) as never, { sessionId });
    return typeof made === "string" || typeof made === "number" ? String(made) : undefined;
  } catch {
    return undefined;
  }
}
