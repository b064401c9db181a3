/** Reads of a tenant's nodes: pages of a list, what discovery finds, and where a call is sent. */
import { fittingFunctions } from "../../domain/node/capabilities.ts";
import type { NodeFunction, NodeView, RoutedNode } from "../../domain/node/node.ts";
import { outlineOf } from "../../domain/node/node.ts";
import type { CapabilityFilter, NodeFilter, NodePage } from "../../domain/node/node-command.ts";
import type { Rotation } from "../../domain/node/rotation.ts";
import { PageRoom } from "../../domain/read-models/page-room.ts";
import type { Result } from "../../domain/values/fault.ts";
import { accept, refuse } from "../../domain/values/fault.ts";
import { nearest } from "../../domain/values/nearest.ts";
import type { NodeListing, NodesFound } from "../../operations/nodes/ports.ts";
import type { NodeBook } from "./node-book.ts";
import type { NodeHead } from "./node-rows.ts";

/** With their schemas, a page of discovery may be larger than one of a list. */
const DISCOVERY_BYTES = 4_194_304;
const MOST_NAMED = 20;

export function listNodes(
  book: NodeBook,
  { filter, page, nowMs }: { readonly filter: NodeFilter; readonly page: NodePage; readonly nowMs: number },
): NodeListing {
  const room = new PageRoom({ items: page.limit });
  const nodes: NodeView[] = [];
  for (const head of headsBehind(book, filter, page.after)) {
    if (!filter.health.includes(book.stateOf(head, nowMs).health)) continue;
    const view = book.viewOf(head, nowMs);
    if (filter.teamId !== undefined && view.record.teamId !== filter.teamId) continue;
    if (filter.groupId !== undefined && view.record.groupId !== filter.groupId) continue;
    const last = nodes.at(-1)?.record;
    if (!room.take(view)) return { nodes, next: last && [last.id, last.version] };
    nodes.push(view);
  }
  return { nodes, next: undefined };
}

function headsBehind(book: NodeBook, { newestOnly }: NodeFilter, after: NodePage["after"]): NodeHead[] {
  const [id = "", version = ""] = after ?? [];
  const heads = book.ids.flatMap((one) => {
    const versions = book.headsOf(one);
    return newestOnly ? versions.slice(0, 1) : versions.sort((a, b) => (a.version < b.version ? -1 : 1));
  });
  if (after === undefined) return heads;
  return heads.filter((head) => head.id > id || (!newestOnly && head.id === id && head.version > version));
}

/** One version of each id: the one that registered last of those that are there, else of all. */
export function discoverNodes(
  book: NodeBook,
  filter: CapabilityFilter,
  { offset, limit, nowMs }: { readonly offset: number; readonly limit: number; readonly nowMs: number },
): NodesFound {
  const totals = { agents: 0, reasoners: 0, skills: 0 };
  const room = new PageRoom({ bytes: DISCOVERY_BYTES });
  const nodes: NodeView[] = [];
  let cut = false;
  const ids = filter.ids.length === 0 ? book.ids : book.ids.filter((id) => filter.ids.includes(id));
  for (const id of ids) {
    const view = frontOf(book, id, nowMs);
    if (filter.health !== undefined && view?.state.health !== filter.health) continue;
    const fitting = view && fittingView(view, filter);
    if (!fitting) continue;
    totals.agents += 1;
    totals.reasoners += fitting.record.reasoners.length;
    totals.skills += fitting.record.skills.length;
    if (totals.agents <= offset || nodes.length >= limit || cut) continue;
    cut = !room.take(fitting);
    if (!cut) nodes.push(fitting);
  }
  return { totals, nodes, cut };
}

function frontOf(book: NodeBook, id: string, nowMs: number): NodeView | undefined {
  const heads = book.headsOf(id);
  const head = heads.find((one) => book.stateOf(one, nowMs).health !== "inactive") ?? heads[0];
  return head && book.viewOf(head, nowMs);
}

