/**
 * Which memory a request means, and whose it is.
 *
 * - The global memory is its tenant's. Any other belongs to an owner: the caller, or the owner of the execution for which the
 *   caller acts (an administrator, or the node to which it was dispatched).
 * - A node acts for that execution alone: it reaches the memory of its run, its session and its actor, and no other.
 */
import type { MemoryHeaders, WriteHeaders } from "../../contract/memory/requests.ts";
import { listedFor, mayAct } from "../../domain/execution/access.ts";
import type { Principal } from "../../domain/execution/principal.ts";
import { hasScope } from "../../domain/execution/principal.ts";
import type { Writer } from "../../domain/memory/change.ts";
import type { ActorPlace, ChangeFilter, WriteOnce } from "../../domain/memory/entry.ts";
import { tenantFeed } from "../../domain/memory/entry.ts";
import type { MemoryPlace, MemoryScope, ScopeIds } from "../../domain/memory/scope.ts";
import { placeIn, placesOf } from "../../domain/memory/scope.ts";
import type { Refusal, Result } from "../../domain/values/fault.ts";
import { accept, refuse } from "../../domain/values/fault.ts";
import type { ExecutionClient } from "../ports.ts";

/** What a request says of the memory that it means. */
export interface AskedScope {
  readonly scope?: MemoryScope | null | undefined;
  readonly scope_id?: string | null | undefined;
  readonly headers: MemoryHeaders;
}

interface Whose {
  readonly tenant: string;
  readonly owner: string;
  /** The only ones that the caller reaches, when it acts for an execution of another's. */
  readonly only?: ScopeIds;
}

const HEADER_OF: Readonly<Record<MemoryScope, string>> = {
  workflow: "X-Workflow-ID",
  session: "X-Session-ID",
  actor: "X-Actor-ID",
  global: "",
};

export class MemoryScopes {
  readonly #client: Pick<ExecutionClient, "view">;

  constructor(client: Pick<ExecutionClient, "view">) {
    this.#client = client;
  }

  /** The memory that is written to: the named one, or the nearest that a header names. */
  async one(caller: Principal, asked: AskedScope): Promise<Result<MemoryPlace>> {
    const places = await this.#places(caller, asked);
    if (!places.ok) return places;
    const [place] = places.value;
    return place ? accept(place) : missingId(asked.scope ?? "global");
  }

  /** Where a key is looked for, the nearest first; none when the named scope has no id. */
  async all(caller: Principal, asked: AskedScope): Promise<Result<readonly MemoryPlace[]>> {
    return this.#places(caller, asked);
  }

  /** The feed that is meant: a memory's own, or that of the tenant with what the caller may see of it. */
  async feed(
    caller: Principal,
    asked: AskedScope & { readonly patterns: readonly string[] },
  ): Promise<Result<{ readonly place: ActorPlace; readonly filter: ChangeFilter }>> {
    const { scope, scope_id, patterns } = asked;
    if (scope) {
      const places = await this.#places(caller, asked);
      if (!places.ok) return places;
      const [place] = places.value;
      if (place) return accept({ place, filter: { patterns } });
    }
    const { tenant, ...mine } = listedFor(caller);
    const filter = { scope: scope ?? undefined, scopeId: scope_id ?? undefined, patterns, ...mine };
    return accept({ place: tenantFeed(tenant), filter });
  }

  async #places(caller: Principal, { scope, scope_id, headers }: AskedScope): Promise<Result<readonly MemoryPlace[]>> {
    if (scope_id && !scope) return refuse("missing_scope", "scope_id is sent without the scope that it is of");
    const whose = await this.#whose(caller, headers["x-execution-id"]);
    const ids: ScopeIds = {
      workflow: headers["x-workflow-id"] ?? headers["x-run-id"],
      session: headers["x-session-id"],
      actor: headers["x-actor-id"],
      ...(scope && scope_id ? { [scope]: scope_id } : {}),
    };
    const places = scope ? [placeIn(whose, scope, ids)].filter((place) => place !== undefined) : placesOf(whose, ids);
    const { only } = whose;
    if (!only) return accept(places);
    const foreign = places.some((place) => place.scope !== "global" && only[place.scope] !== place.scopeId);
    return foreign ? refuse("not_found", "there is no such memory of the execution in X-Execution-ID") : accept(places);
  }

  async #whose(caller: Principal, executionId: string | undefined): Promise<Whose> {
    const own = { tenant: caller.tenant, owner: caller.subject };
    if (executionId === undefined || !hasScope(caller, "agent")) return own;
    const view = await this.#client.view(caller, executionId, { brief: true });
    // Clients send ids of calls that never left their process.
    if (!view.ok) return own;
    const { origin } = view.value.state;
    const { owner, runId, sessionId, actorId } = origin;
    if (!mayAct(caller, "remember", origin)) return own;
    if (mayAct(caller, "steer", origin)) return { ...own, owner };
    return { ...own, owner, only: { workflow: runId, session: sessionId, actor: actorId } };
  }
}

function missingId(scope: MemoryScope): Refusal {
  const header = HEADER_OF[scope];
  return refuse("missing_scope", `scope "${scope}": its id is not named; send ${header}, or scope_id`);
}

export function writerOf(caller: Principal, headers: MemoryHeaders): Writer {
  const said = {
    agentId: headers["x-agent-node-id"] ?? headers["x-caller-agent-id"],
    actorId: headers["x-actor-id"],
    workflowId: headers["x-workflow-id"] ?? headers["x-run-id"],
    executionId: headers["x-execution-id"],
  };
  const known = Object.entries(said).filter(([, value]) => value !== undefined);
  return { ...Object.fromEntries(known), subject: caller.subject };
}

/** What tells a write that was sent with an `Idempotency-Key` from another one. */
export function onceOf(
  caller: Principal,
  headers: WriteHeaders,
  { content, digest }: { readonly content: string; readonly digest: (text: string) => string },
): WriteOnce | undefined {
  const key = headers["idempotency-key"];
  return key === undefined ? undefined : { id: `key ${caller.subject}\n${key}`, digest: digest(content) };
}
