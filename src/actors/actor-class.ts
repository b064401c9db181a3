import type { DurableObject } from "cloudflare:workers";

/** The class of an actor as a Worker exports it: its methods are called through stubs, whose types are in `execution-rpc.ts`. */
export type ActorClass<Env> = new (
  ctx: DurableObjectState,
  env: Env,
) => DurableObject<Env> & { alarm(): Promise<void> };
