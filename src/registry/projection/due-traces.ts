/**
 * Executions whose trace a collector is to get: a link of the row that tells the end, so that no end is passed over however late
 * its row comes. It goes when the collector has the trace.
 */
import * as z from "zod";
import { TRACE_DUE } from "../../domain/execution/search-attributes.ts";
import { isTerminal, Status } from "../../domain/execution/status.ts";
import type { ExecutionRow } from "./projection.ts";

/** The row of an end, marked. */
export function withTraceDue(row: ExecutionRow): ExecutionRow {
  const status = Status.safeParse(row.status);
  if (!status.success || !isTerminal(status.data)) return row;
  const { attributes } = row;
  const texts = typeof attributes === "string" ? (JSON.parse(attributes) as string[]) : [];
  return { ...row, attributes: JSON.stringify([TRACE_DUE, ...texts]) };
}

/** What the mark was made of: a row that came meanwhile has another seq, and its trace is due again. */
export interface DueTrace {
  readonly id: string;
  readonly seq: number;
}
const Due = z.object({ id: z.string(), seq: z.number() });

/** Oldest first. */
export async function dueTraces(database: D1Database, tenant: string, limit: number): Promise<DueTrace[]> {
  const { results } = await database
    .prepare(
      `SELECT own.id, own.seq FROM (SELECT tenant, id, created_at_ms FROM execution_links
  WHERE tenant = ?1 AND kind = 'attribute' AND name = ?2 ORDER BY created_at_ms, id LIMIT ?3) AS due
CROSS JOIN executions AS own ON own.tenant = due.tenant AND own.id = due.id`,
    )
    .bind(tenant, TRACE_DUE, limit)
    .all();
  return results.map((row) => Due.parse(row));
}

export async function settleTraces(database: D1Database, tenant: string, sent: readonly DueTrace[]): Promise<void> {
  if (sent.length === 0) return;
  const given = JSON.stringify(sent);
  const own = `executions AS own JOIN json_each(?2) AS sent ON own.id = sent.value ->> 'id' AND own.seq = sent.value ->> 'seq'
  WHERE own.tenant = ?1`;
  await database.batch([
    database
      .prepare(
        `DELETE FROM execution_links WHERE (tenant, kind, name, created_at_ms, id) IN
(SELECT own.tenant, 'attribute', ?3, own.created_at_ms, own.id FROM ${own})`,
      )
      .bind(tenant, given, TRACE_DUE),
    database
      .prepare(
        `UPDATE executions SET attributes = (SELECT json_group_array(has.value) FROM json_each(executions.attributes) AS has
  WHERE has.value <> ?3) WHERE tenant = ?1 AND id IN (SELECT own.id FROM ${own})`,
      )
      .bind(tenant, given, TRACE_DUE),
  ]);
}
