/** A program from the top: its output is checked after it, and what is too large for a row is stored. */
import type { FunctionDefinition } from "../../define/agent.ts";
import { ExecutionFailure } from "../../define/errors.ts";
import { check } from "../../define/schema.ts";
import type { Json } from "../../domain/values/json.ts";
import { createContext } from "../operations/context.ts";
import type { Loop } from "../operations/operation.ts";
import type { FoundFunction } from "../ports.ts";
import type { Finished } from "./large-output.ts";
import { finish } from "./large-output.ts";

interface Run {
  readonly found: FoundFunction;
  readonly input: Json;
}

/** Rejects with what the program throws, and `ExecutionFailure` when its output does not fit its schema. */
export function runProgram(loop: Loop, run: Run): Promise<Finished> {
  const { scope } = loop.world;
  // It may be begun by code of a try, which dies with its process: the program itself is inside none.
  return scope ? scope.run(undefined, () => runIn(loop, run)) : runIn(loop, run);
}

async function runIn(loop: Loop, { found: { definition }, input }: Run): Promise<Finished> {
  const ctx = createContext(loop);
  const value = await definition.program(input as never, ctx);
  return finish(loop, ctx, await checkOutput(definition, value));
}

async function checkOutput(definition: FunctionDefinition, value: unknown): Promise<unknown> {
  const parsed = await check(definition.output, value);
  if (parsed.ok) return parsed.value;
  const [first] = parsed.errors;
  const message = `the output does not fit its schema: ${first?.path || "output"}: ${first?.message ?? ""}`;
  throw new ExecutionFailure("invalid_output", message);
}
