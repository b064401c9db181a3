import type { Event, Origin } from "../../domain/event.ts";
import type { ExecutionState } from "../../domain/state.ts";
import { resultKey } from "../../domain/stored-result.ts";
import { aboutArchive, archiveKey } from "../../domain/tombstone.ts";
import type { FileStore } from "../../operations/ports.ts";

/**
 * Puts a whole log into the file store, one event a line, before its rows go. Writing it again writes the same. A result
 * that lies in the store is taken into its event: its own object goes with the rows.
 */
export function logArchive(files: FileStore) {
  return async ({
    state,
    events,
  }: {
    readonly state: ExecutionState;
    readonly events: readonly Event[];
  }): Promise<string> => {
    const { origin } = state;
    const lines = await Promise.all(
      events.map(async (event) => `${JSON.stringify(await whole(event, { origin, files }))}\n`),
    );
    const key = archiveKey(origin);
    await files.put(key, new TextEncoder().encode(lines.join("")), aboutArchive(state, Date.now()));
    return key;
  };
}

async function whole(
  event: Event,
  { origin, files }: { readonly origin: Origin; readonly files: FileStore },
): Promise<unknown> {
  if (event.type !== "execution.succeeded" || !event.data.stored) return event;
  const bytes = await files.read(resultKey(origin));
  return bytes ? { ...event, data: { ...event.data, output: JSON.parse(new TextDecoder().decode(bytes)) } } : event;
}
