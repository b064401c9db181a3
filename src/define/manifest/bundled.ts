/** Manifests that are part of the code: read once, at start-up, with every fault of all of them. */
import type { Manifest } from "../../domain/manifest/manifest.ts";
import { readManifest } from "../../domain/manifest/read-manifest.ts";
import type { AgentDefinition } from "../agent.ts";

interface Bundled {
  /** By name, in the order of the list. */
  readonly manifests: ReadonlyMap<string, readonly Manifest[]>;
  /** Each a sentence that names the place. */
  readonly faults: readonly string[];
}

/** `given`: objects, or texts in YAML or JSON. */
export function bundledManifests(given: readonly unknown[], agents: readonly AgentDefinition[]): Bundled {
  const manifests = new Map<string, Manifest[]>();
  const faults: string[] = [];
  for (const [at, document] of given.entries()) {
    const read = readManifest(document);
    if (!read.ok) {
      faults.push(`manifests[${at}]: ${read.detail}`);
      continue;
    }
    const { manifest } = read.value;
    const { name, version } = manifest;
    const versions = manifests.get(name) ?? [];
    if (agents.some(({ id }) => id === name))
      faults.push(`manifests[${at}]: "${name}" is an agent of the code already`);
    if (versions.some((one) => one.version === version))
      faults.push(`manifests[${at}]: version ${version} of "${name}" is in the list twice`);
    manifests.set(name, [...versions, manifest]);
  }
  return { manifests, faults };
}
