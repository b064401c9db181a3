/** Programs of Errand itself, as an environment has them. */
import type { BuiltIn } from "../domain/execution/built-in.ts";
import type { FunctionDefinition } from "./agent.ts";

/** Bulk operations run where executions do, and nowhere else. */
export type BuiltIns = Readonly<Record<Exclude<BuiltIn, "bulk">, FunctionDefinition>> & {
  readonly bulk?: FunctionDefinition;
};
