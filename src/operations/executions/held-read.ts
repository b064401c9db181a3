/**
 * A read of an execution that a node works at is held for a moment. SDKs of AgentField read a child right after its start, and then
 * wait a second or more before they look again: an answer that comes with the end saves them that second on each hop.
 */
import type { Principal } from "../../domain/execution/principal.ts";
import { isTerminal } from "../../domain/execution/status.ts";
import type { ExecutionView } from "../../domain/read-models/view.ts";
import type { Result } from "../../domain/values/fault.ts";
import { accept } from "../../domain/values/fault.ts";
import type { ExecutionClient } from "../ports.ts";
import type { LongPolls } from "../stream/long-polls.ts";
import { untilStatus } from "../stream/watch.ts";

/** SDKs give up a read after 20 seconds (Python) or 30 (TypeScript). */
const HELD_MS = 10_000;
/** After this long in the actor's memory a wait moves to a hibernating socket. */
export const HOLD_MS = 1_000;

interface Parts {
  readonly client: ExecutionClient;
  readonly polls: LongPolls;
  readonly now: () => number;
}

/** The execution once it has ended, or needs a person; at the latest after ten seconds. Held for none that runs here. */
export async function heldRead(parts: Parts, caller: Principal, view: ExecutionView): Promise<Result<ExecutionView>> {
  const isRemote = view.state.origin.remote !== undefined;
  if (!isRemote || view.queue || isOver(view.state.status)) return accept(view);
  const held = await parts.polls.during(caller.tenant, () => ended(parts, caller, view));
  // Where too many wait, this one does not.
  return !held.ok && held.code === "too_many_waits" ? accept(view) : held;
}

async function ended({ client, now }: Parts, caller: Principal, view: ExecutionView): Promise<Result<ExecutionView>> {
  const began = now();
  const executionId = view.state.origin.id;
  for (let seen = view; now() - began < HOLD_MS; ) {
    const next = await client.view(caller, executionId, { sinceSeq: seen.state.seq, holdMs: HOLD_MS });
    if (!next.ok || isOver(next.value.state.status)) return next;
    seen = next.value;
  }
  await untilStatus({ client, caller, executionId }, isOver, HELD_MS - (now() - began));
  return client.view(caller, executionId);
}

/** An end, or a wait for a person: nothing more comes by itself. */
export function isOver(status: ExecutionView["state"]["status"]): boolean {
  return isTerminal(status) || status === "waiting" || status === "blocked" || status === "paused";
}
