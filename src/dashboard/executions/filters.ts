/** Which executions a list shows, as the address of the page says it: an address is a view that can be kept and sent. Pure. */
import type { ExecutionSummary, ListFilter } from "../../client/options.ts";
import type { Status } from "../../domain/execution/status.ts";
import { parseStatus } from "../../domain/execution/status.ts";

export interface Filters {
  readonly statuses: readonly Status[];
  readonly target: string;
  readonly agent: string;
  readonly session: string;
  readonly run: string;
  readonly actor: string;
  /** A part of the id, the target or the error. */
  readonly search: string;
  /** How long ago the oldest was created, as a word of `SPANS`; empty for all. */
  readonly within: string;
}

export const NO_FILTERS: Filters = {
  ...{ statuses: [], target: "", agent: "", session: "", run: "", actor: "", search: "", within: "" },
};

/** Word in the address → length in ms. */
const SPANS: ReadonlyMap<string, number> = new Map([
  ["1h", 3_600_000],
  ["24h", 86_400_000],
  ["7d", 604_800_000],
  ["30d", 2_592_000_000],
]);

/** Field → name in the address. */
const NAMES = [
  ["target", "target"],
  ["agent", "agent"],
  ["session", "session"],
  ["run", "run"],
  ["actor", "actor"],
  ["search", "q"],
] as const;

/** What is not understood is left out: an address may be old, or typed by hand. */
export function filtersIn(search: string): Filters {
  const given = new URLSearchParams(search);
  const statuses = (given.get("status") ?? "").split(",").map(parseStatus);
  const texts = NAMES.map(([field, name]) => [field, (given.get(name) ?? "").trim()]);
  const within = given.get("within") ?? "";
  return {
    ...NO_FILTERS,
    ...Object.fromEntries(texts),
    statuses: [...new Set(statuses.filter((status) => status !== undefined))],
    within: SPANS.has(within) ? within : "",
  };
}

/** The query of the address, with `?`; empty where nothing is filtered. */
export function searchOf(filters: Filters): string {
  const query = new URLSearchParams();
  if (filters.statuses.length > 0) query.set("status", filters.statuses.join(","));
  for (const [field, name] of NAMES) if (filters[field].trim() !== "") query.set(name, filters[field].trim());
  if (filters.within !== "") query.set("within", filters.within);
  const text = query.toString().replaceAll("%2C", ",");
  return text === "" ? "" : `?${text}`;
}

export function isFiltered(filters: Filters): boolean {
  return searchOf(filters) !== "";
}

/** The same filters, as the server takes them. */
export function listFilterOf(filters: Filters, nowMs: number): ListFilter {
  const length = SPANS.get(filters.within);
  return {
    ...(filters.statuses.length > 0 ? { status: filters.statuses } : {}),
    ...(filters.target === "" ? {} : { target: filters.target }),
    ...(filters.agent === "" ? {} : { agentId: filters.agent }),
    ...(filters.session === "" ? {} : { sessionId: filters.session }),
    ...(filters.run === "" ? {} : { runId: filters.run }),
    ...(filters.actor === "" ? {} : { actorId: filters.actor }),
    ...(filters.search === "" ? {} : { q: filters.search }),
    ...(length === undefined ? {} : { since: new Date(nowMs - length) }),
  };
}

/** Whether a row that has just changed belongs to the list. */
export function fits(filters: Filters, row: ExecutionSummary, nowMs: number): boolean {
  const { statuses, target, agent, session, run, actor, search, within } = filters;
  const length = SPANS.get(within);
  const searched = `${row.execution_id}\n${row.target}\n${row.error_message ?? ""}`.toLowerCase();
  return (
    (statuses.length === 0 || statuses.includes(row.status)) &&
    (target === "" || row.target === target) &&
    (agent === "" || row.agent_id === agent) &&
    (session === "" || row.session_id === session) &&
    (run === "" || row.run_id === run) &&
    (actor === "" || row.actor_id === actor) &&
    searched.includes(search.toLowerCase()) &&
    (length === undefined || Date.parse(row.created_at) >= nowMs - length)
  );
}
