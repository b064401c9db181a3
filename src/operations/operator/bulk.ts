/**
 * One verb for all executions that a filter finds. What is found is what the list of executions shows to the caller: its own,
 * for an administrator the tenant's. Each execution decides for itself whether it takes the verb.
 */
import type { BulkFilter, BulkRequest } from "../../contract/operator/bulk.ts";
import { TAKES } from "../../contract/operator/bulk.ts";
import type { FunctionDefinition } from "../../define/agent.ts";
import type { Principal } from "../../domain/execution/principal.ts";
import { hasScope } from "../../domain/execution/principal.ts";
import type { ExecutionView } from "../../domain/read-models/view.ts";
import type { Refusal, Result } from "../../domain/values/fault.ts";
import { FAULTS } from "../../domain/values/fault.ts";
import type { Json } from "../../domain/values/json.ts";
import { toJson } from "../../domain/values/json.ts";
import type { ApiKeyAuthenticator } from "../access/api-key-authenticator.ts";
import { mapBounded } from "../bounded.ts";
import type { Executions } from "../executions/executions.ts";
import type { Restarts } from "../executions/restarts.ts";
import type { StartRequest } from "../executions/start-request.ts";
import { filterOf, isContradiction } from "../lists/lists.ts";
import type { ExecutionClient, Registry } from "../ports.ts";
import type { BulkInput, BulkPage, BulkPort, FoundIds, Touched } from "./bulk-run.ts";
import { BULK_AGENT, BULK_FUNCTION, bulkFunction, countOf } from "./bulk-run.ts";

/** The version of the program: one that does something else has another. */
const VERSION = "1";
/** Most reads of the index for one page: a rare filter passes over much. */
const MOST_READS = 20;

export interface BulkParts {
  readonly registry: Pick<Registry, "list">;
  readonly client: Pick<ExecutionClient, "dispatch" | "view" | "idNamed">;
  readonly restarts: Pick<Restarts, "restart">;
  readonly executions: Pick<Executions, "start">;
  readonly keys: Pick<ApiKeyAuthenticator, "keyOfHash">;
  readonly now: () => number;
}

type Asked = Pick<StartRequest, "baseUrl" | "region" | "traceparent"> & {
  readonly request: BulkRequest;
  readonly idempotencyKey: string | undefined;
};

export class Bulk implements BulkPort {
  readonly #parts: BulkParts;
  readonly #definition: FunctionDefinition;

  constructor(parts: BulkParts) {
    this.#parts = parts;
    this.#definition = bulkFunction(() => this);
  }

