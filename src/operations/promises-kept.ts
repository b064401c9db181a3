import type { Principal } from "../domain/execution/principal.ts";
import type { InvariantReport } from "../domain/invariants/invariants.ts";
import type { Result } from "../domain/values/fault.ts";
import type { ExecutionClient, RunRegistry } from "./ports.ts";

interface Parts {
  readonly client: Pick<ExecutionClient, "invariants">;
  readonly registry: Pick<RunRegistry, "byId">;
}

/**
 * The promises of one execution. Its log is compared with what the index knows of its chain; where the index does not answer,
 * or has no row of it yet, the log is checked by itself.
 */
export async function promisesKept(
  { client, registry }: Parts,
  caller: Principal,
  executionId: string,
): Promise<Result<InvariantReport[]>> {
  const [row] = await registry.byId({ tenant: caller.tenant }, [executionId]).catch(() => []);
  const { seq, chainHead: head } = row ?? {};
  return client.invariants(caller, executionId, head ? { seq, head } : undefined);
}
