/**
 * Replay, as AgentField has it: a node that was called for an execution which follows another one sends the headers of its call along
 * when it calls others. What the same call came to in the run before is then taken over in place of being done again.
 *
 * - Headers count beneath a parent that follows an execution of the run that they name, or was called in such a replay itself:
 *   what they say is what this deployment told the node. Anything else starts as it would without them.
 * - The same call: target, input and context. It had to succeed; with `succeeded-before` before the first of its run that did not.
 * - What is taken over is the old execution's log, as a restart of it does: nothing is asked of its node.
 */
import type { StartHeaders } from "../../contract/executions/requests.ts";
import { parseExecutionId } from "../../domain/execution/execution-id.ts";
import type { Origin } from "../../domain/execution/origin.ts";
import type { Principal } from "../../domain/execution/principal.ts";
import { systemPrincipal } from "../../domain/execution/principal.ts";
import type { Reuse } from "../../domain/execution/reusable-result.ts";
import { lineageOf } from "../../domain/execution/reusable-result.ts";
import { isTerminal } from "../../domain/execution/status.ts";
import type { ExecutionSummary } from "../../domain/read-models/summary.ts";
import type { Json } from "../../domain/values/json.ts";
import { canonicalJson } from "../../domain/values/json.ts";
import type { ExecutionClient } from "../ports.ts";
import type { Runs } from "../runs/runs.ts";

/** Executions of the run before that are looked at for one call. */
const MOST_ASKED = 20;

interface ReplayParts {
  readonly client: Pick<ExecutionClient, "view" | "events">;
  readonly runs: Pick<Runs, "read">;
}

interface Called {
  readonly headers: StartHeaders;
  readonly agent: string;
  readonly fn: string;
  readonly input: Json;
  readonly context: Json | undefined;
}

interface Source {
  readonly tenant: string;
  readonly owner: string;
  readonly runId: string;
  readonly mode: Reuse;
}

export class Replays {
  readonly #parts: ReplayParts;

  constructor(parts: ReplayParts) {
    this.#parts = parts;
  }

  /** What the start has of it in its origin; nothing where its headers do not count. */
  async of(caller: Principal, called: Called): Promise<Pick<Origin, "replay" | "restartedFrom">> {
    const source = await this.#source(caller, called.headers);
    if (!source || source.mode === "none") return {};
    const { runId, mode } = source;
    const before = called.headers["x-agentfield-replay-before-execution-id"];
    const replay = { runId, mode, ...(before === undefined ? {} : { before }) };
    const found = await this.#same(source, called);
    if (!found) return { replay };
    const { id } = found;
    const restartedFrom = { id, first: lineageOf(found), runId, reuse: "all-succeeded", inputChanged: false } as const;
    return { replay, restartedFrom };
  }

  async #source(caller: Principal, headers: Called["headers"]): Promise<Source | undefined> {
    const {
      "x-agentfield-replay-source-run-id": runId,
      "x-agentfield-replay-mode": mode = "succeeded-before",
      "x-parent-execution-id": parentId,
    } = headers;
    if (runId === undefined || parentId === undefined || parseExecutionId(parentId) === undefined) return undefined;
    const parent = await this.#parts.client.view(caller, parentId, { brief: true });
    if (!parent.ok) return undefined;
    const { tenant, owner, restartedFrom, replay } = parent.value.state.origin;
    return restartedFrom?.runId === runId || replay?.runId === runId ? { tenant, owner, runId, mode } : undefined;
  }

  /** The run is read off its executions where these ended a moment ago: the index may not know it yet. */
  async #same(source: Source, { agent, fn, input, context }: Called): Promise<Origin | undefined> {
    const { tenant, owner, runId, mode } = source;
    const { runs, client } = this.#parts;
    const run = await runs.read(systemPrincipal(tenant), runId, { notes: false });
    const rows = run.ok ? run.value.tree.timeline.map(({ summary }) => summary) : [];
    const own = rows.filter((row) => row.owner === owner);
    const untilMs = mode === "succeeded-before" ? firstFailureMs(own) : Infinity;
    const isSame = (row: ExecutionSummary) =>
      row.agent === agent && row.fn === fn && row.status === "succeeded" && row.parentId !== null;
    const before = own.filter((row) => isSame(row) && (row.finishedAtMs ?? Infinity) < untilMs);
    const asked = canonicalJson([input, context ?? null]);
    // Of two that were the same the first one is taken.
    for (const { id } of before.sort((a, b) => a.createdAtMs - b.createdAtMs).slice(0, MOST_ASKED)) {
      const began = await client.events(systemPrincipal(tenant), id, { after: 0, limit: 1 });
      const [created] = began.ok ? began.value.events : [];
      if (created?.type !== "execution.created") continue;
      const { origin, input: given, context: beside = null } = created.data;
      if (canonicalJson([given, beside]) === asked) return origin;
    }
    return undefined;
  }
}

function firstFailureMs(rows: readonly ExecutionSummary[]): number {
  const ends = rows.flatMap(({ status, finishedAtMs }) =>
    isTerminal(status) && status !== "succeeded" ? (finishedAtMs ?? []) : [],
  );
  return Math.min(Infinity, ...ends);
}
