/** What the operations on stored manifests need of the index. Each call rejects when the index does not answer. */
import type { Manifest } from "../../domain/manifest/manifest.ts";
import type {
  ManifestHead,
  ManifestSummary,
  ManifestVersion,
  NewManifestVersion,
} from "../../domain/manifest/stored-manifest.ts";
import type { ListScope } from "../../domain/read-models/summary.ts";
import type { Result } from "../../domain/values/fault.ts";

type Named = Pick<ManifestHead, "tenant" | "id">;

export interface ManifestStore {
  head(named: Named): Promise<ManifestHead | undefined>;
  version(named: Named, version: string): Promise<(ManifestVersion & { readonly seq: number }) | undefined>;
  /** The manifest of a version with its status; a refusal when the key to it is not configured. */
  read(named: Named, version: string): Promise<Result<Manifest> | undefined>;
  /** Stores the version after the last; false when it is not that any more, and then nothing was stored. */
  append(version: NewManifestVersion): Promise<boolean>;
  setStatus(version: ManifestVersion & Named): Promise<void>;
  /** With all its versions. One that is not there is removed already. */
  remove(named: Named): Promise<void>;
  /** Bytes of the documents of a tenant, all versions together. */
  usage(tenant: string): Promise<number>;
  /** By name, behind `after`. */
  list(
    scope: ListScope,
    page: { readonly limit: number; readonly after: string | undefined },
  ): Promise<readonly ManifestSummary[]>;
  /** Newest first, below the number `before`. */
  versions(
    named: Named,
    page: { readonly limit: number; readonly before: number | undefined },
  ): Promise<readonly (ManifestVersion & { readonly seq: number })[]>;
}
