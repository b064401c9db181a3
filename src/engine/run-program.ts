/** A program from the top: its input is checked before, its output after, and what is too large for a row is stored. */
import { ExecutionFailure } from "../define/errors.ts";
import { check } from "../define/schema.ts";
import type { Json } from "../domain/json.ts";
import type { Loop } from "./ask.ts";
import { createContext } from "./context.ts";
import { checkOutput } from "./ended.ts";
import type { Finished } from "./large-output.ts";
import { finish } from "./large-output.ts";
import type { FoundFunction } from "./ports.ts";

export async function runProgram(
  loop: Loop,
  { found: { definition }, input }: { readonly found: FoundFunction; readonly input: Json },
): Promise<Finished> {
  const parsed = await check(definition.input, input);
  if (!parsed.ok) {
    const [first] = parsed.errors;
    throw new ExecutionFailure("invalid_input", `${first?.path || "input"}: ${first?.message ?? "does not fit"}`);
  }
  const ctx = createContext(loop);
  const value = await definition.program(parsed.value as never, ctx);
  return finish(loop, ctx, await checkOutput(definition, value));
}
