/** Runs as a whole: the tree of one, what goes on, and the end of all of it. */
import { listedFor } from "../../domain/execution/access.ts";
import type { Principal } from "../../domain/execution/principal.ts";
import type { Status } from "../../domain/execution/status.ts";
import { isTerminal } from "../../domain/execution/status.ts";
import type { RunLineage, RunNotes, RunWebhook } from "../../domain/read-models/run-member.ts";
import type { RunDigest, RunNode, RunTree } from "../../domain/read-models/run-tree.ts";
import { buildRunTree } from "../../domain/read-models/run-tree.ts";
import type { Result } from "../../domain/values/fault.ts";
import { accept, refuse } from "../../domain/values/fault.ts";
import { mapBounded } from "../bounded.ts";
import type { RunParts, RunQuery } from "./run-rows.ts";
import { readRun } from "./run-rows.ts";

/** One run as it is now. */
export interface RunView {
  readonly runId: string;
  readonly tree: RunTree;
  readonly notes: ReadonlyMap<string, RunNotes>;
  readonly webhooks: ReadonlyMap<string, RunWebhook>;
  readonly lineages: ReadonlyMap<string, RunLineage>;
  readonly truncated: boolean;
}

/** What a cancel of the whole run did to one execution. `skipped`: it had ended, or ended by itself meanwhile. */
export interface CancelledNode {
  readonly node: RunNode;
  readonly before: Status;
  readonly result: "cancelled" | "skipped" | "error";
  readonly error: string | undefined;
}

/** Executions that start while the run is being cancelled are met in the next round. */
const MAX_ROUNDS = 3;

export class Runs {
  readonly #parts: RunParts;

  constructor(parts: RunParts) {
    this.#parts = parts;
  }

  async read(caller: Principal, runId: string, options: Omit<RunQuery, "runId">): Promise<Result<RunView>> {
    const { rows, truncated, ...told } = await readRun(this.#parts, caller, { runId, ...options });
    if (rows.size === 0)
      return refuse("not_found", `workflow not found: no run "${runId.slice(0, 200)}" is known here`);
    return accept({ runId, tree: buildRunTree(rows.values()), ...told, truncated });
  }

  /** Runs in which something goes on, by their newest live execution. */
  async active(
    caller: Principal,
    which: { readonly sessionId: string | undefined; readonly agent: string | undefined; readonly limit: number },
  ): Promise<RunDigest[]> {
    const { registry } = this.#parts;
    const scope = listedFor(caller);
    return registry.digests(scope, await registry.live(scope, which));
  }

  /**
   * First everything is held, from the roots down, so that no parent goes on (or fails) because its child was cancelled;
   * then it is cancelled, leaves first.
   */
  async cancelTree(caller: Principal, runId: string, reason: string | undefined): Promise<Result<CancelledNode[]>> {
    const before = new Map<string, Status>();
    const errors = new Map<string, string>();
    for (let round = 1; ; round += 1) {
      const view = await this.read(caller, runId, { notes: false });
      if (!view.ok) return view;
      const { timeline, maxDepth } = view.value.tree;
      for (const { summary } of timeline) if (!before.has(summary.id)) before.set(summary.id, summary.status);
      const live = timeline.filter(({ summary }) => !isTerminal(summary.status));
      if (live.length === 0 || round > MAX_ROUNDS) return accept(timeline.map((node) => outcome(node, before, errors)));
      const why = { by: caller.subject, ...(reason === undefined ? {} : { reason }) };
      const dispatchAll = async (type: "pause" | "cancel", depth: number) => {
        const nodes = live.filter((node) => node.depth === depth);
        const result = await mapBounded(nodes, ({ summary }) =>
          this.#parts.client.dispatch(caller, summary.id, { type, ...why }),
        );
        if (type === "cancel")
          result.forEach((answer, at) => {
            if (!answer.ok) errors.set(nodes[at]?.summary.id ?? "", answer.detail);
          });
      };
      for (let depth = 0; depth <= maxDepth; depth += 1) await dispatchAll("pause", depth);
      for (let depth = maxDepth; depth >= 0; depth -= 1) await dispatchAll("cancel", depth);
    }
  }
}

function outcome(
  node: RunNode,
  befores: ReadonlyMap<string, Status>,
  errors: ReadonlyMap<string, string>,
): CancelledNode {
  const { id, status } = node.summary;
  const before = befores.get(id) ?? status;
  if (!isTerminal(status))
    return { node, before, result: "error", error: errors.get(id) ?? "it has not confirmed its end yet" };
  const result = status === "cancelled" && !isTerminal(before) ? "cancelled" : "skipped";
  return { node, before, result, error: undefined };
}
