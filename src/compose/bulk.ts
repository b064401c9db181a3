/** Wires the program of bulk operations, which runs in the object of an execution. */
import type { FunctionDefinition } from "../define/agent.ts";
import type { Bulk } from "../operations/operator/bulk.ts";
import type { BulkPort } from "../operations/operator/bulk-run.ts";
import { bulkFunction } from "../operations/operator/bulk-run.ts";
import type { Env } from "./environment/env.ts";
import { idSecretOf } from "./execution-ids.ts";

/** No router has read the secret of ids for the actor. */
export function bulkFromActor(env: Env, bulkOf: () => Bulk): FunctionDefinition {
  const port: BulkPort = {
    find: (...asked) => bulkOf().find(...asked),
    touch: async (...asked) => {
      await idSecretOf(env).load();
      return bulkOf().touch(...asked);
    },
  };
  return bulkFunction(() => port);
}
