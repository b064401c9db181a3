/** Questions that time, people, signals and children answer. Each writes its intent; the answer comes as an event. */
import type { CallOptions } from "../define/context.ts";
import { depthBeneath, MAX_DEPTH, sliceOf } from "../domain/child-origin.ts";
import type { EntryError } from "../domain/entry.ts";
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

type Draft = Omit<Ask, "settle" | "isWithdrawn" | "key" | "name">;

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
    const { state } = loop.journal;
    if (!state) return undefined;
    const error = uncallable(loop, target);
    if (error) {
      loop.journal.dispatch(
        { type: "finish_entry", key, kind: "child", name, attempt: 1, outcome: { ok: false, error } },
        "system",
      );
      return undefined;
    }
    const { limits, grant } = sliceOf(options.budget ?? {}, state);
    const { timeoutMs } = options;
    const childId = loop.world.newExecutionId(state.origin.tenant);
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
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      ...(follows === undefined ? {} : { follows }),
    });
  };
  return { kind: "child", digest, begin, resume: nothing };
}

/** Why nothing can be called by this name from here; `undefined` when it can. */
function uncallable({ world, journal: { state } }: Loop, target: string): EntryError | undefined {
  const at = parseTarget(target);
  if (!at || !world.find(at.agent, at.fn))
    return { code: "target_not_found", message: `nothing answers to the target "${target}"` };
  if (!state || depthBeneath(state) <= MAX_DEPTH) return undefined;
  const message = `"${target}" would stand beneath ${depthBeneath(state)} executions, and ${MAX_DEPTH} is the most`;
  return { code: "too_deep", message };
}
