import { pathToFileURL } from "node:url";
import type { Environment } from "./settings.ts";

/** A call that the greeting shows. */
export interface Invitation {
  readonly says: string;
  readonly path: string;
  readonly body?: unknown;
}

/** What a project runs beside its Worker on this machine. */
export interface Beside {
  /** Variables that the Worker gets. */
  readonly variables: Readonly<Record<string, string>>;
  readonly invitations?: readonly Invitation[];
}

/**
 * A module that package.json names (`"errand": {"dev": "./dev.ts"}`): a bank, a mail server, any service that the agents
 * need and a laptop does not have. It is started once, before the Worker, and ends with the launcher.
 */
interface DevModule {
  readonly startBeside: (environment: Environment) => Promise<Beside>;
}

export async function startBeside(path: string | undefined, environment: Environment): Promise<Beside> {
  if (path === undefined) return { variables: {} };
  const loaded: unknown = await import(pathToFileURL(path).href);
  if (!isDevModule(loaded)) throw new Error(`${path} must export a function startBeside(environment).`);
  return loaded.startBeside(environment);
}

function isDevModule(loaded: unknown): loaded is DevModule {
  return (
    typeof loaded === "object" && loaded !== null && "startBeside" in loaded && typeof loaded.startBeside === "function"
  );
}
