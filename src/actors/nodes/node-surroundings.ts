import type { Limits } from "../../domain/values/limits.ts";
import type { OutboundFetch } from "../../domain/values/outbound.ts";
import type { Sealer } from "../../vault/vault.ts";

/** What the composition root knows and the directory of nodes does not. */
export interface NodeSurroundings<Env> {
  readonly outbound: (env: Env) => OutboundFetch;
  /** What seals the rows of this object. Throws while the encryption keys are not in order. */
  readonly sealer: (env: Env, owner: string) => Sealer;
  readonly limits: (env: Env) => Limits;
  /** How many executions of a node run at once where its registration does not say; `undefined`: as many as there are. */
  readonly nodeSlots: (env: Env) => number | undefined;
  readonly log: (entry: Readonly<Record<string, unknown>>) => void;
}
