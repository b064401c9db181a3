/** The caller's options as the wire wants them. */
import type { ListFilter, PageOptions, StartOptions } from "./options.ts";

/** Every start has an Idempotency-Key or an id of its own: that makes it safe to send again when no answer comes. */
export function startHeaders({
  id,
  idempotencyKey,
  runId,
  parentExecutionId,
  sessionId,
  actorId,
}: StartOptions): Record<string, string> {
  return {
    // Sent with an id it is refused by the server, which says why.
    ...(id !== undefined && idempotencyKey === undefined ? {} : keyHeader(idempotencyKey)),
    ...(runId === undefined ? {} : { "x-run-id": runId }),
    ...(parentExecutionId === undefined ? {} : { "x-parent-execution-id": parentExecutionId }),
    ...(sessionId === undefined ? {} : { "x-session-id": sessionId }),
    ...(actorId === undefined ? {} : { "x-actor-id": actorId }),
  };
}

export function keyHeader(idempotencyKey: string | undefined): { "idempotency-key": string } {
  return { "idempotency-key": idempotencyKey ?? crypto.randomUUID() };
}

export function startBody(
  input: unknown,
  { id, context, metadata, attributes, budget, webhook, deadline }: StartOptions,
): Record<string, unknown> {
  return { id, input, context, metadata, attributes, budget, webhook, deadline: deadline?.toISOString() };
}

export function listQuery(options: PageOptions): Record<string, string | number | undefined> {
  const { limit, cursor, target, agentId, runId, sessionId, actorId, parentExecutionId, scheduleId } = options;
  const { attributes, since, until, q } = options;
  return {
    limit,
    cursor,
    status: statusesOf(options.status),
    target,
    agent_id: agentId,
    run_id: runId,
    session_id: sessionId,
    actor_id: actorId,
    parent_execution_id: parentExecutionId,
    schedule_id: scheduleId,
    attributes: attributes && JSON.stringify(attributes),
    since: since?.toISOString(),
    until: until?.toISOString(),
    q,
  };
}

function statusesOf(status: ListFilter["status"]): string | undefined {
  return status === undefined || typeof status === "string" ? status : status.join(",");
}
