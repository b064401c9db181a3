import type { ProgramWatch } from "../../actors/executions/watched-programs.ts";
import { noteProgram } from "../../actors/platform/log.ts";

/** Names the code that runs here: the version that the platform deployed, or what the launcher of a laptop says. */
export interface DeploymentBindings {
  readonly CF_VERSION_METADATA?: { readonly id: string };
  readonly ERRAND_DEPLOYMENT?: string;
  /** Only the launcher of a laptop sets these two: for how long it hears which program has control, and whom it holds back. */
  readonly ERRAND_WATCH_MS?: string;
  readonly ERRAND_HELD?: string;
}

/** At most 200 characters. One name for all code where nothing names it. */
export function deploymentOf({ CF_VERSION_METADATA: version, ERRAND_DEPLOYMENT: said }: DeploymentBindings): string {
  return (said || version?.id || "unnamed").slice(0, 200);
}

export function watchOf({ ERRAND_WATCH_MS: ms, ERRAND_HELD: held = "" }: DeploymentBindings): ProgramWatch {
  return { forMs: Number(ms) || 0, held: new Set(held.split(" ").filter(Boolean)), note: noteProgram };
}
