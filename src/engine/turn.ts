import type { AskReply } from "../define/context.ts";
import { StepError } from "../define/errors.ts";
import type { ProgramAsk } from "../define/program-context.ts";
import type { Amount } from "../domain/budget.ts";
import { NOTHING, withoutTurn, withoutZeros } from "../domain/budget.ts";
import type { Delta } from "../domain/conversation.ts";
import { TurnFailure } from "../domain/conversation.ts";
import type { Json } from "../domain/json.ts";
import { canonicalJson, toJson } from "../domain/json.ts";
import type { Loop } from "./ask.ts";
import { tryOptions } from "./options.ts";
import { storable } from "./storable.ts";
import { withFiles } from "./turn-files.ts";
import type { Work } from "./work.ts";

/** Providers are overloaded for minutes, not for seconds: five tries span about one. */
const TRIES = tryOptions(
  {
    maxAttempts: 5,
    backoff: { initialMs: 2_000 },
    retryable: (error) => error instanceof TurnFailure && error.retryable,
  },
  "a turn",
);

const ONCE = tryOptions({ maxAttempts: 1 }, "a turn");

/**
 * One model turn as work: the worst case is reserved before it, what it really used settles it (P4). Its digest is that
 * of the whole request, also where the journal keeps less of it.
 */
export function turnWork(loop: Loop, asked: ProgramAsk): Omit<Work, "key" | "scratchpad"> {
  const { world } = loop;
  const { kept, script, optional = false, ...request } = asked;
  const given = storable(kept ?? request, "the request of a turn");
  const { inputTokens, costUsd } = world.model?.estimate(request) ?? { inputTokens: 0, costUsd: null };
  const reserve: Amount = {
    turns: 1,
    tokens: inputTokens + request.maxTokens,
    costUsd: costUsd ?? 0,
    children: 0,
    ...withoutZeros({ inputTokens, outputTokens: request.maxTokens }),
  };
  return {
    kind: "turn",
    name: request.name ?? "turn",
    input: given,
    digest: world.digest(canonicalJson(kept === undefined ? given : toJson(request))),
    options: optional ? ONCE : TRIES,
    reserve,
    optional,
    usageOf,
    spentBy: (thrown) => (thrown instanceof TurnFailure && thrown.spent === "unknown" ? withoutTurn(reserve) : NOTHING),
    priced: costUsd !== null,
    perform: async ({ key, attempt, signal }) => {
      if (!world.model) throw new StepError("no_model", "no model is configured for this runtime");
      const { onDelta } = world;
      // A try that was given up may still bring text, which is nobody's any more.
      const hear = (delta: Delta) => {
        if (!signal.aborted) onDelta?.({ turn: key, try: attempt, ...delta });
      };
      return world.model.ask(await withFiles(loop, request), { signal, script, onDelta: onDelta && hear });
    },
  };
}

function usageOf(value: Json): Amount {
  const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens, costUsd } = value as unknown as AskReply;
  return {
    turns: 1,
    tokens: inputTokens + outputTokens,
    costUsd: costUsd ?? 0,
    children: 0,
    ...withoutZeros({ inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens }),
  };
}
