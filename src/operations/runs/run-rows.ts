/**
 * The executions of a run as they are now: rows of the index, and what live actors know better.
 *
 * - A row that ended a while ago is final. Any other execution is asked itself, and so are the children it names: so a
 *   tree is right at once, even if the index does not know all of it yet.
 * - The way leads upwards too: a row whose parent the index does not know yet asks for the parent.
 * - An execution of another run, another tenant or another user does not exist here.
 * - A parent of another user is one only when its own log names the child: what a child says of it is no proof.
 */
import { listedFor } from "../../domain/execution/access.ts";
import type { Principal } from "../../domain/execution/principal.ts";
import { isTerminal } from "../../domain/execution/status.ts";
import { firstPage, PAGE_BYTES, PageRoom } from "../../domain/read-models/page-room.ts";
import type { RunLineage, RunMember, RunNotes, RunWebhook } from "../../domain/read-models/run-member.ts";
import { summaryOfCall, summaryOfLink } from "../../domain/read-models/run-member.ts";
import type { ExecutionSummary } from "../../domain/read-models/summary.ts";
import { mapBounded } from "../bounded.ts";
import type { ExecutionClient, RunRegistry } from "../ports.ts";

export interface RunParts {
  readonly client: ExecutionClient;
  readonly registry: RunRegistry;
  readonly now: () => number;
  readonly pause: (ms: number) => Promise<void>;
  /** Whether an agent is none of the code's: what works at its executions may have reported calls. */
  readonly isRemote: (agent: string) => boolean;
}

export interface RunRows {
  readonly rows: ReadonlyMap<string, ExecutionSummary>;
  /** Of each execution that was asked for them. The others have some that are not in this answer. */
  readonly notes: ReadonlyMap<string, RunNotes>;
  /** Of each execution that was asked and has one. */
  readonly webhooks: ReadonlyMap<string, RunWebhook>;
  readonly lineages: ReadonlyMap<string, RunLineage>;
  /** True when the run is larger than one answer. */
  readonly truncated: boolean;
}

export interface RunQuery {
  readonly runId: string;
  readonly notes: boolean;
  /** The roots are asked for theirs: a start may register one, and the children of a program have none. */
  readonly webhooks?: boolean | undefined;
  /** Calls within nodes are rows too: not of executions, and nothing can be asked of them. */
  readonly calls?: boolean | undefined;
}

const MAX_ROWS = 5_000;
/** Of rows: each becomes one or two nodes of about its size. */
const MAX_ROW_BYTES = 4 * PAGE_BYTES;
/** Of notes: each is in the tree and in the timeline. */
const MAX_NOTE_BYTES = PAGE_BYTES / 2;
/** Members that are asked at once for their notes, of which each may bring a page. */
const NOTED_AT_ONCE = 20;
/** A request may make 1,000 calls to others. */
const MAX_ASKED = 900;
/** The index is fresh within a second; this long after its end a row counts as final, with its children's. */
const SETTLED_MS = 60_000;
/** A run the index has not heard of yet: its row is on the way. */
const READ_DELAYS_MS = [25, 50, 100, 200, 400];

export async function readRun(parts: RunParts, caller: Principal, query: RunQuery): Promise<RunRows> {
  const { runId } = query;
  const found = await indexed(parts, caller, runId);
  const gathering = new Gathering(query, parts);
  const rows = firstPage(found, { items: MAX_ROWS, bytes: MAX_ROW_BYTES });
  for (const row of rows) gathering.add(row);
  let asked = 0;
  for (let ids = gathering.toAsk(); ids.length > 0 && asked < MAX_ASKED; ids = gathering.toAsk()) {
    const wantsNotes = gathering.wantsNotes;
    const now = ids.slice(0, Math.min(MAX_ASKED - asked, wantsNotes ? NOTED_AT_ONCE : MAX_ASKED));
    asked += now.length;
    const members = await mapBounded(now, (id) => parts.client.member(caller, id, { notes: wantsNotes }));
    members.forEach((member, at) => {
      gathering.heard(now[at] ?? "", member.ok ? member.value : undefined);
    });
  }
  const { told, webhooks, lineages } = gathering;
  return {
    rows: gathering.held(),
    notes: told,
    webhooks,
    lineages,
    truncated: found.length > rows.length || gathering.hasMoreCalls || gathering.toAsk().length > 0,
  };
}

async function indexed({ registry, pause }: RunParts, caller: Principal, runId: string): Promise<ExecutionSummary[]> {
  let rows = await registry.ofRun(listedFor(caller), { runId, limit: MAX_ROWS + 1 });
  for (const ms of READ_DELAYS_MS) {
    if (rows.length > 0) return rows;
    await pause(ms);
    rows = await registry.ofRun(listedFor(caller), { runId, limit: MAX_ROWS + 1 });
  }
  return rows;
}

