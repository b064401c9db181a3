/** The program of an execution whose function runs on a node: it hands its input over, and ends as the node says. */
import * as z from "zod";
import type { Origin } from "../domain/execution/origin.ts";
import { isA } from "../domain/values/thrown.ts";
import type { FunctionDefinition } from "./agent.ts";
import { ExecutionFailure, StepError } from "./errors.ts";
import type { ProgramContext } from "./program-context.ts";

export function remoteDefinition(
  { fn, kind }: Pick<Origin, "fn" | "kind">,
  { dispatchMs, idempotent }: NonNullable<Origin["remote"]>,
): FunctionDefinition {
  const request = { name: "node", timeoutMs: dispatchMs, ...(idempotent ? { idempotent } : {}) };
  const program = async (_input: never, ctx: ProgramContext) => {
    try {
      return await ctx.external(request);
    } catch (error) {
      throw asReported(error);
    }
  };
  return { name: fn, kind, description: "", tags: [], input: z.unknown(), output: z.unknown(), program };
}

/** What a node reports is the execution's own failure, with its code. */
function asReported(error: unknown): unknown {
  if (!isA(error, StepError)) return error;
  const { code, message, details } = error as StepError;
  return new ExecutionFailure(code, message, details);
}
