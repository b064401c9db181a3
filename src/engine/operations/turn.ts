/** Turns of a model as questions of the run loop: what tells one from another, what the journal keeps, what it may cost. */
import type { ModelReply, ModelRequest } from "../../define/context.ts";
import { stepError } from "../../define/errors.ts";
import type { LedRequest, LedTurn, ProgramModelRequest } from "../../define/program-context.ts";
import type { Amount } from "../../domain/execution/budget.ts";
import { NOTHING, withoutTurn, withoutZeros } from "../../domain/execution/budget.ts";
import { reusedFromOf } from "../../domain/execution/entry.ts";
import { inputIn, valueSeqOf } from "../../domain/execution/entry-value.ts";
import type { Delta } from "../../domain/model/conversation.ts";
import { TurnFailure } from "../../domain/model/conversation.ts";
import type { Json } from "../../domain/values/json.ts";
import { canonicalJson, toJson } from "../../domain/values/json.ts";
import type { Activity } from "../activities/activity.ts";
import { tryOptions } from "../program/options.ts";
import { storable } from "../program/storable.ts";
import type { Loop } from "./operation.ts";
import type { OperationDraft } from "./submit.ts";
import { withFiles } from "./turn-files.ts";
import type { OperationSite } from "./waiting-operations.ts";

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

type Turn = Omit<Activity, "key" | "scratchpad">;

/** A turn as a program asks it: the journal keeps all of it. */
export function modelOperation(
  loop: Loop,
  { script, optional, ...given }: ProgramModelRequest,
): (site: OperationSite) => OperationDraft {
  const kept = storable(given, "the request of a turn");
  const request = kept as unknown as ModelRequest;
  const digest = loop.world.digest(canonicalJson(kept));
  const more = { kept, digest, script, ...(optional === undefined ? {} : { optional }) };
  return ({ key }) => draft(loop, { key, digest, make: () => turnActivity(loop, { ...request, ...more }) });
}

/** A turn of a conversation that the house leads. Where the journal holds it, it is asked as it was asked there. */
export function ledTurnOperation(loop: Loop, turn: LedTurn): (site: OperationSite) => OperationDraft {
  const { name, script, optional } = turn;
  return ({ key }) => {
    const led = askedAsBefore(loop, key, turn);
    const { digest, request } = led;
    const kept = storable(led.kept, "the request of a turn");
    const more = { kept, digest, script, ...(optional === undefined ? {} : { optional }) };
    const make = () => turnActivity(loop, { ...request(), name, ...more });
    return draft(loop, { key, digest, make });
  };
}

function askedAsBefore({ journal }: Loop, key: string, { asked, settles }: LedTurn): LedRequest {
  const entry = settles ? journal.index().entries.get(key) : undefined;
  const now = asked();
  if (entry?.kind !== "turn") return now;
  const { startedSeq } = entry;
  const event = journal.event(reusedFromOf(entry) === undefined ? startedSeq : (valueSeqOf(entry) ?? startedSeq));
  const kept = event && inputIn(event, key);
  return kept === undefined ? now : asked(toJson(kept));
}

/** What the turn costs is reckoned when it begins: a replay hears its answer, and reckons nothing. */
function draft(
  { activities, scratchpad }: Loop,
  { key, digest, make }: { readonly key: string; readonly digest: string; readonly make: () => Turn },
): OperationDraft {
  let made: Activity | undefined;
  const activity = () => {
    made ??= { ...make(), key, scratchpad };
    return made;
  };
  return {
    kind: "turn",
    digest,
    start: () => activities.begin(activity()),
    resume: (entry) => activities.resume(activity(), entry),
  };
}

interface Asked extends ProgramModelRequest {
  /** Absent: all of the request. */
  readonly kept?: Json;
  readonly digest?: string;
}

/** One model turn as work: the worst case is reserved before it, what it really used settles it (P4). */
export function turnActivity(loop: Loop, asked: Asked): Turn {
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
      if (!world.model) throw stepError("no_model", "no model is configured for this runtime");
      const { onDelta } = world;
      // A try that was given up may still bring text, which no reader is sent any more.
      const hear = (delta: Delta) => {
        if (!signal.aborted) onDelta?.({ turn: key, try: attempt, ...delta });
      };
      const traceparent = loop.journal.state?.origin.traceparent;
      const how = { signal, script, traceparent, onDelta: onDelta && hear };
      return world.model.generate(await withFiles(loop, request), how);
    },
  };
}

function usageOf(value: Json): Amount {
  const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens, costUsd } = value as unknown as ModelReply;
  return {
    turns: 1,
    tokens: inputTokens + outputTokens,
    costUsd: costUsd ?? 0,
    children: 0,
    ...withoutZeros({ inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens }),
  };
}
