/**
 * Lists of executions, and counts of their search attributes, for one caller: its own, an administrator's the whole tenant. What is shown
 * is masked as the caller sees it; what matches is asked of the index.
 */
import * as z from "zod";
import type { ListQuery } from "../../contract/lists.ts";
import { maskDeep, maskPersonalData, seesPersonalData } from "../../contract/privacy/mask.ts";
import { listedFor } from "../../domain/execution/access.ts";
import type { Principal } from "../../domain/execution/principal.ts";
import { AttributeValue } from "../../domain/execution/search-attributes.ts";
import { parseTarget } from "../../domain/execution/target.ts";
import type { AttributeCounts } from "../../domain/read-models/attribute-counts.ts";
import type { ExecutionFilter, ExecutionSummary, ListScope, ReadSession } from "../../domain/read-models/summary.ts";
import { pageOf } from "../page-of.ts";
import type { Registry } from "../ports.ts";

interface Counts {
  count(scope: ListScope, which: { readonly name: string; readonly limit: number }): Promise<AttributeCounts>;
}

export class Lists {
  readonly #registry: Pick<Registry, "list">;
  readonly #counts: Counts;

  constructor(registry: Pick<Registry, "list">, counts: Counts) {
    this.#registry = registry;
    this.#counts = counts;
  }

  /** How many of the caller's executions have which value of a search attribute; an administrator's of the tenant's. */
  async attribute(
    caller: Principal,
    which: { readonly name: string; readonly limit: number },
    session?: ReadSession,
  ): Promise<AttributeCounts> {
    const counts = await this.#counts.count({ ...listedFor(caller), session }, which);
    if (seesPersonalData(caller)) return counts;
    const items = counts.items.map(({ value, count }) => ({ value: maskedAttribute(which.name, value), count }));
    return { ...counts, items };
  }

  /** A page of the caller's executions, newest first; an administrator sees the whole tenant. */
  async executions(
    caller: Principal,
    query: z.infer<typeof ListQuery>,
    session?: ReadSession,
  ): Promise<{ rows: readonly ExecutionSummary[]; nextCursor: string | null }> {
    if (isContradiction(query)) return { rows: [], nextCursor: null };
    const page = { limit: query.limit + 1, from: query.cursor, session };
    return pageOf(await this.#registry.list(filterOf(caller, query), page), query.limit);
  }
}

/** As in the execution that has it: what is masked depends on the name too. */
function maskedAttribute(name: string, value: AttributeValue): AttributeValue {
  const [masked = value] = Object.values(z.record(z.string(), AttributeValue).parse(maskDeep({ [name]: value })));
  return masked;
}

type Filters = Omit<z.infer<typeof ListQuery>, "limit" | "cursor" | "format">;

/** A target of one agent, and another agent: nothing is both. */
export function isContradiction({ target, agent_id }: Filters): boolean {
  if (target === undefined || agent_id === undefined) return false;
  return (parseTarget(target)?.agent ?? target) !== agent_id;
}

/** What a list shows to this caller. */
export function filterOf(caller: Principal, query: Filters): ExecutionFilter {
  const target = query.target === undefined ? undefined : parseTarget(query.target);
  const agent = target?.agent ?? query.agent_id ?? query.target;
  const { status, run_id, session_id, actor_id, parent_execution_id, schedule_id, attributes, since, until, q } = query;
  return {
    ...listedFor(caller),
    ...(status === undefined ? {} : { statuses: status }),
    ...(agent === undefined ? {} : { agent }),
    ...(target === undefined ? {} : { fn: target.fn }),
    ...(run_id === undefined ? {} : { runId: run_id }),
    ...(session_id === undefined ? {} : { sessionId: session_id }),
    ...(actor_id === undefined ? {} : { actorId: actor_id }),
    ...(parent_execution_id === undefined ? {} : { parentId: parent_execution_id }),
    ...(schedule_id === undefined ? {} : { scheduleId: schedule_id }),
    ...(attributes === undefined ? {} : { attributes }),
    ...(since === undefined ? {} : { sinceMs: since }),
    ...(until === undefined ? {} : { untilMs: until }),
    ...(q === undefined ? {} : { text: q }),
    ...(seesPersonalData(caller) ? {} : { seenAs: maskPersonalData }),
  };
}
