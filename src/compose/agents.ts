/** Wires agents: of the code, of nodes, and those with a manifest: in the code or in the deployment's own database. */

import { log } from "../actors/platform/log.ts";
import { opened } from "../actors/storage/opened.ts";
import { Agents } from "../operations/agents/agents.ts";
import type { Executions } from "../operations/executions/executions.ts";
import { AgentRuns } from "../operations/manifests/agent-runs.ts";
import { Experiments } from "../operations/manifests/experiments.ts";
import { Manifests } from "../operations/manifests/manifests.ts";
import { StoredManifests } from "../operations/manifests/stored-manifests.ts";
import type { RemoteAgents } from "../operations/nodes/remote-agents.ts";
import type { Catalog, ExecutionClient, Registry } from "../operations/ports.ts";
import { answering } from "../registry/databases/answering.ts";
import { ExperimentRows } from "../registry/documents/experiment-rows.ts";
import { ManifestRows } from "../registry/documents/manifest-rows.ts";
import { agentRegistry } from "../registry/settings/agents.ts";
import { textsOf } from "../vault/configured.ts";
import { hexDigest, randomToken, shortDigest } from "../vault/digest.ts";
import type { Offering } from "./catalog.ts";
import type { Env } from "./environment/env.ts";
import { limitsOf } from "./environment/limits.ts";
import { nodeClientOf } from "./nodes.ts";

interface Around {
  readonly catalog: Catalog;
  readonly executions: Executions;
  readonly remote: RemoteAgents;
  readonly client: ExecutionClient;
  readonly registry: Pick<Registry, "list">;
}

export function agentsOf(env: Env, offering: Offering, { executions, catalog, remote, client, registry }: Around) {
  const { agents, skills, builtIns, manifests: bundled } = offering;
  const manifestRun = builtIns.manifest;
  const stored = storedManifestsOf(env, bundled);
  const library = { agents, skills };
  const fn = manifestRun.name;
  const experiments = new Experiments({
    store: new ExperimentRows(answering(env.REGISTRY)),
    nodes: nodeClientOf(env),
    ...{ stored, registry, digest: hexDigest, fn, now: () => Date.now() },
  });
  const starting = { manifestRun, executions, experiments, newKey: () => randomToken(16) };
  return {
    // What the router reads of the index: its failures are told apart from others.
    agents: new Agents({
      ...{ catalog, remote, manifests: stored, log },
      registry: agentRegistry(answering(env.REGISTRY)),
    }),
    manifests: new Manifests({ library, ...starting, stored, remote, digest: shortDigest }),
    experiments,
    storedManifests: stored,
    agentRuns: new AgentRuns({ client, registry, executions, fn }),
  };
}

function storedManifestsOf(env: Env, bundled: Offering["manifests"]): StoredManifests {
  const rows = new ManifestRows(answering(env.REGISTRY), textsOf(env));
  const store = {
    head: (...asked: Parameters<ManifestRows["head"]>) => rows.head(...asked),
    version: (...asked: Parameters<ManifestRows["version"]>) => rows.version(...asked),
    versions: (...asked: Parameters<ManifestRows["versions"]>) => rows.versions(...asked),
    list: (...asked: Parameters<ManifestRows["list"]>) => rows.list(...asked),
    usage: (tenant: string) => rows.usage(tenant),
    append: (...asked: Parameters<ManifestRows["append"]>) => rows.append(...asked),
    setStatus: (...asked: Parameters<ManifestRows["setStatus"]>) => rows.setStatus(...asked),
    remove: (...asked: Parameters<ManifestRows["remove"]>) => rows.remove(...asked),
    read: async (...asked: Parameters<ManifestRows["document"]>) => {
      const document = await rows.document(...asked);
      return document && opened(() => document.open(), "this manifest");
    },
  };
  return new StoredManifests({ store, bundled, limits: limitsOf(env), now: () => Date.now(), log });
}
