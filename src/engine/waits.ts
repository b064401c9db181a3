/** Questions that time, people, signals and children answer. Each writes its intent; the answer comes as an event. */
import type { CallOptions } from "../define/context.ts";
import { NOTHING, tighter } from "../domain/budget.ts";
import type { Json } from "../domain/json.ts";
import { canonicalJson } from "../domain/json.ts";
import { instantOf } from "../domain/numbers.ts";
import { parseTarget } from "../domain/target.ts";
import type { Ask, Loop } from "./ask.ts";
import { intend } from "./intend.ts";
import { fingerprint } from "./match.ts";
import { offerFor } from "./offers.ts";

export interface Waiting {
  readonly key: string;
  readonly name: string;
  readonly loop: Loop;
}

type Draft = Omit<Ask, "settle" | "key" | "name">;

/** A time that is no number would never come. */
export function checkMs(ms: number | undefined, what: string): void {
  if (ms !== undefined && !Number.isFinite(ms))
    throw new RangeError(`${what}: needs a finite number of milliseconds or a valid Date`);
}

/** An open wait has nothing to take up again: its timer, gate or child answers it. */
const nothing = () => undefined;

export function sleepAsk({ key, name, loop }: Waiting, until: number | Date): Draft {
  const begin = () => {
    const now = loop.world.now();
    const wakeAtMs = instantOf(until instanceof Date ? until.getTime() : now + Math.max(0, until));
    intend(loop.journal, "sleep", { type: "start_entry", key, kind: "sleep", name, attempt: 1, wakeAtMs });
    return undefined;
  };
  return { kind: "sleep", begin, resume: nothing };
}

export function signalAsk(
  { key, name, loop }: Waiting,
  { signal, timeoutMs }: { signal: string; timeoutMs?: number },
): Draft {
  // Its own name says which signal it is; another name leaves that to the digest.
  const digest = name === `signal:${signal}` ? {} : { digest: fingerprint(loop.world, signal) };
  const begin = () => {
    const wake = timeoutMs === undefined ? {} : { wakeAtMs: instantOf(loop.world.now() + timeoutMs) };
    intend(loop.journal, "signal", {
      type: "start_entry",
      key,
      kind: "signal",
      name,
      signal,
      attempt: 1,
      ...wake,
      ...digest,
    });
    return undefined;
  };
  return { kind: "signal", ...digest, begin, resume: nothing };
}

export function callAsk(
  { key, name, loop }: Waiting,
  { target, input, options }: { target: string; input: Json; options: CallOptions },
): Draft {
  const digest = loop.world.digest(canonicalJson({ target, input }));
  const begin = () => {
    const { maxTurns, maxTokens, maxCostUsd, maxChildren } = options.budget ?? {};
    const own = {
      ...(maxTurns === undefined ? {} : { maxTurns }),
      ...(maxTokens === undefined ? {} : { maxTokens }),
      ...(maxCostUsd === undefined ? {} : { maxCostUsd }),
      ...(maxChildren === undefined ? {} : { maxChildren }),
    };
    // Whoever is paid from a limit in dollars knows of it: a model without a price is refused there too.
    const above = loop.journal.state?.limits.maxCostUsd;
    const limits = above === undefined ? own : tighter(own, { maxCostUsd: above });
    const grant = {
      ...NOTHING,
      turns: maxTurns ?? 0,
      tokens: maxTokens ?? 0,
      costUsd: maxCostUsd ?? 0,
      children: maxChildren ?? 0,
    };
    const at = parseTarget(target);
    if (!at || !loop.world.find(at.agent, at.fn)) {
      const error = { code: "target_not_found", message: `nothing answers to the target "${target}"` };
      loop.journal.dispatch(
        { type: "finish_entry", key, kind: "child", name, attempt: 1, outcome: { ok: false, error } },
        "system",
      );
      return undefined;
    }
    const childId = loop.world.newExecutionId(loop.journal.state?.origin.tenant ?? "");
    const follows = offerFor({ key, kind: "child", name, digest }, loop.journal.index())?.childId;
    return loop.works.beginChild({
      type: "start_child",
      key,
      name,
      childId,
      target,
      digest,
      input,
      limits,
      grant,
      ...(follows === undefined ? {} : { follows }),
    });
  };
  return { kind: "child", digest, begin, resume: nothing };
}
