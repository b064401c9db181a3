/** Wires agents that run elsewhere: the directory of each tenant, and the one way out to them. */
import type { NodeSurroundings } from "../actors/nodes/node-surroundings.ts";
import { listening } from "../actors/platform/listening.ts";
import { log } from "../actors/platform/log.ts";
import { nodeClient } from "../actors/platform/node-client.ts";
import { NODE_LIMITS } from "../domain/node/node.ts";
import { parseDuration } from "../domain/schedule/duration.ts";
import { Dispatches } from "../operations/nodes/dispatches.ts";
import { DividedNodes } from "../operations/nodes/divided-nodes.ts";
import type { NodeRestarts } from "../operations/nodes/node-restarts.ts";
import { Nodes } from "../operations/nodes/nodes.ts";
import type { NodeDirectory, NodeRegistry } from "../operations/nodes/ports.ts";
import type { Catalog } from "../operations/ports.ts";
import { judgeUrl } from "../outbound/judge-url.ts";
import { answering } from "../registry/databases/answering.ts";
import { ExperimentRows } from "../registry/documents/experiment-rows.ts";
import { sealerOf } from "../vault/configured.ts";
import { hexDigest, nodeToken } from "../vault/digest.ts";
import { nodesMissing } from "./environment/bindings.ts";
import type { Env } from "./environment/env.ts";
import { limitsOf } from "./environment/limits.ts";
import { outboundOf, reachOf } from "./environment/outbound.ts";

export const nodeClientOf = (env: Env): NodeRegistry => nodeClient(env.NODES, nodesMissing);

export function nodesOf(env: Env, catalog: Catalog, restarts: NodeRestarts): Nodes {
  return new Nodes({
    registry: nodeClientOf(env),
    catalog,
    restarts,
    outbound: outboundOf(env),
    judge: (url) => judgeUrl(url, reachOf(env)),
  });
}

const SECONDS = /^\d{1,6}$/;
const SLOTS = /^\d{1,6}$/;
const MOST_GRACE_MS = 86_400_000;

/** `undefined` where nothing, or no such time, is set: it stays as it is by default. */
export function drainGraceMs({
  AGENTFIELD_AGENT_DRAIN_GRACE: text,
}: Pick<Env, "AGENTFIELD_AGENT_DRAIN_GRACE">): number | undefined {
  if (text === undefined || text === "") return undefined;
  const ms = SECONDS.test(text) ? Number(text) * 1_000 : parseDuration(text);
  if (ms !== undefined && ms <= MOST_GRACE_MS) return ms;
  const message = "AGENTFIELD_AGENT_DRAIN_GRACE: write it as 60s, 1m or 500ms, a day at most; it stays 60s";
  log({ level: "warn", message });
  return undefined;
}

/** Slots of a node whose registration does not say how many: none are counted where the setting is absent, 0, or no such number. */
function nodeSlots({
  AGENTFIELD_MAX_CONCURRENT_PER_AGENT: text,
}: Pick<Env, "AGENTFIELD_MAX_CONCURRENT_PER_AGENT">): number | undefined {
  if (text === undefined || text === "") return undefined;
  const slots = SLOTS.test(text) ? Number(text) : -1;
  if (slots >= 0 && slots <= NODE_LIMITS.concurrent) return slots === 0 ? undefined : slots;
  const message = `AGENTFIELD_MAX_CONCURRENT_PER_AGENT: write a whole number from 0 (off) to ${NODE_LIMITS.concurrent}; it stays off`;
  log({ level: "warn", message });
  return undefined;
}

/** Where calls go: as experiments divide them. */
export function dividedNodesOf(env: Env): NodeDirectory {
  const experiments = new ExperimentRows(answering(env.REGISTRY));
  return new DividedNodes({
    directory: nodeClientOf(env),
    read: (named) => experiments.read(named),
    digest: hexDigest,
  });
}

/** The one way from executions to nodes. */
export function dispatchesOf(env: Env): Dispatches {
  return new Dispatches({
    directory: dividedNodesOf(env),
    outbound: outboundOf(env),
    connect: async (url) => {
      const judged = judgeUrl(url, reachOf(env));
      // What is refused is refused by the request.
      return judged.ok ? listening(judged.value) : "yes";
    },
    now: () => Date.now(),
    token: (tenant) => nodeToken(env.AGENTFIELD_AUTHORIZATION_INTERNAL_TOKEN, tenant),
  });
}

export const nodeSurroundings: NodeSurroundings<Env> = {
  outbound: outboundOf,
  sealer: sealerOf,
  limits: limitsOf,
  nodeSlots,
  log,
};
