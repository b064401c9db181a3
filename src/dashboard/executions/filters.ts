/** Which executions a list shows, as the address of the page says it: an address is a view that can be kept and sent. Pure. */
import type { ExecutionSummary, ListFilter } from "../../client/transport/options.ts";
import type { Status } from "../../domain/execution/status.ts";
import { parseStatus } from "../../domain/execution/status.ts";
import type { AttributeTest } from "./attribute-tests.ts";
import { attributesFor, attributeTestIn, attributeWord, passes, withTest } from "./attribute-tests.ts";

export interface Filters {
  readonly statuses: readonly Status[];
  readonly target: string;
  readonly agent: string;
  readonly session: string;
  readonly run: string;
  readonly actor: string;
  readonly schedule: string;
  /** All of them hold. */
  readonly attributes: readonly AttributeTest[];
  /** A part of the id, the target or the error. */
  readonly search: string;
  /** How long ago the oldest was created, as a word of `SPANS`; empty for all. */
  readonly within: string;
  /** Created at this instant or later, or before this one: on the reader's clock, `2026-11-27T14:30`. */
  readonly from: string;
  readonly to: string;
}

export const NO_FILTERS: Filters = {
  ...{ statuses: [], target: "", agent: "", session: "", run: "", actor: "", schedule: "", search: "", within: "" },
  ...{ attributes: [], from: "", to: "" },
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
  ["schedule", "schedule"],
  ["search", "q"],
] as const;

const LOCAL = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$/;

/** In ms; undefined for what is no instant. */
function instantIn(text: string): number | undefined {
  const ms = LOCAL.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(ms) ? undefined : ms;
}

/** What is not understood is left out: an address may be old, or typed by hand. */
export function filtersIn(search: string): Filters {
  const given = new URLSearchParams(search);
  const statuses = (given.get("status") ?? "").split(",").map(parseStatus);
  const texts = NAMES.map(([field, name]) => [field, (given.get(name) ?? "").trim()]);
  const within = given.get("within") ?? "";
  const tests = given.getAll("attribute").flatMap((word) => attributeTestIn(word) ?? []);
  const instant = (name: string) => (instantIn(given.get(name) ?? "") === undefined ? "" : (given.get(name) ?? ""));
  return {
    ...NO_FILTERS,
    ...Object.fromEntries(texts),
    statuses: [...new Set(statuses.filter((status) => status !== undefined))],
    attributes: tests.reduce(withTest, [] as readonly AttributeTest[]),
    within: SPANS.has(within) ? within : "",
    ...{ from: instant("from"), to: instant("to") },
  };
}

/** The query of the address, with `?`; empty where nothing is filtered. */
export function searchOf(filters: Filters): string {
  const query = new URLSearchParams();
  if (filters.statuses.length > 0) query.set("status", filters.statuses.join(","));
  for (const [field, name] of NAMES) if (filters[field].trim() !== "") query.set(name, filters[field].trim());
  for (const test of filters.attributes) query.append("attribute", attributeWord(test));
  for (const name of ["within", "from", "to"] as const) if (filters[name] !== "") query.set(name, filters[name]);
  const text = query.toString().replaceAll("%2C", ",").replaceAll("%3A", ":");
  return text === "" ? "" : `?${text}`;
}

export function isFiltered(filters: Filters): boolean {
  return searchOf(filters) !== "";
}

/** The same filters, as the server takes them. */
export function listFilterOf(filters: Filters, nowMs: number): ListFilter {
  const [sinceMs, untilMs] = spanOf(filters, nowMs);
  const attributes = attributesFor(filters.attributes);
  return {
    ...(filters.statuses.length > 0 ? { status: filters.statuses } : {}),
    ...(filters.target === "" ? {} : { target: filters.target }),
    ...(filters.agent === "" ? {} : { agentId: filters.agent }),
    ...(filters.session === "" ? {} : { sessionId: filters.session }),
    ...(filters.run === "" ? {} : { runId: filters.run }),
    ...(filters.actor === "" ? {} : { actorId: filters.actor }),
    ...(filters.search === "" ? {} : { q: filters.search }),
    ...(filters.schedule === "" ? {} : { scheduleId: filters.schedule }),
    ...(attributes === undefined ? {} : { attributes }),
    ...(sinceMs === undefined ? {} : { since: new Date(sinceMs) }),
    ...(untilMs === undefined ? {} : { until: new Date(untilMs) }),
  };
}

/** The two filters of time together: the later beginning holds. */
function spanOf({ within, from, to }: Filters, nowMs: number): readonly [number | undefined, number | undefined] {
  const length = SPANS.get(within);
  const begins = [length === undefined ? undefined : nowMs - length, instantIn(from)].filter((ms) => ms !== undefined);
  return [begins.length === 0 ? undefined : Math.max(...begins), instantIn(to)];
}

/** Whether a row that has just changed belongs to the list. */
export function fits(filters: Filters, row: ExecutionSummary, nowMs: number): boolean {
  const { statuses, target, agent, session, run, actor, schedule, search } = filters;
  const [sinceMs, untilMs] = spanOf(filters, nowMs);
  const createdMs = Date.parse(row.created_at);
  const searched = `${row.execution_id}\n${row.target}\n${row.error_message ?? ""}`.toLowerCase();
  return (
    (statuses.length === 0 || statuses.includes(row.status)) &&
    (target === "" || row.target === target) &&
    (agent === "" || row.agent_id === agent) &&
    (session === "" || row.session_id === session) &&
    (run === "" || row.run_id === run) &&
    (actor === "" || row.actor_id === actor) &&
    searched.includes(search.toLowerCase()) &&
    (schedule === "" || row.schedule_id === schedule) &&
    passes(filters.attributes, row) &&
    (sinceMs === undefined || createdMs >= sinceMs) &&
    (untilMs === undefined || createdMs < untilMs)
  );
}
