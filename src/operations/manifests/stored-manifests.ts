/**
 * Manifests that are kept: those of the code, which are everybody's, and those that callers stored.
 *
 * - A stored agent is its owner's. To others of the tenant without the scope `admin`, and to other tenants, it does not exist;
 *   only that its name is taken is said, since names are unique in a tenant.
 * - What a version says never changes. The same again is the version that is there; another one under its number is refused.
 * - A run takes the manifest itself along, so nothing that is stored or removed later changes it.
 */
import { listedFor, owns } from "../../domain/execution/access.ts";
import type { Principal } from "../../domain/execution/principal.ts";
import type { Manifest } from "../../domain/manifest/manifest.ts";
import type { ReadManifest } from "../../domain/manifest/read-manifest.ts";
import type { ManifestHead, ManifestVersion } from "../../domain/manifest/stored-manifest.ts";
import { contentOf, currentOf, MOST_VERSIONS } from "../../domain/manifest/stored-manifest.ts";
import { firstPage } from "../../domain/read-models/page-room.ts";
import type { Refusal, Result } from "../../domain/values/fault.ts";
import { accept, refuse } from "../../domain/values/fault.ts";
import { utf8Bytes } from "../../domain/values/json-text.ts";
import type { Limits } from "../../domain/values/limits.ts";
import { inWords } from "../../domain/values/limits.ts";
import { pageOfItems } from "../page-of.ts";
import type { ManifestStore } from "./ports.ts";

export interface StoredManifestParts {
  readonly store: ManifestStore;
  /** Manifests of the code, by name, in the order of its list. */
  readonly bundled: ReadonlyMap<string, readonly Manifest[]>;
  readonly limits: Limits;
  readonly now: () => number;
  readonly log: (entry: Readonly<Record<string, unknown>>) => void;
}

/** An agent as it is answered. `owner` and the times are absent for one of the code. */
export interface KeptAgent {
  readonly id: string;
  readonly head: ManifestHead | undefined;
  readonly current: string;
  readonly version: Pick<ManifestVersion, "version" | "status" | "description" | "reasoningMode" | "tags">;
}

export type ReadAgent = KeptAgent & { readonly manifest: Manifest };

export type KeptVersion = Omit<ManifestVersion, "createdAtMs" | "updatedAtMs" | "updatedBy" | "id"> &
  Partial<ManifestVersion> & { readonly isCurrent: boolean };

interface Page<Item> {
  readonly items: readonly Item[];
  readonly nextCursor: string | null;
}

/** Versions that others store at the same time come first; so often it is tried to come behind them. */
const TRIES = 5;
/** Manifests that an isolate remembers: one of 262,144 characters is the largest. */
const MOST_REMEMBERED = 32;

export class StoredManifests {
  readonly #parts: StoredManifestParts;
  readonly #remembered = new Map<string, Manifest>();

  constructor(parts: StoredManifestParts) {
    this.#parts = parts;
  }

  /** Stores a version, or gives the one that is there another status. */
  async put(caller: Principal, { manifest }: ReadManifest): Promise<Result<{ agent: ReadAgent; isNew: boolean }>> {
    for (let n = 0; n < TRIES; n += 1) {
      const stored = await this.#store(caller, manifest);
      if (stored?.ok === false) return stored;
      if (!stored) continue;
      const agent = await this.one(caller, manifest.name, manifest.version);
      return agent.ok ? accept({ agent: agent.value, isNew: stored.value }) : agent;
    }
    return refuse("unavailable", `"${manifest.name}" changes too often at the moment: send it again`);
  }

  /** Whether it is a new version; `undefined`: another version came first. */
  async #store(caller: Principal, manifest: Manifest): Promise<Result<boolean> | undefined> {
    const { store } = this.#parts;
    const { name: id, version } = manifest;
    if (this.#parts.bundled.has(id))
      return refuse("id_taken", `"${id}" is an agent of the code: store it under another name`);
    const named = { tenant: caller.tenant, id };
    const head = await store.head(named);
    if (head && !owns(caller, head)) return refuse("id_taken", `"${id}" is taken in your tenant`);
    const there = head && (await store.version(named, version));
    if (there) return this.#again(caller, manifest, there);
    const { status: _status, ...document } = manifest;
    const text = JSON.stringify(document);
    const bytes = utf8Bytes(text);
    const full = await this.#refusalOfRoom(caller.tenant, head, bytes);
    if (full) return full;
    const nowMs = this.#parts.now();
    const next = {
      ...named,
      owner: head?.owner ?? caller.subject,
      versions: (head?.versions ?? 0) + 1,
      createdAtMs: head?.createdAtMs ?? nowMs,
      updatedAtMs: nowMs,
    };
    const wasStored = await store.append({ head: next, manifest, text, bytes, by: caller.subject });
    return wasStored ? accept(true) : undefined;
  }

