/** Runs of agents with a manifest, read again: one by its id, or the latest of an agent that keeps a log. */
import { z } from "zod";
import { listedFor } from "../domain/execution/access.ts";
import { builtInOf } from "../domain/execution/built-in.ts";
import type { Principal } from "../domain/execution/principal.ts";
import { isTerminal } from "../domain/execution/status.ts";
import type { ExecutionView } from "../domain/read-models/view.ts";
import type { Result } from "../domain/values/fault.ts";
import { accept, refuse } from "../domain/values/fault.ts";
import type { Executions } from "./executions.ts";
import type { ExecutionClient, Registry } from "./ports.ts";

interface Parts {
  readonly client: Pick<ExecutionClient, "view" | "events">;
  readonly registry: Pick<Registry, "list">;
  readonly executions: Pick<Executions, "settled">;
  /** Name of the function that runs manifests. */
  readonly fn: string;
}

export interface AgentRun {
  readonly view: ExecutionView;
  /** False: it was asked to keep no log. */
  readonly isLogged: boolean;
}

/** So many of an agent's newest runs are looked through for one that has ended and keeps a log. */
const MOST_LOOKED_AT = 50;

const Asked = z.object({ save_log: z.boolean().default(true) });

export class AgentRuns {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Waits for an end, or for a person to be needed. */
  async one(
    caller: Principal,
    { agentId, id, waitMs }: { readonly agentId: string; readonly id: string; readonly waitMs: number },
  ): Promise<Result<AgentRun>> {
    const view = await this.#parts.executions.settled(caller, id, waitMs);
    if (!view.ok) return view;
    const { origin } = view.value.state;
    if (builtInOf(origin) === "manifest" && origin.agent === agentId) return this.#withLog(caller, view.value);
    return refuse("not_found", `"${id.slice(0, 200)}" is no run of "${agentId.slice(0, 200)}"`);
  }

  async latest(caller: Principal, agentId: string): Promise<Result<AgentRun>> {
    const filter = { ...listedFor(caller), agent: agentId, fn: this.#parts.fn };
    const { rows } = await this.#parts.registry.list(filter, { limit: MOST_LOOKED_AT, from: undefined });
    for (const { id, status } of rows) {
      if (!isTerminal(status)) continue;
      const view = await this.#parts.client.view(caller, id);
      if (!view.ok || builtInOf(view.value.state.origin) !== "manifest") continue;
      const run = await this.#withLog(caller, view.value);
      if (run.ok && run.value.isLogged) return run;
    }
    const shown = `"${agentId.slice(0, 200)}"`;
    return refuse("not_found", `none of the newest ${MOST_LOOKED_AT} runs of ${shown} has ended and keeps a log`);
  }

  async #withLog(caller: Principal, view: ExecutionView): Promise<Result<AgentRun>> {
    const first = await this.#parts.client.events(caller, view.state.origin.id, { after: 0, limit: 1 });
    if (!first.ok) return first;
    const [created] = first.value.events;
    const asked = Asked.safeParse(created?.type === "execution.created" ? created.data.input : undefined);
    return accept({ view, isLogged: asked.data?.save_log ?? true });
  }
}
