import type { Client } from "../../../client/client.ts";
import type { Execution } from "../../../client/transport/options.ts";
import type { EventBody } from "../../../contract/executions/event-body.ts";

interface Reading {
  readonly after?: number;
  readonly signal: AbortSignal;
}

/** The events that there are now: an execution that goes on is not waited for. */
export async function* readLog(
  client: Client,
  { execution_id: id, seq: last }: Pick<Execution<unknown>, "execution_id" | "seq">,
  { after = 0, signal }: Reading,
): AsyncGenerator<EventBody> {
  if (after >= last) return;
  for await (const event of client.events(id, { after, signal })) {
    yield event;
    if (event.seq >= last) return;
  }
}
