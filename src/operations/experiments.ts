/**
 * Experiments: the runs of an agent with a manifest are divided among its versions.
 *
 * - A session keeps its version; a repeated request has that of the first. A run that names a version takes part as far as it is counted.
 * - Who may store versions of an agent may divide its runs. Of an agent of the code, which is everybody's, an administrator.
 * - A version that does not run any more (draft, archived, deleted) is passed over.
 */
import type { ExperimentRequest } from "../contract/manifests/experiments.ts";
import type { Principal } from "../domain/execution/principal.ts";
import { hasScope } from "../domain/execution/principal.ts";
import { parseTarget } from "../domain/execution/target.ts";
import type { Experiment, VersionOutcome } from "../domain/manifest/experiment.ts";
import { outcomesOf, versionFor } from "../domain/manifest/experiment.ts";
import type { Manifest } from "../domain/manifest/manifest.ts";
import { unlessActive } from "../domain/manifest/unless-active.ts";
import type { ExecutionSummary } from "../domain/read-models/summary.ts";
import type { Result } from "../domain/values/fault.ts";
import { accept, refuse } from "../domain/values/fault.ts";
import type { Registry } from "./ports.ts";
import type { ReadAgent, StoredManifests } from "./stored-manifests.ts";

type Named = Pick<Experiment, "tenant" | "target">;

interface ExperimentStore {
  read(named: Named): Promise<Experiment | undefined>;
  write(experiment: Experiment): Promise<void>;
  remove(named: Named): Promise<void>;
}

interface Parts {
  readonly store: ExperimentStore;
  readonly stored: Pick<StoredManifests, "one">;
  readonly registry: Pick<Registry, "list">;
  /** Hex. */
  readonly digest: (text: string) => string;
  readonly fn: string;
  readonly now: () => number;
}

export interface ReadExperiment {
  readonly experiment: Experiment;
  readonly outcomes: readonly VersionOutcome[];
  readonly counted: number;
}

/** So many of the newest runs are counted, in pages of so many. */
const MOST_COUNTED = 1_000;
const PAGE = 200;

export class Experiments {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async put(
    caller: Principal,
    { target, request }: { readonly target: string; readonly request: ExperimentRequest },
  ): Promise<Result<ReadExperiment>> {
    const agent = await this.#changeable(caller, target);
    if (!agent.ok) return agent;
    for (const { version } of request.versions) {
      const found = await this.#parts.stored.one(caller, agent.value.id, version);
      if (!found.ok) return found;
      const inactive = unlessActive(found.value.manifest);
      if (inactive) return inactive;
    }
    const named = { tenant: caller.tenant, target: this.#targetOf(agent.value) };
    const before = await this.#parts.store.read(named);
    const { versions } = request;
    const isSame = before && JSON.stringify(before.versions) === JSON.stringify(versions);
    const sinceMs = isSame ? before.sinceMs : this.#parts.now();
    const experiment = { ...named, versions, sinceMs, updatedBy: caller.subject };
    await this.#parts.store.write(experiment);
    return accept(await this.#counted(experiment));
  }

  async get(caller: Principal, target: string): Promise<Result<ReadExperiment>> {
    const agent = await this.#agentOf(caller, target);
    if (!agent.ok) return agent;
    const named = { tenant: caller.tenant, target: this.#targetOf(agent.value) };
    const experiment = await this.#parts.store.read(named);
    if (experiment) return accept(await this.#counted(experiment));
    return refuse("not_found", `there is no experiment with "${named.target}": its current version runs`);
  }

  async remove(caller: Principal, target: string): Promise<Result<null>> {
    const agent = await this.#changeable(caller, target);
    if (!agent.ok) return agent;
    await this.#parts.store.remove({ tenant: caller.tenant, target: this.#targetOf(agent.value) });
    return accept(null);
  }

  /** The manifest for a run that names no version. `key`: what is to have one version, such as a session. */
  async manifestFor(caller: Principal, agentId: string, key: string): Promise<Result<Manifest>> {
    const current = await this.#parts.stored.one(caller, agentId);
    if (!current.ok) return current;
    const target = this.#targetOf(current.value);
    const experiment = await this.#parts.store.read({ tenant: caller.tenant, target });
    const digestOf = (version: string) => this.#parts.digest(JSON.stringify([target, key, version]));
    let left = experiment?.versions ?? [];
    while (left.length > 0) {
      const version = versionFor({ versions: left }, digestOf);
      const found = await this.#parts.stored.one(caller, agentId, version);
      if (found.ok && !unlessActive(found.value.manifest)) return accept(found.value.manifest);
      left = left.filter((one) => one.version !== version);
    }
    return accept(current.value.manifest);
  }

  /** `NAME.run`, or the name alone. */
  async #agentOf(caller: Principal, target: string): Promise<Result<ReadAgent>> {
    const parsed = parseTarget(target);
    const id = parsed?.fn === this.#parts.fn ? parsed.agent : target;
    return this.#parts.stored.one(caller, id);
  }

  async #changeable(caller: Principal, target: string): Promise<Result<ReadAgent>> {
    const agent = await this.#agentOf(caller, target);
    if (!agent.ok || agent.value.head || hasScope(caller, "admin")) return agent;
    return refuse("forbidden_scope", `"${agent.value.id}" is everybody's: its runs are divided with the scope "admin"`);
  }

  #targetOf({ id }: ReadAgent): string {
    return `${id}.${this.#parts.fn}`;
  }

  async #counted(experiment: Experiment): Promise<ReadExperiment> {
    const { tenant, target, sinceMs } = experiment;
    const agent = target.slice(0, target.lastIndexOf("."));
    const filter = { tenant, agent, fn: this.#parts.fn, sinceMs };
    const rows: ExecutionSummary[] = [];
    let from: ExecutionSummary | undefined;
    do {
      const page = await this.#parts.registry.list(filter, { limit: PAGE, from });
      rows.push(...page.rows);
      from = page.rows.length < PAGE ? undefined : page.rows.at(-1);
    } while (from && rows.length < MOST_COUNTED);
    return { experiment, outcomes: outcomesOf(experiment, rows), counted: rows.length };
  }
}
