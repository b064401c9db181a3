import { resultKey } from "../../domain/execution/stored-result.ts";
import type { ExecutionView } from "../../domain/read-models/view.ts";
import type { Result } from "../../domain/values/fault.ts";
import { accept, refuse } from "../../domain/values/fault.ts";
import type { Json } from "../../domain/values/json.ts";
import type { ExecutionClient, FileStore } from "../../operations/ports.ts";

/**
 * Returns a client whose views hold every result. A result larger than a row is read from the file store here, in the Worker:
 * the memory of the actor and its calls never carry it.
 */
export function withStoredResults(client: ExecutionClient, store: FileStore): ExecutionClient {
  const whole = (view: ExecutionView) => withResult(view, store);
  return {
    ...client,
    start: async (...args) => {
      const result = await client.start(...args);
      if (!result.ok) return result;
      const view = await whole(result.value.view);
      return view.ok ? accept({ ...result.value, view: view.value }) : view;
    },
    view: async (caller, id, look) => {
      const view = await client.view(caller, id, look);
      return view.ok && !(look && "brief" in look) ? whole(view.value) : view;
    },
  };
}

async function withResult(view: ExecutionView, store: FileStore): Promise<Result<ExecutionView>> {
  if (!view.stored) return accept(view);
  const bytes = await store.read(resultKey(view.state.origin)).catch(() => undefined);
  if (!bytes) return refuse("unavailable", "the execution has ended, and its result cannot be read from the store now");
  return accept({ ...view, output: JSON.parse(new TextDecoder().decode(bytes)) as Json });
}
