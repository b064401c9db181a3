/**
 * Experiments: the runs of an agent with a manifest, or the calls of a node's function, are divided among its versions.
 *
 * - A session keeps its version; a repeated request has that of the first. A run that names a version takes part as far as it is counted.
 * - Who may store versions of an agent may divide its runs. Of an agent of the code, which is everybody's, an administrator; of a
 *   node its owner.
 * - Who may divide sees counts of all runs, others who may read it of their own alone.
 * - A version that does not run any more (draft, archived, deleted) is passed over.
 */
import type { ExperimentRequest } from "../../contract/manifests/experiments.ts";
import { listedFor, owns } from "../../domain/execution/access.ts";
import type { Principal } from "../../domain/execution/principal.ts";
import { hasScope } from "../../domain/execution/principal.ts";
import { parseTarget } from "../../domain/execution/target.ts";
import type { Experiment, VersionOutcome } from "../../domain/manifest/experiment.ts";
import { outcomesOf, versionFor } from "../../domain/manifest/experiment.ts";
import type { Manifest } from "../../domain/manifest/manifest.ts";
import { unlessActive } from "../../domain/manifest/unless-active.ts";
import { outlineOf, parseNodeTarget } from "../../domain/node/node.ts";
import type { ExecutionSummary } from "../../domain/read-models/summary.ts";
import type { Refusal, Result } from "../../domain/values/fault.ts";
import { accept, refuse } from "../../domain/values/fault.ts";
import type { NodeRegistry } from "../nodes/ports.ts";
import { pagesOf } from "../pages.ts";
import type { Registry } from "../ports.ts";
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
  readonly nodes: Pick<NodeRegistry, "one">;
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

/** Most of the newest runs that are counted, and how many a page has. */
const MOST_COUNTED = 1_000;
const PAGE = 200;

/** What is divided. */
interface Divided {
  readonly target: string;
  /** Why this caller may not divide it. */
  readonly locked: Refusal | undefined;
  /** Why a version cannot take part. */
  unfit(version: string): Promise<Refusal | undefined>;
}

export class Experiments {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async put(
    caller: Principal,
    { target, request }: { readonly target: string; readonly request: ExperimentRequest },
  ): Promise<Result<ReadExperiment>> {
    const divided = await this.#divided(caller, target);
    if (!divided.ok) return divided;
    if (divided.value.locked) return divided.value.locked;
    for (const { version } of request.versions) {
      const unfit = await divided.value.unfit(version);
      if (unfit) return unfit;
    }
    const named = { tenant: caller.tenant, target: divided.value.target };
    const before = await this.#parts.store.read(named);
    const { versions } = request;
    const isSame = before && JSON.stringify(before.versions) === JSON.stringify(versions);
    const sinceMs = isSame ? before.sinceMs : this.#parts.now();
    const experiment = { ...named, versions, sinceMs, updatedBy: caller.subject };
    await this.#parts.store.write(experiment);
    return accept(await this.#counted(experiment, { tenant: caller.tenant }));
  }

  async get(caller: Principal, target: string): Promise<Result<ReadExperiment>> {
    const divided = await this.#divided(caller, target);
    if (!divided.ok) return divided;
    const experiment = await this.#parts.store.read({ tenant: caller.tenant, target: divided.value.target });
    const whose = divided.value.locked ? listedFor(caller) : { tenant: caller.tenant };
    if (experiment) return accept(await this.#counted(experiment, whose));
    return refuse("not_found", `there is no experiment with "${divided.value.target}"`);
  }

  async remove(caller: Principal, target: string): Promise<Result<null>> {
    const divided = await this.#divided(caller, target);
    if (!divided.ok) return divided;
    if (divided.value.locked) return divided.value.locked;
    await this.#parts.store.remove({ tenant: caller.tenant, target: divided.value.target });
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

  /** `NAME.run` or the name alone for an agent with a manifest; else a function of a node. */
  async #divided(caller: Principal, target: string): Promise<Result<Divided>> {
    const parsed = parseTarget(target);
    const id = parsed?.fn === this.#parts.fn ? parsed.agent : target;
    const agent = await this.#parts.stored.one(caller, id);
    if (agent.ok) return accept(this.#ofManifest(caller, agent.value));
    const node = await this.#ofNode(caller, target);
    if (node || agent.code !== "agent_not_found") return node ?? agent;
    const kinds = "an experiment is with NAME.run of an agent with a manifest, or NODE.FUNCTION of a node";
    return refuse("agent_not_found", `${agent.detail}: ${kinds}`);
  }

  #ofManifest(caller: Principal, agent: ReadAgent): Divided {
    const { id, head } = agent;
    const everybodys = `"${id}" is everybody's: its runs are divided with the scope "admin"`;
    return {
      target: this.#targetOf(agent),
      locked: head || hasScope(caller, "admin") ? undefined : refuse("forbidden_scope", everybodys),
      unfit: async (version) => {
        const found = await this.#parts.stored.one(caller, id, version);
        return found.ok ? unlessActive(found.value.manifest) : found;
      },
    };
  }

  async #ofNode(caller: Principal, target: string): Promise<Result<Divided> | undefined> {
    const parsed = parseNodeTarget(target);
    const node = parsed && (await this.#parts.nodes.one(caller, parsed.nodeId));
    if (!parsed || !node?.ok) return undefined;
    const { nodeId, fn } = parsed;
    const [{ state }] = node.value;
    const offering = node.value.filter(({ record }) => outlineOf(record).some(({ id }) => id === fn));
    if (offering.length === 0) return refuse("target_not_found", `no version of the node '${nodeId}' offers '${fn}'`);
    const known = offering.map(({ record }) => record.version);
    const anothers = `the node '${nodeId}' is another user's, who may divide its calls, and so may the scope "admin"`;
    return accept({
      target: `${nodeId}.${fn}`,
      locked: owns(caller, { tenant: caller.tenant, owner: state.owner })
        ? undefined
        : refuse("forbidden_scope", anothers),
      unfit: async (version) => {
        if (known.includes(version)) return undefined;
        const there = `versions that offer '${fn}': ${known.join(", ")}`;
        return refuse("target_not_found", `'${nodeId}' has no version ${version.slice(0, 128)} with '${fn}'; ${there}`);
      },
    });
  }

  #targetOf({ id }: ReadAgent): string {
    return `${id}.${this.#parts.fn}`;
  }

  async #counted(experiment: Experiment, whose: ReturnType<typeof listedFor>): Promise<ReadExperiment> {
    const { target, sinceMs } = experiment;
    const at = target.lastIndexOf(".");
    const filter = { ...whose, agent: target.slice(0, at), fn: target.slice(at + 1), sinceMs };
    const rows: ExecutionSummary[] = [];
    for await (const page of pagesOf(this.#parts.registry, filter, PAGE)) {
      rows.push(...page);
      if (rows.length >= MOST_COUNTED) break;
    }
    return { experiment, outcomes: outcomesOf(experiment, rows), counted: rows.length };
  }
}
