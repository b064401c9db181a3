/** Questions that time, people, signals and children answer. Each writes its intent; the answer comes as an event. */

import type { CallOptions } from "../../define/context.ts";
import { depthBeneath, MAX_DEPTH, sliceOf } from "../../domain/execution/child-origin.ts";
import type { EntryError } from "../../domain/execution/entry.ts";
import { entryError } from "../../domain/execution/entry.ts";
import { parseTarget } from "../../domain/execution/target.ts";
import { parseNodeTarget } from "../../domain/node/node.ts";
import type { Json } from "../../domain/values/json.ts";
import { canonicalJson } from "../../domain/values/json.ts";
import { instantOf } from "../../domain/values/numbers.ts";
import { intend } from "../activities/intend.ts";
import { fingerprint } from "./determinism.ts";
import type { Loop, Operation } from "./operation.ts";
import { reusableFor } from "./reusable-results.ts";

export interface OperationSite {
  readonly key: string;
  readonly name: string;
  readonly loop: Loop;
}

type OperationDraft = Omit<Operation, "complete" | "isWithdrawn" | "key" | "name">;

/** A time that is no number would never come. */
export function checkMs(ms: number | undefined, what: string): void {
  if (ms !== undefined && !Number.isFinite(ms))
    throw new RangeError(`${what}: needs a finite number of milliseconds or a valid Date`);
}

/** An open wait has nothing to take up again: its timer, approval or child answers it. */
const nothing = () => undefined;

export function sleepOperation({ key, name, loop }: OperationSite, until: number | Date): OperationDraft {
  const start = () => {
    const now = loop.world.now();
    const wakeAtMs = instantOf(until instanceof Date ? until.getTime() : now + Math.max(0, until));
    intend(loop.journal, "sleep", { type: "start_entry", key, kind: "sleep", name, attempt: 1, wakeAtMs });
    return undefined;
  };
  return { kind: "sleep", start, resume: nothing };
}

export function signalOperation(
  { key, name, loop }: OperationSite,
  { signal, timeoutMs }: { signal: string; timeoutMs?: number },
): OperationDraft {
  // Its own name says which signal it is; another name leaves that to the digest.
  const digest = name === `signal:${signal}` ? {} : { digest: fingerprint(loop.world, signal) };
  const start = () => {
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
  return { kind: "signal", ...digest, start, resume: nothing };
}

/** What is handed to the outside once and finished from there. Without an input: the execution's own. */
export function externalOperation(
  { key, name, loop }: OperationSite,
  { input, timeoutMs, idempotent = false }: ExternalRequest,
): OperationDraft {
  const digest = input === undefined ? {} : { digest: fingerprint(loop.world, input) };
  const start = () => {
    const time = { timeoutMs, wakeAtMs: instantOf(loop.world.now() + timeoutMs) };
    const asked = { ...(input === undefined ? {} : { input }), ...(idempotent ? { idempotent } : {}) };
    const token = loop.world.newId("token");
    const command = { type: "start_entry", key, kind: "external", name, attempt: 1, token } as const;
    intend(loop.journal, "external", { ...command, ...time, ...asked, ...digest });
    return undefined;
  };
  return { kind: "external", ...digest, start, resume: nothing };
}

export interface ExternalRequest {
  readonly input?: Json;
  readonly timeoutMs: number;
  /** True when it may be handed over again when its receiver is lost. */
  readonly idempotent?: boolean;
}

export function childOperation(
  { key, name, loop }: OperationSite,
  { target, input, options }: { target: string; input: Json; options: CallOptions },
): OperationDraft {
  const digest = loop.world.digest(canonicalJson({ target, input }));
  const start = () => {
    const { state } = loop.journal;
    if (!state) return undefined;
    const at = parseTarget(target);
    const isLocal = at !== undefined && loop.world.find(at.agent, at.fn) !== undefined;
    const error = uncallable(loop, target, isLocal);
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
    const follows = reusableFor({ key, kind: "child", name, digest }, loop.journal.index())?.childId;
    return loop.activities.beginChild({
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
      ...(isLocal ? {} : { elsewhere: true }),
    });
  };
  return { kind: "child", digest, start, resume: nothing };
}

/** Why nothing can be called by this name from here; `undefined` when it can. */
function uncallable({ world, journal: { state } }: Loop, target: string, isLocal: boolean): EntryError | undefined {
  // Whether a node has it is asked when the child's start leaves.
  if (!isLocal && !(world.nodes && parseNodeTarget(target)))
    return entryError("target_not_found", `nothing answers to the target "${target}"`);
  if (!state || depthBeneath(state) <= MAX_DEPTH) return undefined;
  const message = `"${target}" would stand beneath ${depthBeneath(state)} executions, and ${MAX_DEPTH} is the most`;
  return entryError("too_deep", message);
}
