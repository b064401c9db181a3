/** Waiting for an execution, of which the command is only a reader: it goes on when the command has ended. */
import type { Execution } from "../../client/transport/options.ts";
import type { Session } from "./command.ts";
import { Failure } from "./failure.ts";
import { watch } from "./failure-of.ts";

/** Held until a person goes on. What waits for a child or a timer goes on by itself. */
export function waitsForPerson({ status, waiting_for: waits }: Execution<unknown>): boolean {
  return status === "blocked" || status === "paused" || (status === "waiting" && waits !== undefined);
}

interface Waiting {
  readonly executionId: string;
  readonly timeoutMs: number | undefined;
  readonly session: Session;
}

/** What `wait` gives; a failure that says how to go on when ^C or `--timeout` came first. */
export async function untilEnd<T>(
  { executionId: id, timeoutMs, session }: Waiting,
  wait: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const late = timeoutMs === undefined ? undefined : AbortSignal.timeout(timeoutMs);
  const { interrupted } = session;
  try {
    return await wait(late ? AbortSignal.any([interrupted, late]) : interrupted);
  } catch (error) {
    const next = [watch(id), { command: `errand executions cancel ${id} --yes`, description: "ends it" }];
    if (interrupted.aborted) throw new Failure("interrupted", `Detached from ${id}. It goes on.`, { next });
    if (late?.aborted) throw new Failure("timeout", `${id} has not ended in time. It goes on.`, { next });
    throw error;
  }
}
