/**
 * One call of a tool, as the program's conversation asks for it: its input is parsed once, and what the schema made of it is
 * in the log, with the entry or as the refusal. A schema may answer differently the next time.
 */
import type { ProgramContext, ToolAnswer, ToolRequest } from "../../define/program-context.ts";
import type { Checked } from "../../define/schema.ts";
import type { Outcome } from "../../domain/execution/entry.ts";
import { reusedFromOf } from "../../domain/execution/entry.ts";
import { inputIn } from "../../domain/execution/entry-value.ts";
import type { FieldError } from "../../domain/values/fault.ts";
import { isRecord } from "../../domain/values/is-record.ts";
import type { Json } from "../../domain/values/json.ts";
import { toJson } from "../../domain/values/json.ts";
import type { Activity } from "../activities/activity.ts";
import { toEntryError } from "../activities/retry.ts";
import type { Journal } from "../journal/journal.ts";
import type { Branch } from "../program/branch.ts";
import { tryOptions } from "../program/options.ts";
import { fingerprint } from "./determinism.ts";
import type { Loop } from "./operation.ts";
import { reusableFor } from "./reusable-results.ts";
import type { Submit } from "./submit.ts";
import { activityOperation } from "./submit.ts";

/** The verb `tool` of a program's context. */
export function toolIn(loop: Loop, branch: Branch, submit: Submit): ProgramContext["tool"] {
  return async (request) => {
    const key = branch.key(request.name);
    const digest = fingerprint(loop.world, request.input);
    const taken = await inputOf(loop, { key, digest, request });
    if (!taken.ok) return { refused: taken.errors };
    const settled = isTakenOver(loop.journal, { key, kind: "tool", name: request.name, digest });
    const denied = settled ? undefined : await request.refusal?.(toJson(taken.value));
    if (denied !== undefined) return { denied };
    return run(submit, { loop, key, digest, request, input: taken.value });
  };
}

interface Call {
  readonly key: string;
  /** Of the input as the model sent it. */
  readonly digest: string;
  readonly request: ToolRequest;
}

/** What the journal holds of it answers; only a call that is new to it is parsed. */
async function inputOf(loop: Loop, { key, digest, request }: Call): Promise<Checked<Json>> {
  const { name, input, parse, refusal } = request;
  const recordedKey = `${key}#input`;
  const before = loop.values.recall(recordedKey);
  if (isRecord(before) && "taken" in before) return { ok: true, value: toJson(before.taken) };
  if (before !== undefined) return { ok: false, errors: before as unknown as readonly FieldError[] };
  const known = askedBefore(loop.journal, { key, kind: "tool", name, digest });
  if (known !== undefined) return { ok: true, value: toJson(known) };
  const parsed = await parse(input);
  if (!parsed.ok) loop.values.record(recordedKey, "input", toJson(parsed.errors));
  // What a person is shown is what runs: it is written down before it is shown.
  else if (refusal) loop.values.record(recordedKey, "input", { taken: parsed.value });
  return parsed;
}

/** The execution before a restart has its result: nothing runs, so nobody is asked. */
function isTakenOver(journal: Journal, operation: Parameters<typeof reusableFor>[0]): boolean {
  const index = journal.index();
  const entry = index.entries.get(operation.key);
  return entry ? reusedFromOf(entry) !== undefined : reusableFor(operation, index)?.answered === true;
}

/** What the entry of this call, or the offer of one, was asked. */
function askedBefore(journal: Journal, operation: Parameters<typeof reusableFor>[0]): Json | undefined {
  const { entries, offers } = journal.index();
  const entry = entries.get(operation.key);
  const seq = entry && reusedFromOf(entry) === undefined ? entry.startedSeq : offers.get(operation.key)?.seq;
  if (seq === undefined || (!entry && !reusableFor(operation, journal.index()))) return undefined;
  const event = journal.event(seq);
  return event && inputIn(event, operation.key);
}

async function run(
  submit: Submit,
  { loop, key, digest, request, input }: Call & { readonly loop: Loop; readonly input: Json },
): Promise<ToolAnswer> {
  const { name, options, checkOutcome } = request;
  let scratched: Json | undefined;
  // Each function of the user's gets a copy of its own.
  const activity: Omit<Activity, "key"> = {
    ...{ kind: "tool", name, input, digest, scratchpad: loop.scratchpad },
    options: {
      ...tryOptions(options, `tool "${name}"`),
      ...(checkOutcome && { checkOutcome: (attempt) => checkOutcome(toJson(input), attempt) }),
    },
    perform: (attempt) => request.run(toJson(input), attempt),
  };
  const absorb = (scratch: Json | undefined) => {
    scratched = scratch;
  };
  const outcome = await submit(
    name,
    (site) => ({ ...activityOperation(loop, { ...activity, key: site.key }), absorb }),
    {
      key,
    },
  ).then(
    (value): Outcome => ({ ok: true, value: value as Json }),
    (error: unknown): Outcome => ({ ok: false, error: toEntryError(error) }),
  );
  return { key, input, outcome, recorded: (scratched ?? {}) as Readonly<Record<string, Json>> };
}
