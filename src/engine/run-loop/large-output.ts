/**
 * An output that is larger than a row lies in the file store before the commit that names it. Putting it there is an effect
 * like any other: its intent is on disk first, and another try after a failure or a crash is the journal's. An end that does
 * not name it has it removed (`domain/fold/reactions.ts`).
 */
import type { Context } from "../../define/context.ts";
import { ExecutionFailure } from "../../define/errors.ts";
import type { StoredResult } from "../../domain/execution/stored-result.ts";
import { MAX_RESULT_BYTES, resultKey, STORE_RESULT } from "../../domain/execution/stored-result.ts";
import type { Json } from "../../domain/values/json.ts";
import { jsonText } from "../../domain/values/json-text.ts";
import { isA } from "../../domain/values/thrown.ts";
import type { Loop } from "../operations/operation.ts";
import { StoredOutput } from "../operations/stored-output.ts";
import { fitsRow } from "../program/storable.ts";

/** What an execution ends with: its output, or the mark of one that lies in the store. */
export interface Finished {
  readonly output: Json;
  readonly stored?: StoredResult;
}

/** With waits of up to a minute between them: a quarter of an hour in all. */
const MAX_ATTEMPTS = 20;

/** Throws `ExecutionFailure` `value_not_json` or `value_too_large` when the output is no JSON, or larger than the store takes. */
export async function finish({ journal, world }: Loop, ctx: Context, output: unknown): Promise<Finished> {
  if (isA(output, StoredOutput)) return { output: null, stored: output.stored };
  const made = jsonText(output, "the output", MAX_RESULT_BYTES);
  if (!made.ok) throw new ExecutionFailure(made.code, made.detail, { path: made.path });
  const { text } = made;
  if (fitsRow(text)) return { output: JSON.parse(text) as Json };
  const bytes = new TextEncoder().encode(text);
  const size = bytes.length;
  const { state } = journal;
  if (!state) throw new Error("a program runs only in an execution that exists");
  // It names the execution, so that one that follows it never takes this for its own.
  const input = { execution: state.origin.id };
  const options = { idempotent: true, maxAttempts: MAX_ATTEMPTS };
  const stored = await ctx.effect<StoredResult>(STORE_RESULT, input, options, async () => {
    await world.writeFile(resultKey(state.origin), bytes);
    return { size, digest: world.digest(text) };
  });
  return { output: null, stored };
}