/** With the functions that fit; `undefined` when there is none. */
function fittingView({ record, state }: NodeView, filter: CapabilityFilter): NodeView | undefined {
  const fitting = fittingFunctions(outlineOf(record), filter);
  const names = new Set(fitting.map(({ id, kind }) => `${kind} ${id}`));
  const only = (functions: readonly NodeFunction[], kind: string) =>
    functions.filter(({ id }) => names.has(`${kind} ${id}`));
  const shown = { reasoners: only(record.reasoners, "reasoner"), skills: only(record.skills, "skill") };
  return fitting.length === 0 ? undefined : { record: { ...record, ...shown }, state };
}

/** Returns the version that gets the next call: one that offers the function, and answers if any of these does. */
export function routeTo(
  book: NodeBook,
  rotation: Rotation,
  {
    nodeId,
    fn,
    version: kept,
    nowMs,
  }: { readonly nodeId: string; readonly fn: string; readonly version?: string; readonly nowMs: number },
): Result<RoutedNode> {
  const views = book.headsOf(nodeId).map((head) => book.viewOf(head, nowMs));
  if (views.length === 0) return refuse("not_found", `agent '${nodeId}' not found`);
  const offering = views.flatMap((view) => {
    const found = outlineOf(view.record).find(({ id }) => id === fn);
    const { weight } = view.state;
    return found ? [{ view, kind: found.kind, tags: found.tags, version: view.record.version, weight }] : [];
  });
  if (offering.length === 0) return refuse("target_not_found", missing(nodeId, fn, views));
  const up = offering.filter(({ view }) => view.state.health !== "inactive");
  // While none is there a call waits for the one that it is meant for.
  const candidates = up.length > 0 ? up : offering;
  const picked = candidates.find(({ version }) => version === kept) ?? rotation.pick(nodeId, up) ?? offering[0];
  if (!picked) return refuse("target_not_found", missing(nodeId, fn, views));
  const { view, kind, tags } = picked;
  const { version, baseUrl, deployment, invocationUrl, maxConcurrent } = view.record;
  const { owner, instanceId } = view.state;
  const presence = up.length > 0 ? "up" : "down";
  return accept({
    ...{ nodeId, version, baseUrl, deployment, invocationUrl, owner, instanceId, kind, fn, presence },
    offeredBy: candidates.map((one) => one.version),
    ...{ tags, dispatchMs: dispatchMsOf(view.record.more), limit: maxConcurrent ?? undefined },
    inputSchema: inputSchemaOf(view.record, { fn, kind }),
  });
}

function inputSchemaOf(
  { validateInput, reasoners, skills }: NodeView["record"],
  { fn, kind }: Pick<RoutedNode, "fn" | "kind">,
): RoutedNode["inputSchema"] {
  if (!validateInput) return undefined;
  const found = (kind === "skill" ? skills : reasoners).find(({ id }) => id === fn);
  return found?.inputSchema ?? undefined;
}

const DEFAULT_DISPATCH_MS = 900_000;

/** A node says in seconds how long one call of it may take. */
function dispatchMsOf({ dispatch_timeout: seconds }: Readonly<Record<string, unknown>>): number {
  return typeof seconds === "number" && seconds > 0 && seconds <= 604_800 ? seconds * 1_000 : DEFAULT_DISPATCH_MS;
}

function missing(nodeId: string, fn: string, views: readonly NodeView[]): string {
  const names = [...new Set(views.flatMap(({ record }) => outlineOf(record).map(({ id }) => id)))];
  const more = names.length > MOST_NAMED ? ` and ${names.length - MOST_NAMED} more` : "";
  const meant = nearest(fn, names);
  const hint = meant === undefined ? "" : `; did you mean "${nodeId}.${meant}"?`;
  return `target '${fn}' not found on agent '${nodeId}', which has ${names.slice(0, MOST_NAMED).join(", ") || "no functions"}${more}${hint}`;
}
