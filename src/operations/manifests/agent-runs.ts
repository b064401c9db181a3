/** Runs of agents with a manifest, read again: one by its id, or the latest of an agent that keeps a log. */
import * as z from "zod";
import { listedFor } from "../../domain/execution/access.ts";
import { builtInOf } from "../../domain/execution/built-in.ts";
import type { Principal } from "../../domain/execution/principal.ts";
import { loggedRunOf } from "../../domain/execution/search-attributes.ts";
import { isTerminal, Status } from "../../domain/execution/status.ts";
import type { ExecutionFilter } from "../../domain/read-models/summary.ts";
import type { ExecutionView } from "../../domain/read-models/view.ts";
import type { Result } from "../../domain/values/fault.ts";
import { accept, refuse } from "../../domain/values/fault.ts";
import type { Executions } from "../executions/executions.ts";
import { pagesOf } from "../pages.ts";
import type { ExecutionClient, Registry } from "../ports.ts";

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

/** Most runs that are asked, page by page: of what the index knows to keep a log the first one mostly does. */
const MOST_LOOKED_AT = 400;
const PAGE = 50;
const AT_ONCE = 10;
const ENDED = Status.options.filter(isTerminal);

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

  /** The index knows which runs keep a log; of runs that began in an earlier version each is asked, the newest first. */
  async latest(caller: Principal, agentId: string): Promise<Result<AgentRun>> {
    const ended = { ...listedFor(caller), statuses: ENDED };
    const known = await this.#newest(caller, agentId, { ...ended, attributes: [loggedRunOf(agentId)] });
    if (known.ok) return known;
    return this.#newest(caller, agentId, { ...ended, agent: agentId, fn: this.#parts.fn });
  }

  async #newest(caller: Principal, agentId: string, filter: ExecutionFilter): Promise<Result<AgentRun>> {
    const none = (which: string) =>
      refuse("not_found", `${which} "${agentId.slice(0, 200)}" has ended and keeps a log`);
    let looked = 0;
    for await (const rows of pagesOf(this.#parts.registry, filter, PAGE)) {
      const found = await this.#firstLogged(
        caller,
        rows.map(({ id }) => id),
      );
      if (found) return accept(found);
      looked += rows.length;
      if (looked >= MOST_LOOKED_AT) return none(`none of the newest ${looked} runs of`);
    }
    return none("no run of");
  }

  /** Mostly it is the first one. */
  async #firstLogged(caller: Principal, ids: readonly string[]): Promise<AgentRun | undefined> {
    const groups = [
      ids.slice(0, 1),
      ...Array.from({ length: PAGE / AT_ONCE }, (_, n) => ids.slice(1 + n * AT_ONCE, 1 + (n + 1) * AT_ONCE)),
    ];
    for (const group of groups) {
      const runs = await Promise.all(group.map((id) => this.#logged(caller, id)));
      const found = runs.find((run) => run !== undefined);
      if (found) return found;
    }
    return undefined;
  }

  async #logged(caller: Principal, id: string): Promise<AgentRun | undefined> {
    const view = await this.#parts.client.view(caller, id);
    if (!view.ok || builtInOf(view.value.state.origin) !== "manifest") return undefined;
    const run = await this.#withLog(caller, view.value);
    return run.ok && run.value.isLogged ? run.value : undefined;
  }

  async #withLog(caller: Principal, view: ExecutionView): Promise<Result<AgentRun>> {
    const first = await this.#parts.client.events(caller, view.state.origin.id, { after: 0, limit: 1 });
    if (!first.ok) return first;
    const [created] = first.value.events;
    const asked = Asked.safeParse(created?.type === "execution.created" ? created.data.input : undefined);
    return accept({ view, isLogged: asked.data?.save_log ?? true });
  }
}
