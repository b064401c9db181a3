/** A node that registers with a new instance: the executions that its older process had hear of it. */
import { systemPrincipal } from "../../domain/execution/principal.ts";
import { mapBounded } from "../bounded.ts";
import { pagesOf } from "../pages.ts";
import type { ExecutionClient, Registry } from "../ports.ts";

/** An older process may still report what it had begun. */
const DRAIN_GRACE_MS = 60_000;
const PAGE = 100;

interface NodeRestartParts {
  readonly registry: Pick<Registry, "list">;
  readonly client: Pick<ExecutionClient, "dispatch">;
  readonly graceMs: number | undefined;
}

interface NewInstance {
  readonly agent: string;
  readonly instance: string;
  /** Processes of the node's other versions. */
  readonly beside: readonly string[];
  /** Executions that were sent to another process a short while ago. */
  readonly lately: readonly string[];
}

export class NodeRestarts {
  readonly #parts: NodeRestartParts;

  constructor(parts: NodeRestartParts) {
    this.#parts = parts;
  }

  /**
   * Resolves when all that the directory and the index knew of them have heard; one that cannot be reached waits until its time
   * is over. The directory knows calls of the last minutes, also those of which the index has not heard yet.
   */
  async tell(tenant: string, { agent, instance, beside, lately }: NewInstance): Promise<void> {
    const filter = { tenant, agent, statuses: ["running", "waiting", "paused"] as const };
    const { registry, client, graceMs = DRAIN_GRACE_MS } = this.#parts;
    const command = { type: "receiver_restarted", instance, beside, graceMs } as const;
    const told = new Set(lately);
    const tellOne = (id: string) => client.dispatch(systemPrincipal(tenant), id, command).catch(() => {});
    await mapBounded(lately, tellOne);
    for await (const rows of pagesOf(registry, filter, PAGE))
      await mapBounded(
        rows.filter(({ id }) => !told.has(id)),
        ({ id }) => tellOne(id),
      );
  }
}
