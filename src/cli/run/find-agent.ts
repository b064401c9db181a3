/** Which agent is meant: a path is a manifest that goes with the run; a name is looked up on the server, then here. */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { Client } from "../../client/client.ts";
import { readTextFile } from "../manifest-file.ts";

export interface Meant {
  readonly name: string;
  /** The text of a manifest that goes with the run; absent for an agent that the server knows. */
  readonly manifest?: string;
}

export function pathOf(cwd: string, name: string): string {
  return resolve(cwd, "agents", name, "agent.yaml");
}

/** Reads the manifest of a path, and its name from the server's reading of it. Throws what is wrong with it. */
export async function byPath(client: Client, path: string, signal: AbortSignal): Promise<Meant> {
  const manifest = readTextFile(path);
  const { details } = await client.agents.validate(manifest, { signal });
  return { name: details.agent.name, manifest };
}

/** `agents/NAME/agent.yaml`, where it is there. */
export async function byName(
  client: Client,
  { cwd, name }: { readonly cwd: string; readonly name: string },
  signal: AbortSignal,
): Promise<Meant | undefined> {
  const path = pathOf(cwd, name);
  return /^[\w.-]+$/.test(name) && existsSync(path) ? byPath(client, path, signal) : undefined;
}