class Gathering {
  readonly rows = new Map<string, ExecutionSummary>();
  readonly told = new Map<string, RunNotes>();
  readonly webhooks = new Map<string, RunWebhook>();
  readonly lineages = new Map<string, RunLineage>();
  /** Rows of calls within nodes, by their ids. */
  readonly #calls = new Map<string, ExecutionSummary>();
  /** True when there were more than one answer shows. */
  hasMoreCalls = false;
  readonly #asked = new Set<string>();
  /** Ids of children that a parent's log names and whose rows are not known yet. */
  readonly #named = new Set<string>();
  /** Child → the parent whose log names it. */
  readonly #parents = new Map<string, string>();
  readonly #runId: string;
  readonly #now: number;
  readonly #mayHaveCalls: (agent: string) => boolean;
  readonly #room = new PageRoom({ bytes: MAX_NOTE_BYTES });
  readonly #asksRoots: boolean;
  #wantsNotes: boolean;

  constructor(
    { runId, notes, webhooks = false, calls = false }: RunQuery,
    { now, isRemote }: Pick<RunParts, "now" | "isRemote">,
  ) {
    this.#runId = runId;
    this.#now = now();
    this.#mayHaveCalls = calls ? isRemote : () => false;
    this.#wantsNotes = notes;
    this.#asksRoots = webhooks;
  }

  /** False once the answer has no more room for them. */
  get wantsNotes(): boolean {
    return this.#wantsNotes;
  }

  add(row: ExecutionSummary): void {
    const known = this.rows.get(row.id);
    if (!known || known.seq < row.seq) this.rows.set(row.id, row);
  }

  heard(id: string, member: RunMember | undefined): void {
    this.#asked.add(id);
    if (!member) return void this.told.set(id, { notes: [], next: null });
    if (member.summary.runId !== this.#runId) return void this.rows.delete(id);
    this.add(member.summary);
    if (member.webhook) this.webhooks.set(id, member.webhook);
    if (member.lineage) this.lineages.set(id, member.lineage);
    if (this.#mayHaveCalls(member.summary.agent)) this.#hearCalls(member);
    if (member.notes) this.#tell(id, member.notes);
    for (const link of member.children) {
      this.#parents.set(link.childId, id);
      if (!this.rows.has(link.childId)) this.add(summaryOfLink(member.summary, link));
      if (this.rows.get(link.childId)?.seq === 0) this.#named.add(link.childId);
    }
  }

  #hearCalls({ summary, calls = [] }: RunMember): void {
    for (const call of calls) {
      if (this.#calls.size >= MAX_ROWS) this.hasMoreCalls = true;
      else this.#calls.set(call.id, summaryOfCall(summary, call));
    }
  }

  #tell(id: string, { notes, next }: RunNotes): void {
    const end = this.#wantsNotes ? notes.findIndex((note) => !this.#room.take(note)) : 0;
    if (end < 0 || notes.length === 0) return void this.told.set(id, { notes, next });
    this.#wantsNotes = false;
    this.told.set(id, { notes: notes.slice(0, end), next: notes[end - 1]?.seq ?? 0 });
  }

  /** The rows, each under a parent only where that edge is more than the child's own word. */
  held(): ReadonlyMap<string, ExecutionSummary> {
    const held = [...this.rows.values()].map((row) => (this.#isWord(row) ? { ...row, parentId: null } : row));
    return new Map([...this.#calls, ...held.map((row) => [row.id, row] as const)]);
  }

  /** True when it names a parent of another user, whose log does not name it. */
  #isWord({ id, owner, parentId }: ExecutionSummary): boolean {
    const parent = parentId === null ? undefined : this.rows.get(parentId);
    return parent !== undefined && parent.owner !== owner && this.#parents.get(id) !== parent.id;
  }

  /** Returns the executions to ask: those not final or only named so far; while there is room for notes, all of them. */
  toAsk(): string[] {
    const wanted = new Set(this.#named);
    for (const row of this.rows.values()) {
      const settled = this.#isSettled(row);
      const { parentId } = row;
      const isAsked =
        !settled || this.#wantsNotes || this.#mayHaveCalls(row.agent) || (this.#asksRoots && parentId === null);
      if (isAsked) wanted.add(row.id);
      if (parentId !== null && this.#isWord(row)) wanted.add(parentId);
      if (settled || parentId === null || this.rows.has(parentId)) continue;
      wanted.add(parentId);
    }
    return [...wanted].filter((id) => !this.#asked.has(id));
  }

  #isSettled({ status, updatedAtMs }: ExecutionSummary): boolean {
    return isTerminal(status) && updatedAtMs < this.#now - SETTLED_MS;
  }
}
