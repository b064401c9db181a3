/**
 * All nodes of one tenant in memory, over their rows. Signs of life change memory only; a registration, an operator's word
 * and a change that a look finds are written. What is not the caller's to run does not exist for its commands.
 */
import { owns } from "../../domain/execution/access.ts";
import type { Principal } from "../../domain/execution/principal.ts";
import type { NodeRecord, NodeState, NodeView, Registration } from "../../domain/node/node.ts";
import { DEFAULT_WEIGHT, NODE_LIMITS } from "../../domain/node/node.ts";
import type { NodeChange } from "../../domain/node/node-command.ts";
import type { Beat, Presence } from "../../domain/node/presence.ts";
import * as presence from "../../domain/node/presence.ts";
import type { Refusal, Result } from "../../domain/values/fault.ts";
import { accept, refuse } from "../../domain/values/fault.ts";
import { unreachable } from "../../domain/values/json.ts";
import type { Limits } from "../../domain/values/limits.ts";
import { inWords } from "../../domain/values/limits.ts";
import type { NodeHead, NodeRows } from "./node-rows.ts";

/** After it was loaded, what is silent counts as heard of for so long: it was this process that was away. */
const GRACE_MS = presence.PRESENCE_TTL_MS / 2;

interface Known {
  readonly head: NodeHead;
  /** As it is on disk. */
  readonly stored: Presence;
}

export class NodeBook {
  readonly #rows: NodeRows;
  readonly #limits: Limits;
  readonly #loadedAtMs: number;
  readonly #nodes = new Map<string, Map<string, Known>>();
  #count = 0;

  constructor(rows: NodeRows, limits: Limits, nowMs: number) {
    this.#rows = rows;
    this.#limits = limits;
    this.#loadedAtMs = nowMs;
    for (const head of rows.heads()) this.#keep({ head, stored: head.presence });
  }

  /** In their order. */
  get ids(): string[] {
    return [...this.#nodes.keys()].sort();
  }

  /** Its versions, the one that registered last first. */
  headsOf(id: string): NodeHead[] {
    const heads = this.#of(id).map(({ head }) => head);
    return heads.sort((a, b) => b.registeredAtMs - a.registeredAtMs || (a.version < b.version ? 1 : -1));
  }

  recordOf({ id, version }: NodeHead): NodeRecord {
    return this.#rows.record(id, version).record;
  }

  viewOf(head: NodeHead, nowMs: number): NodeView {
    return { record: this.recordOf(head), state: this.stateOf(head, nowMs) };
  }

  stateOf({ owner, weight, registeredAtMs, deployment, presence: known }: NodeHead, nowMs: number): NodeState {
    const { lifecycle, stopped, healthScore, instanceId, seenAtMs } = known;
    const heardAtMs = Math.max(seenAtMs, this.#loadedAtMs - presence.PRESENCE_TTL_MS + GRACE_MS);
    const health = presence.healthOf({ ...known, seenAtMs: heardAtMs }, deployment, nowMs);
    const said = { owner, weight, registeredAtMs, health, lifecycle, stopped, healthScore, instanceId };
    return { ...said, lastHeartbeatMs: seenAtMs };
  }

  /** Writes nothing where nothing changed: SDKs register again whenever a heartbeat of theirs was lost. */
  register({ subject }: Principal, registration: Registration, nowMs: number): Result<NodeHead> {
    const { record, weight, instanceId, lifecycle } = registration;
    const { id, version, deployment } = record;
    const known = this.#nodes.get(id)?.get(version);
    const refusal = this.#refusal(subject, record);
    if (refusal) return refusal;
    const heard = presence.registeredPresence(known?.head.presence, beatOf({ lifecycle, instanceId }), nowMs);
    const share = weight ?? known?.head.weight ?? DEFAULT_WEIGHT;
    const text = JSON.stringify(record);
    const isSame = known && known.head.weight === share && this.#rows.record(id, version).text === text;
    const registeredAtMs = isSame ? known.head.registeredAtMs : nowMs;
    const head = { id, version, owner: subject, weight: share, deployment, registeredAtMs, presence: heard };
    if (!isSame) this.#rows.put(head, text);
    else if (!presence.isSameButForTime(known.stored, heard)) this.#rows.putPresence(head);
    this.#keep({ head, stored: heard });
    return accept(head);
  }

  #refusal(subject: string, { id, version }: NodeRecord): Refusal | undefined {
    const versions = this.#of(id);
    if (versions.some(({ head }) => head.owner !== subject))
      return refuse("node_taken", `the node "${id}" is registered by another owner`);
    if (this.#nodes.get(id)?.has(version)) return undefined;
    if (versions.length >= NODE_LIMITS.versions)
      return refuse(
        "too_many_nodes",
        `the node "${id}" has ${versions.length} versions, and at most that many are kept`,
      );
    return this.#count < this.#limits.nodes ? undefined : refuse("too_many_nodes", inWords("nodes", this.#limits));
  }

  /** A sign of life, in memory only. Without a version that is known, of all versions. False when there is no such node. */
  hear(
    caller: Principal,
    id: string,
    said: { readonly version: string | undefined; readonly beat: Beat; nowMs: number },
  ) {
    const own = this.#own(caller, id);
    const meant = own.filter(({ head }) => head.version === said.version);
    for (const { head, stored } of meant.length > 0 ? meant : own)
      this.#keep({ head: { ...head, presence: presence.heardPresence(head.presence, said.beat, said.nowMs) }, stored });
    return own.length > 0;
  }

  /** What an operator says is on disk when this returns. False when there is no such node, or no such version. */
  change(caller: Principal, id: string, { change, nowMs }: { readonly change: NodeChange; readonly nowMs: number }) {
    const own = this.#own(caller, id);
    const version = "version" in change ? change.version : undefined;
    const named = own.filter(({ head }) => head.version === version);
    const meant = change.type === "weigh" || named.length > 0 ? named : own;
    for (const known of meant) {
      const head = changed(known.head, change, nowMs);
      if (head.weight !== known.head.weight) this.#rows.putWeight(head);
      this.#write({ head, stored: known.stored });
    }
    return meant.length > 0;
  }

  remove(caller: Principal, id: string): boolean {
    const own = this.#own(caller, id);
    if (own.length === 0) return false;
    this.#rows.remove(id);
    this.#nodes.delete(id);
    this.#count -= own.length;
    return true;
  }

  /** When the next one is to be asked; `undefined`: none is. */
  nextLookMs(): number | undefined {
    const due = this.#all().flatMap(({ head }) => presence.lookDueMs(head.presence, head.deployment) ?? []);
    return due.length === 0 ? undefined : Math.min(...due);
  }

  /** Whether one that was there did not answer the last look. */
  hasMissed(): boolean {
    return this.#all().some(({ head }) => presence.isMissing(head.presence));
  }

  /** Nodes that are to be asked now, the most overdue first. */
  dueLooks(nowMs: number, limit: number): NodeHead[] {
    const due = this.#all().flatMap(({ head }) => {
      const atMs = presence.lookDueMs(head.presence, head.deployment);
      return atMs === undefined || atMs > nowMs ? [] : [{ head, atMs }];
    });
    const sorted = due.sort((a, b) => a.atMs - b.atMs);
    return sorted.slice(0, limit).map(({ head }) => head);
  }