  async #again(caller: Principal, manifest: Manifest, there: ManifestVersion): Promise<Result<boolean> | undefined> {
    const { store, now } = this.#parts;
    const { name: id, version, status } = manifest;
    const before = await store.read({ tenant: caller.tenant, id }, version);
    if (!before) return undefined;
    if (!before.ok) return before;
    if (contentOf(before.value) !== contentOf(manifest))
      return refuse(
        "version_taken",
        `version ${version} of "${id}" is stored with another content, and a version never changes: raise "version"`,
      );
    if (there.status === status) return accept(false);
    await store.setStatus({ ...there, tenant: caller.tenant, status, updatedAtMs: now(), updatedBy: caller.subject });
    return accept(false);
  }

  async #refusalOfRoom(tenant: string, head: ManifestHead | undefined, bytes: number): Promise<Refusal | undefined> {
    const { limits, store } = this.#parts;
    if (head && head.versions >= MOST_VERSIONS) {
      const detail = `"${head.id}" has ${head.versions} versions, and an agent has at most ${MOST_VERSIONS}`;
      return refuse("manifests_full", detail);
    }
    const used = await store.usage(tenant);
    if (used + bytes <= limits.manifestBytes) return undefined;
    const detail = `the manifests of this tenant have ${used} bytes, this version has ${bytes}, and there are ${inWords("manifestBytes", limits)}`;
    return refuse("manifests_full", detail);
  }

  /** The version that is named, or the current one; with its manifest. */
  async one(caller: Principal, id: string, version?: string): Promise<Result<ReadAgent>> {
    const bundled = this.#parts.bundled.get(id);
    if (bundled) return this.#bundledOne(id, bundled, version);
    const head = await this.#visible(caller, id);
    if (!head) return noAgent(id);
    const wanted = version ?? head.current;
    const found = await this.#parts.store.version(head, wanted);
    if (!found) return noVersion(id, wanted);
    const manifest = await this.#manifestOf(head, found);
    if (!manifest.ok) return manifest;
    return accept({ id, head, current: head.current, version: found, manifest: manifest.value });
  }

  #bundledOne(id: string, versions: readonly Manifest[], version: string | undefined): Result<ReadAgent> {
    const current = currentOf(versions);
    const found = version === undefined ? current : versions.find((one) => one.version === version);
    if (!current || !found) return noVersion(id, version ?? "");
    return accept({ ...bundledAgent(id, current, found), manifest: found });
  }

  async #manifestOf(head: ManifestHead, { version, status, createdAtMs }: ManifestVersion): Promise<Result<Manifest>> {
    const key = JSON.stringify([head.tenant, head.id, version, createdAtMs]);
    const known = this.#remembered.get(key);
    if (known) return accept({ ...known, status });
    const read = await this.#parts.store.read(head, version);
    if (!read) return noVersion(head.id, version);
    if (!read.ok) return read;
    this.#remembered.set(key, read.value);
    const [oldest] = this.#remembered.keys();
    if (this.#remembered.size > MOST_REMEMBERED && oldest !== undefined) this.#remembered.delete(oldest);
    return accept({ ...read.value, status });
  }

  /** By name, behind `after`: those of the code, then those that the caller may see. */
  async page(
    caller: Principal,
    { limit, after }: { readonly limit: number; readonly after: string | undefined },
  ): Promise<Page<KeptAgent>> {
    const names = [...this.#parts.bundled.keys()].sort();
    const rest = names.slice(after === undefined ? 0 : names.indexOf(after) + 1);
    const isInCode = after === undefined || names.includes(after);
    const code = (isInCode ? rest : []).flatMap((id) => {
      const current = currentOf(this.#parts.bundled.get(id) ?? []);
      return current ? [bundledAgent(id, current, current)] : [];
    });
    const scope = listedFor(caller);
    const behind = isInCode ? undefined : after;
    const stored = code.length > limit ? [] : await this.#listed(scope, { limit: limit + 1, after: behind });
    const found = stored.map(({ head, version }) => ({ id: head.id, head, current: head.current, version }));
    return pageOfItems([...code, ...found].slice(0, limit + 1), limit, ({ id }) => id);
  }

  /** Agents of the code are told all the same while the index does not answer. */
  async #listed(...asked: Parameters<ManifestStore["list"]>): ReturnType<ManifestStore["list"]> {
    try {
      return await this.#parts.store.list(...asked);
    } catch (error) {
      this.#parts.log({ level: "warn", message: "stored agents are missing in a list", error: String(error) });
      return [];
    }
  }

  async versions(
    caller: Principal,
    id: string,
    { limit, cursor }: { readonly limit: number; readonly cursor?: number | undefined },
  ): Promise<Result<Page<KeptVersion>>> {
    const bundled = this.#parts.bundled.get(id);
    if (bundled) return accept({ items: firstPage(bundledVersions(bundled)), nextCursor: null });
    const head = await this.#visible(caller, id);
    if (!head) return noAgent(id);
    const found = await this.#parts.store.versions(head, { limit: limit + 1, before: cursor });
    const page = pageOfItems(found, limit, ({ seq }) => String(seq));
    return accept({
      ...page,
      items: page.items.map((version) => ({ ...version, isCurrent: version.version === head.current })),
    });
  }

  /** With all its versions. */
  async remove(caller: Principal, id: string): Promise<Result<null>> {
    if (this.#parts.bundled.has(id)) return refuse("agent_bundled", `"${id}" is an agent of the code`);
    const head = await this.#visible(caller, id);
    if (!head) return noAgent(id);
    await this.#parts.store.remove(head);
    return accept(null);
  }

  async #visible({ tenant, ...caller }: Principal, id: string): Promise<ManifestHead | undefined> {
    const head = await this.#parts.store.head({ tenant, id });
    return head && owns({ tenant, ...caller }, head) ? head : undefined;
  }
}

function bundledAgent(id: string, current: Manifest, found: Manifest): KeptAgent {
  return { id, head: undefined, current: current.version, version: versionOf(found) };
}

function versionOf({ version, status, description, reasoning_mode: reasoningMode, tags }: Manifest) {
  return { version, status, description, reasoningMode, tags };
}

function bundledVersions(versions: readonly Manifest[]): KeptVersion[] {
  const current = currentOf(versions);
  return versions.map((one) => ({ ...versionOf(one), isCurrent: one === current })).reverse();
}

const noAgent = (id: string) => refuse("agent_not_found", `Agent not found: ${id.slice(0, 200)}`);

function noVersion(id: string, version: string): Refusal {
  return refuse("agent_not_found", `Agent not found: ${id.slice(0, 200)} has no version "${version.slice(0, 100)}"`);
}
