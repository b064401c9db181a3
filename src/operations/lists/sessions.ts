/** Sessions: what belongs together because callers said so with `X-Session-ID`. From the index alone. */
import type { SessionsQuery } from "../../contract/runs/sessions.ts";
import { listedFor } from "../../domain/execution/access.ts";
import type { Principal } from "../../domain/execution/principal.ts";
import type { RunDigest } from "../../domain/read-models/run-tree.ts";
import type { ExecutionSummary, ReadSession } from "../../domain/read-models/summary.ts";
import type { Result } from "../../domain/values/fault.ts";
import { accept, refuse } from "../../domain/values/fault.ts";
import { pageOf } from "../page-of.ts";
import type { RunRegistry } from "../ports.ts";

interface SessionDigest {
  readonly first: ExecutionSummary;
  readonly last: ExecutionSummary;
}

export class Sessions {
  readonly #registry: RunRegistry;

  constructor(registry: RunRegistry) {
    this.#registry = registry;
  }

  /** Newest first by their first execution, which never changes: so pages are stable. */
  async list(caller: Principal, { limit, cursor }: SessionsQuery, session?: ReadSession) {
    const scope = { ...listedFor(caller), session };
    const firsts = await this.#registry.firstOfSessions(scope, { limit: limit + 1, from: cursor });
    const { rows, nextCursor } = pageOf(firsts, limit);
    const ids = rows.flatMap(({ sessionId }) => (sessionId === null ? [] : [sessionId]));
    const lasts = new Map((await this.#registry.lastOfSessions(scope, ids)).map((row) => [row.sessionId, row]));
    const items = rows.map((first): SessionDigest => ({ first, last: lasts.get(first.sessionId) ?? first }));
    return { items, nextCursor };
  }

  /** The runs of one session, newest first. */
  async runs(
    caller: Principal,
    sessionId: string,
    { limit, cursor, reading: session }: SessionsQuery & { readonly reading?: ReadSession | undefined },
  ): Promise<Result<{ readonly items: RunDigest[]; readonly nextCursor: string | null }>> {
    const scope = { ...listedFor(caller), session };
    const page = { limit: limit + 1, from: cursor };
    const firsts = await this.#registry.firstOfRuns(scope, { sessionId, page });
    const { rows, nextCursor } = pageOf(firsts, limit);
    if (rows.length === 0 && cursor === undefined && nextCursor === null)
      return refuse("not_found", `no execution of a session "${sessionId.slice(0, 200)}" is known here`);
    const runIds = rows.map(({ runId }) => runId);
    return accept({ items: await this.#registry.digests(scope, runIds), nextCursor });
  }
}
