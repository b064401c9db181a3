/**
 * An output that is larger than a row lies in the file store before the commit that names it. Putting it there is an effect
 * like any other: its intent is on disk first, and another try after a failure or a crash is the journal's. An end that does
 * not name it has it removed (`domain/consequences.ts`).
 */
import type { Context } from "../define/context.ts";
import { ExecutionFailure } from "../define/errors.ts";
import type { Json } from "../domain/json.ts";
import type { StoredResult } from "../domain/stored-result.ts";
import { MAX_RESULT_BYTES, resultKey, STORE_RESULT } from "../domain/stored-result.ts";
import type { Loop } from "./ask.ts";
import { fitsRow } from "./storable.ts";

/** What an execution ends with: its output, or the mark of one that lies in the store. */
export interface Finished {
  readonly output: Json;
  readonly stored?: StoredResult;
}

/** With waits of up to a minute between them: a quarter of an hour in all. */
const MAX_ATTEMPTS = 20;

export async function finish({ journal, world }: Loop, ctx: Context, output: Json): Promise<Finished> {
  const text = JSON.stringify(output);
  if (fitsRow(text)) return { output };
  const bytes = new TextEncoder().encode(text);
  const size = bytes.length;
  if (size > MAX_RESULT_BYTES) {
    const message = `the output has ${size} bytes; at most ${MAX_RESULT_BYTES} (16 MiB) are kept`;
    throw new ExecutionFailure("value_too_large", message);
  }
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
