import type { Result } from "../../domain/fault.ts";
import { accept, refuse } from "../../domain/fault.ts";
import type { Json } from "../../domain/json.ts";
import { resultKey } from "../../domain/stored-result.ts";
import type { ExecutionView } from "../../domain/view.ts";
import type { ExecutionDoor, FileStore } from "../../operations/ports.ts";

/**
 * The door whose views hold every result, also one that is larger than a row: it is read here, in the Worker, so that the
 * actor's memory and its calls never carry it.
 */
export function withStoredResults(door: ExecutionDoor, store: FileStore): ExecutionDoor {
  const whole = (view: ExecutionView) => withResult(view, store);
  return {
    ...door,
    start: async (...asked) => {
      const told = await door.start(...asked);
      if (!told.ok) return told;
      const view = await whole(told.value.view);
      return view.ok ? accept({ ...told.value, view: view.value }) : view;
    },
    view: async (caller, id, look) => {
      const view = await door.view(caller, id, look);
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
