/**
 * batch-status: many executions in one call. Knows no HTTP. One answer holds about 1 MiB, and at most ten contents are in
 * memory before it is known what they have.
 */
import type { BatchEntry, BatchRequest } from "../../contract/executions/batch.ts";
import { indexedBody } from "../../contract/executions/batch.ts";
import { executionBody } from "../../contract/executions/body.ts";
import { rowFor } from "../../contract/lists.ts";
import { listedFor } from "../../domain/execution/access.ts";
import type { Principal } from "../../domain/execution/principal.ts";
import { isTerminal } from "../../domain/execution/status.ts";
import { PageRoom } from "../../domain/read-models/page-room.ts";
import type { ExecutionSummary } from "../../domain/read-models/summary.ts";
import type { ExecutionView } from "../../domain/read-models/view.ts";
import type { Result } from "../../domain/values/fault.ts";
import { FAULTS } from "../../domain/values/fault.ts";
import { CONTENTS_AT_ONCE, mapBounded } from "../bounded.ts";
import type { ExecutionClient, RunRegistry } from "../ports.ts";

interface Parts {
  readonly client: Pick<ExecutionClient, "view" | "queued">;
  readonly registry: Pick<RunRegistry, "byId">;
}

/** What is known of one of them before its large result is read. */
interface Found {
  readonly entry: BatchEntry;
  /** Bytes of a result that is not in the entry yet. */
  readonly apart: number;
}

const NOT_FOUND: Found = { entry: { status: "not_found" }, apart: 0 };

export class Batches {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  status(caller: Principal, request: BatchRequest): Promise<Map<string, BatchEntry>> {
    return batchStatus(this.#parts, caller, request);
  }
}

/**
 * Many executions at once, as many of the first as one answer holds; the others are named as remaining. With results every
 * execution is asked itself, because the index has none; without, the index answers for those that ended, and only the
 * others are asked.
 */
async function batchStatus(
  parts: Parts,
  caller: Principal,
  { execution_ids, include_result }: BatchRequest,
): Promise<Map<string, BatchEntry>> {
  const ids = [...new Set(execution_ids)];
  const rows = include_result ? [] : await indexed(parts, caller, ids);
  const ended = new Map(rows.filter(({ status }) => isTerminal(status)).map((row) => [row.id, row]));
  const queued = await parts.client.queued(
    caller,
    ids.filter((id) => !ended.has(id)),
  );
  const answers = new Map<string, BatchEntry>(ids.map((id) => [id, { status: "remaining" }]));
  const room = new PageRoom();
  for (let at = 0; at < ids.length; at += CONTENTS_AT_ONCE) {
    const some = ids.slice(at, at + CONTENTS_AT_ONCE);
    const found = await foundOf(parts, caller, { ids: some, ended, queued });
    for (const id of some) {
      const { entry, apart } = found.get(id) ?? NOT_FOUND;
      if (!room.take([id, entry], apart)) return answers;
      answers.set(id, apart === 0 ? entry : await withResult(parts, caller, id));
    }
  }
  return answers;
}

interface Known {
  readonly ids: readonly string[];
  readonly ended: ReadonlyMap<string, ExecutionSummary>;
  /** Executions that wait in a queue: their objects are not there. */
  readonly queued: ReadonlyMap<string, Result<ExecutionView>>;
}

async function foundOf(parts: Parts, caller: Principal, { ids, ended, queued }: Known): Promise<Map<string, Found>> {
  const found = new Map<string, Found>();
  const ofRow = (row: ExecutionSummary) => found.set(row.id, { entry: indexedBody(rowFor(caller, row)), apart: 0 });
  for (const id of ids) {
    const row = ended.get(id);
    if (row) ofRow(row);
  }
  const asked = await mapBounded(
    ids.filter((id) => !found.has(id)),
    async (id) => {
      const view = queued.get(id) ?? (await parts.client.view(caller, id, { brief: true }));
      if (view.ok) found.set(id, ofView(view.value));
      return !view.ok && FAULTS[view.code].retryable ? [id] : [];
    },
  );
  // One that cannot be asked now is not unknown: what the index has of it is answered.
  for (const row of await indexed(parts, caller, asked.flat())) ofRow(row);
  return found;
}

/** Where the index does not answer, every execution is asked itself. */
function indexed({ registry }: Parts, caller: Principal, ids: readonly string[]): Promise<readonly ExecutionSummary[]> {
  return ids.length === 0 ? Promise.resolve([]) : registry.byId(listedFor(caller), ids).catch(() => []);
}

function ofView(view: ExecutionView): Found {
  return { entry: executionBody(view), apart: view.stored?.size ?? 0 };
}

/** One whose result cannot be read now is asked for again: without it, it would look as if it had none. */
async function withResult({ client }: Parts, caller: Principal, id: string): Promise<BatchEntry> {
  const view = await client.view(caller, id);
  return view.ok ? executionBody(view.value) : { status: "remaining" };
}
