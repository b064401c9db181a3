/**
 * Executions whose objects are gone: the index keeps a tombstone of named ones, the archive's object describes all others.
 * `withTombstones` wraps the client, so that a reader of such an id gets 410 instead of 404.
 */

import { mayAct } from "../../domain/execution/access.ts";
import { parseExecutionId } from "../../domain/execution/execution-id.ts";
import type { Principal } from "../../domain/execution/principal.ts";
import type { Tombstone } from "../../domain/read-models/tombstone.ts";
import { archiveKey, gone, Tombstone as Parsed } from "../../domain/read-models/tombstone.ts";
import type { Result } from "../../domain/values/fault.ts";
import { accept } from "../../domain/values/fault.ts";
import type { ExecutionClient } from "../../operations/ports.ts";

export interface TombstoneSources {
  /** The index. */
  readonly find: (tenant: string, id: string) => Promise<Tombstone | undefined>;
  /** What the archive's object says of itself; `undefined` when there is none. */
  readonly about: (key: string) => Promise<Readonly<Record<string, string>> | undefined>;
}

export type FindTombstone = (tenant: string, id: string) => Promise<Tombstone | undefined>;

/** Rejects while a source does not answer. */
export function tombstonesOf({ find, about }: TombstoneSources): FindTombstone {
  return async (tenant, id) => {
    const kept = await find(tenant, id);
    if (kept || !parseExecutionId(id)) return kept;
    const archive = archiveKey({ tenant, id });
    const metadata = await about(archive);
    const parsed = Parsed.safeParse({ ...metadata, archive, tenant, id });
    return parsed.success ? parsed.data : undefined;
  };
}

export function withTombstones(client: ExecutionClient, find: FindTombstone): ExecutionClient {
  const buried = async (caller: Principal, id: string) => {
    const tombstone = await find(caller.tenant, id).catch(() => undefined);
    return tombstone && mayAct(caller, "read", tombstone) ? tombstone : undefined;
  };
  const or410 = async <T>(caller: Principal, id: string, answer: Result<T>): Promise<Result<T>> => {
    if (answer.ok || answer.code !== "not_found") return answer;
    const tombstone = await buried(caller, id);
    return tombstone ? gone(tombstone) : answer;
  };
  return {
    ...client,
    dispatch: async (caller, id, command) => or410(caller, id, await client.dispatch(caller, id, command)),
    view: async (caller, id, hold) => or410(caller, id, await client.view(caller, id, hold)),
    events: async (caller, id, page) => or410(caller, id, await client.events(caller, id, page)),
    effects: async (caller, id, query) => or410(caller, id, await client.effects(caller, id, query)),
    member: async (caller, id, options) => or410(caller, id, await client.member(caller, id, options)),
    invariants: async (caller, id, known) => or410(caller, id, await client.invariants(caller, id, known)),
    archive: async (caller, id) => {
      const answer = await client.archive(caller, id);
      if (answer.ok || answer.code !== "not_found") return answer;
      const tombstone = await buried(caller, id);
      if (!tombstone) return answer;
      const { archive: key, head } = tombstone;
      return key === undefined ? gone(tombstone) : accept({ key, head });
    },
    stream: async (caller, id, wanted) => {
      const answer = await client.stream(caller, id, wanted);
      const tombstone = answer.status === 404 ? await buried(caller, id) : undefined;
      return tombstone ? Response.json(gone(tombstone), { status: 410 }) : answer;
    },
  };
}
