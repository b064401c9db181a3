import type { DurableObject } from "cloudflare:workers";

/** The class of an actor as a Worker exports it. `execution-rpc.ts` has the types of the calls that stubs of the class take. */
export type ActorClass<Env> = new (
  ctx: DurableObjectState,
  env: Env,
) => DurableObject<Env> & { alarm(): Promise<void> };
