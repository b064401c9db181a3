/** Programs of Errand itself: what they run is in the input of an execution, and no agent of the code has them. */
import * as z from "zod";

/**
 * `manifest`: the run of an agent that is declared by a manifest. `decomposition`: a task, taken apart into subtasks. `bulk`: a bulk
 * operation, which no limit of the tenant's holds up: it may be what makes room.
 */
export const BuiltIn = z.enum(["manifest", "decomposition", "bulk"]);
export type BuiltIn = z.infer<typeof BuiltIn>;

/** Which one an execution runs. Runs of manifests that began in an earlier version are marked by `manifest`. */
export function builtInOf(origin: {
  readonly builtIn?: BuiltIn | undefined;
  readonly manifest?: true | undefined;
}): BuiltIn | undefined {
  return origin.manifest ? "manifest" : origin.builtIn;
}

/** The version by which runs of one target are told apart: of the manifest that it runs, or of the node that has it. */
export function versionOfRun(
  origin: Parameters<typeof builtInOf>[0] & { readonly version: string; readonly remote?: object | undefined },
): string | undefined {
  return builtInOf(origin) === "manifest" || origin.remote !== undefined ? origin.version : undefined;
}
