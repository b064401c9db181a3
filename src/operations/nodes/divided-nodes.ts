/**
 * The directory of nodes, with experiments: a call that names no version has the one that falls to its key, of those that are
 * there. Only for a function that several versions offer an experiment is looked up.
 */
import type { Principal } from "../../domain/execution/principal.ts";
import type { Experiment } from "../../domain/manifest/experiment.ts";
import { versionFor } from "../../domain/manifest/experiment.ts";
import type { RoutedNode } from "../../domain/node/node.ts";
import type { Result } from "../../domain/values/fault.ts";
import type { NodeDirectory } from "./ports.ts";

interface Parts {
  readonly directory: NodeDirectory;
  readonly read: (named: Pick<Experiment, "tenant" | "target">) => Promise<Experiment | undefined>;
  /** Hex. */
  readonly digest: (text: string) => string;
}

export class DividedNodes implements NodeDirectory {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async route(caller: Principal, asked: Parameters<NodeDirectory["route"]>[1]): Promise<Result<RoutedNode>> {
    const { directory } = this.#parts;
    const routed = await directory.route(caller, asked);
    if (!routed.ok || asked.key === undefined || asked.version !== undefined) return routed;
    const version = await this.#divided(caller.tenant, routed.value, asked.key);
    if (version === undefined || version === routed.value.version) return routed;
    return directory.route(caller, { ...asked, version });
  }

  async #divided(tenant: string, { nodeId, fn, offeredBy = [] }: RoutedNode, key: string): Promise<string | undefined> {
    if (offeredBy.length < 2) return undefined;
    const target = `${nodeId}.${fn}`;
    // Without the index calls go on, by the weights of the versions.
    const experiment = await this.#parts.read({ tenant, target }).catch(() => undefined);
    const versions = (experiment?.versions ?? []).filter(({ version }) => offeredBy.includes(version));
    return versionFor({ versions }, (version) => this.#parts.digest(JSON.stringify([target, key, version])));
  }
}
