import type { Caller } from "../domain/caller.ts";
import type { Result } from "../domain/fault.ts";
import type { InvariantReport } from "../domain/invariants.ts";
import type { ExecutionDoor, RunRegistry } from "./ports.ts";

interface Parts {
  readonly door: Pick<ExecutionDoor, "invariants">;
  readonly registry: Pick<RunRegistry, "byId">;
}

/**
 * The promises of one execution. Its log is compared with what the index knows of its chain; where the index does not answer,
 * or has no row of it yet, the log is checked by itself.
 */
export async function promisesKept(
  { door, registry }: Parts,
  caller: Caller,
  executionId: string,
): Promise<Result<InvariantReport[]>> {
  const [row] = await registry.byId({ tenant: caller.tenant }, [executionId]).catch(() => []);
  const { seq, chainHead: head } = row ?? {};
  return door.invariants(caller, executionId, head ? { seq, head } : undefined);
}
