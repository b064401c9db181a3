/**
 * Manifests that are kept: under a name, in versions. What a version says never changes; only its status may, because a draft
 * becomes active and an old version is deprecated without another word of it.
 */
import type { Json } from "../values/json.ts";
import { canonicalJson } from "../values/json.ts";
import type { Manifest } from "./manifest.ts";

/** One version without its document. */
export interface ManifestVersion {
  readonly id: string;
  readonly version: string;
  readonly status: Manifest["status"];
  readonly description: string;
  /** `undefined`: the key with which it is sealed is not configured. */
  readonly reasoningMode: Manifest["reasoning_mode"] | undefined;
  readonly tags: readonly string[];
  readonly createdAtMs: number;
  /** When its status changed last. */
  readonly updatedAtMs: number;
  readonly updatedBy: string;
}

/** An agent whose manifests are stored. */
export interface ManifestHead {
  readonly tenant: string;
  readonly id: string;
  readonly owner: string;
  /** So many versions were stored; the number of the last. */
  readonly versions: number;
  /** The version that runs when none is named. */
  readonly current: string;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

/** A head with what its current version says. */
export interface ManifestSummary {
  readonly head: ManifestHead;
  readonly version: ManifestVersion;
}

export interface NewManifestVersion {
  /** As it will be; `versions` is the number of the new version. */
  readonly head: Omit<ManifestHead, "current">;
  readonly manifest: Manifest;
  /** The document without its status. */
  readonly text: string;
  readonly bytes: number;
  readonly by: string;
}

/** Most versions of one agent; all of a tenant's together are bounded by their bytes. */
export const MOST_VERSIONS = 1_000;

/** The statuses by which a version is preferred; the last stored of the first that there is comes first. */
export const PREFERRED: readonly Manifest["status"][] = ["active", "deprecated", "draft", "archived"];

/** The version that runs when none is named; `versions` in the order in which they were stored. */
export function currentOf<V extends { readonly status: Manifest["status"] }>(versions: readonly V[]): V | undefined {
  for (const status of PREFERRED) {
    const found = versions.filter((version) => version.status === status);
    if (found.length > 0) return found[found.length - 1];
  }
  return undefined;
}

/** What of a version never changes, as one text: equal texts are the same version. */
export function contentOf({ status: _status, ...content }: Manifest): string {
  return canonicalJson(content as unknown as Json);
}