  /** Starts it, as an execution of the caller's. */
  start(caller: Principal, { request, idempotencyKey, ...how }: Asked): Promise<Result<ExecutionView>> {
    const found = { agent: BULK_AGENT, version: VERSION, definition: this.#definition, builtIn: "bulk" } as const;
    const input = inputOf(caller, request);
    const { key: _key, ...by } = input.by;
    return this.#parts.executions.start(caller, {
      ...{ ...how, found, target: `${BULK_AGENT}.${BULK_FUNCTION}`, waitMs: 0 },
      ...{ input: toJson(input) as { [key: string]: Json }, budget: undefined },
      // Another key of the same user repeats it.
      identity: toJson({ ...input, by }),
      ...{ context: undefined, metadata: undefined, deadlineMs: undefined },
      headers: idempotencyKey === undefined ? {} : { "idempotency-key": idempotencyKey },
    });
  }

  /** What it would touch now. */
  count(caller: Principal, request: BulkRequest): ReturnType<typeof countOf> {
    return countOf(this, inputOf(caller, request), { untilMs: this.#parts.now() });
  }

  async find(input: BulkInput, { untilMs, from, most, bulkId }: BulkPage): Promise<FoundIds> {
    const given = input.filter as unknown as BulkFilter;
    if (isContradiction(given)) return { ids: [], next: null };
    const { status = TAKES[input.action], until = untilMs, ...others } = given;
    const filter = filterOf(callerOf(input), { ...others, status: [...status], until: Math.min(until, untilMs) });
    const ids: string[] = [];
    let next: FoundIds["next"] | undefined = from;
    for (let read = 0; read < MOST_READS && ids.length < most; read += 1) {
      const limit = most - ids.length;
      const { rows, resumeAfter } = await this.#parts.registry.list(filter, { limit, from: next ?? undefined });
      const fit = rows.filter(({ id, parentId }) => id !== bulkId && (input.children || parentId === null));
      ids.push(...fit.map(({ id }) => id));
      const last = rows.length < limit ? resumeAfter : rows.at(-1);
      next = last === undefined ? null : { createdAtMs: last.createdAtMs, id: last.id };
      if (next === null) break;
    }
    return { ids, next: next ?? null };
  }

  /** Rejects while keys cannot be looked up: the page is touched later. */
  async touch(input: BulkInput, bulkId: string, ids: readonly string[]): Promise<readonly Touched[] | "revoked"> {
    const { key } = input.by;
    const known = key === undefined ? undefined : await this.#parts.keys.keyOfHash(key);
    if (known && !known.ok) {
      if (known.code === "unauthorized") return "revoked";
      throw new Error(`${known.code}: ${known.detail}`);
    }
    return mapBounded(ids, async (id) => {
      const { action } = input;
      const isAnew = action === "restart" || action === "redrive";
      return isAnew ? this.#restart({ ...input, action }, bulkId, id) : this.#move({ ...input, action }, bulkId, id);
    });
  }

  async #move(
    { action, reason, ...input }: BulkInput & { readonly action: "pause" | "resume" | "cancel" },
    bulkId: string,
    id: string,
  ): Promise<Touched> {
    const caller = callerOf({ ...input, action });
    const why = reason === undefined ? {} : { reason };
    const command = { type: action, by: caller.subject, bulk: bulkId, ...why };
    const moved = await this.#parts.client.dispatch(caller, id, command);
    if (!moved.ok) return refused(id, moved);
    return { id, outcome: moved.value.state.bulks?.includes(bulkId) ? "touched" : "unchanged" };
  }

  /** The id of what follows is made of the bulk operation's: a page that is touched again finds it. */
  async #restart(
    { action, reason, ...input }: BulkInput & { readonly action: "restart" | "redrive" },
    bulkId: string,
    id: string,
  ): Promise<Touched> {
    const caller = callerOf({ ...input, action });
    const why = reason === undefined ? {} : { reason };
    const reuse = action === "redrive" ? "succeeded-before" : "none";
    const request = { scope: "execution", reuse, fork: false, ...why } as const;
    const { client, restarts } = this.#parts;
    const before = await client.view(caller, id, { brief: true });
    if (!before.ok) return refused(id, before);
    const { restartedAs } = before.value.state;
    if (restartedAs !== undefined) {
      const isOurs = restartedAs === client.idNamed(caller.tenant, "restart", caller.subject, id, bulkId);
      return { id, outcome: isOurs ? "touched" : "unchanged" };
    }
    const restarted = await restarts.restart(caller, { id, request, idempotencyKey: bulkId });
    return restarted.ok ? { id, outcome: "touched" } : refused(id, restarted);
  }
}

function refused(id: string, { code, detail }: Refusal): Touched {
  return { id, outcome: "refused", code, message: detail, again: FAULTS[code].retryable };
}

function inputOf(caller: Principal, request: BulkRequest): BulkInput {
  const { action, filter, rate_per_second, limit, reason } = request;
  const { tenant, subject, masked = false, key } = caller;
  const { children = action === "pause" || action === "resume" } = request;
  return {
    ...{ action, filter: toJson(filter) as BulkInput["filter"], children, rate_per_second, limit },
    ...(reason === undefined ? {} : { reason }),
    by: { tenant, subject, admin: hasScope(caller, "admin"), masked, ...(key === undefined ? {} : { key: key.hash }) },
  };
}

function callerOf({ by: { tenant, subject, admin, masked } }: BulkInput): Principal {
  return { tenant, subject, scopes: admin ? ["admin"] : ["execute", "read"], masked };
}