  /** Takes an answer, or that none came; not of a node that was heard of, changed or removed meanwhile. */
  looked({ id, version, presence: asked }: NodeHead, answered: boolean, nowMs: number): void {
    const known = this.#nodes.get(id)?.get(version);
    if (known?.head.presence !== asked) return;
    this.#keep({ ...known, head: { ...known.head, presence: presence.lookedPresence(asked, answered, nowMs) } });
  }

  /** Writes what signs of life and looks changed since the last time, instants apart. */
  flush(): void {
    for (const known of this.#all()) this.#write(known);
  }

  #write({ head, stored }: Known): void {
    const isSame = presence.isSameButForTime(stored, head.presence);
    if (!isSame) this.#rows.putPresence(head);
    this.#keep({ head, stored: isSame ? stored : head.presence });
  }

  #keep(known: Known): void {
    const { id, version } = known.head;
    const versions = this.#nodes.get(id) ?? new Map<string, Known>();
    if (!versions.has(version)) this.#count += 1;
    versions.set(version, known);
    this.#nodes.set(id, versions);
  }

  #of(id: string): Known[] {
    return [...(this.#nodes.get(id)?.values() ?? [])];
  }

  /** Versions of the node that this caller may command. */
  #own(caller: Principal, id: string): Known[] {
    return this.#of(id).filter(({ head }) => owns(caller, head));
  }

  #all(): Known[] {
    return [...this.#nodes.values()].flatMap((versions) => [...versions.values()]);
  }
}

function beatOf(said: Pick<Beat, "lifecycle" | "instanceId">): Beat {
  return { ...said, healthScore: undefined };
}

function changed(head: NodeHead, change: NodeChange, nowMs: number): NodeHead {
  const { presence: known } = head;
  switch (change.type) {
    case "lifecycle": {
      const beat = { lifecycle: change.lifecycle, healthScore: undefined, instanceId: undefined };
      return { ...head, presence: presence.heardPresence(known, beat, nowMs) };
    }
    case "stop":
      return { ...head, presence: { ...known, stopped: true } };
    case "start":
      return { ...head, presence: { ...known, stopped: false, watched: true, misses: 0, seenAtMs: nowMs } };
    case "unwatch":
      return { ...head, presence: { ...known, watched: false } };
    case "weigh":
      return { ...head, weight: change.weight };
  }
  return unreachable(change);
}
