/** Turns of a model as questions of the run loop: what tells one from another, what the journal keeps, what it may cost. */
import type { AskReply, AskRequest } from "../define/context.ts";
import { StepError } from "../define/errors.ts";
import type { LedRequest, LedTurn, ProgramAsk } from "../define/program-context.ts";
import type { Amount } from "../domain/budget.ts";
import { NOTHING, withoutTurn, withoutZeros } from "../domain/budget.ts";
import type { Delta } from "../domain/conversation.ts";
import { TurnFailure } from "../domain/conversation.ts";
import { inputIn } from "../domain/entry-value.ts";
import type { Json } from "../domain/json.ts";
import { canonicalJson, toJson } from "../domain/json.ts";
import type { Loop } from "./ask.ts";
import { tryOptions } from "./options.ts";
import type { Draft } from "./put.ts";
import { storable } from "./storable.ts";
import { withFiles } from "./turn-files.ts";
import type { Waiting } from "./waits.ts";
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

type Turn = Omit<Work, "key" | "scratchpad">;

/** A turn as a program asks it: the journal keeps all of it. */
export function askDraft(loop: Loop, { script, optional, ...asked }: ProgramAsk): (waiting: Waiting) => Draft {
  const kept = storable(asked, "the request of a turn");
  const request = kept as unknown as AskRequest;
  const digest = loop.world.digest(canonicalJson(kept));
  const more = { kept, digest, script, ...(optional === undefined ? {} : { optional }) };
  return ({ key }) => draft(loop, { key, digest, make: () => turnWork(loop, { ...request, ...more }) });
}

/** A turn of a conversation that the house leads. Where the journal holds it, it is asked as it was asked there. */
export function ledDraft(loop: Loop, turn: LedTurn): (waiting: Waiting) => Draft {
  const { name, script, optional } = turn;
  return ({ key }) => {
    const asked = askedAsBefore(loop, key, turn);
    const { digest, request } = asked;
    const kept = storable(asked.kept, "the request of a turn");
    const more = { kept, digest, script, ...(optional === undefined ? {} : { optional }) };
    const make = () => turnWork(loop, { ...request(), name, ...more });
    return draft(loop, { key, digest, make });
  };
}

function askedAsBefore({ journal }: Loop, key: string, { asked, settles }: LedTurn): LedRequest {
  const entry = settles ? journal.index().entries.get(key) : undefined;
  const now = asked();
  if (entry?.kind !== "turn") return now;
  const { startedSeq, reusedFrom, valueSeq = startedSeq } = entry;
  const event = journal.event(reusedFrom === undefined ? startedSeq : valueSeq);
  const kept = event && inputIn(event, key);
  return kept === undefined ? now : asked(toJson(kept));
}

/** What the turn costs is reckoned when it begins: a replay hears its answer, and reckons nothing. */
function draft(
  { works, scratchpad }: Loop,
  { key, digest, make }: { readonly key: string; readonly digest: string; readonly make: () => Turn },
): Draft {
  let made: Work | undefined;
  const work = () => {
    made ??= { ...make(), key, scratchpad };
    return made;
  };
  return {
    kind: "turn",
    digest,
    begin: () => works.begin(work()),
    resume: (entry) => works.resume(work(), entry),
  };
}

interface Asked extends ProgramAsk {
  /** Absent: all of the request. */
  readonly kept?: Json;
  readonly digest?: string;
}

/** One model turn as work: the worst case is reserved before it, what it really used settles it (P4). */
export function turnWork(loop: Loop, asked: Asked): Turn {
  const { world } = loop;
  const { kept, digest, script, optional = false, ...request } = asked;
  const given = kept ?? storable(request, "the request of a turn");
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
    digest: digest ?? world.digest(canonicalJson(given)),
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
