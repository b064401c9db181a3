/** Wires agents that run elsewhere: the directory of each tenant, and the one way out to them. */
import type { NodeSurroundings } from "../actors/node-directory-actor.ts";
import { log } from "../actors/platform/log.ts";
import { nodeClient } from "../actors/platform/node-client.ts";
import type { NodeRegistry } from "../operations/node-ports.ts";
import { Nodes } from "../operations/nodes.ts";
import type { Catalog } from "../operations/ports.ts";
import { judgeUrl } from "../outbound/judge-url.ts";
import { sealerOf } from "../vault/configured.ts";
import { nodesMissing } from "./bindings.ts";
import type { Env } from "./env.ts";
import { limitsOf } from "./limits.ts";
import { outboundOf, reachOf } from "./outbound.ts";

export const nodeClientOf = (env: Env): NodeRegistry => nodeClient(env.NODES, nodesMissing);

export function nodesOf(env: Env, catalog: Catalog): Nodes {
  return new Nodes({
    registry: nodeClientOf(env),
    catalog,
    outbound: outboundOf(env),
    judge: (url) => judgeUrl(url, reachOf(env)),
  });
}

export const nodeSurroundings: NodeSurroundings<Env> = {
  outbound: outboundOf,
  sealer: sealerOf,
  limits: limitsOf,
  log,
};
