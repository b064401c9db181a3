/**
 * Executions whose objects are gone: the index keeps a tombstone of named ones, the archive's object describes all others.
 * `withTombstones` wraps the door, so that a reader of such an id gets 410 instead of 404.
 */
import type { Caller } from "../../domain/caller.ts";
import { maySee } from "../../domain/caller.ts";
import { parseExecutionId } from "../../domain/execution-id.ts";
import type { Result } from "../../domain/fault.ts";
import { accept } from "../../domain/fault.ts";
import type { Tombstone } from "../../domain/tombstone.ts";
import { archiveKey, gone, Tombstone as Parsed } from "../../domain/tombstone.ts";
import type { ExecutionDoor } from "../../operations/ports.ts";

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
    const said = await about(archive);
    const parsed = Parsed.safeParse({ ...said, archive, tenant, id });
    return parsed.success ? parsed.data : undefined;
  };
}

export function withTombstones(door: ExecutionDoor, find: FindTombstone): ExecutionDoor {
  const buried = async (caller: Caller, id: string) => {
    const tombstone = await find(caller.tenant, id).catch(() => undefined);
    return tombstone && maySee(caller, tombstone) ? tombstone : undefined;
  };
  const or410 = async <T>(caller: Caller, id: string, answer: Result<T>): Promise<Result<T>> => {
    if (answer.ok || answer.code !== "not_found") return answer;
    const tombstone = await buried(caller, id);
    return tombstone ? gone(tombstone) : answer;
  };
  return {
    ...door,
    tell: async (caller, id, command) => or410(caller, id, await door.tell(caller, id, command)),
    view: async (caller, id, hold) => or410(caller, id, await door.view(caller, id, hold)),
    events: async (caller, id, page) => or410(caller, id, await door.events(caller, id, page)),
    effects: async (caller, id, query) => or410(caller, id, await door.effects(caller, id, query)),
    member: async (caller, id, options) => or410(caller, id, await door.member(caller, id, options)),
    invariants: async (caller, id, known) => or410(caller, id, await door.invariants(caller, id, known)),
    archive: async (caller, id) => {
      const answer = await door.archive(caller, id);
      if (answer.ok || answer.code !== "not_found") return answer;
      const tombstone = await buried(caller, id);
      if (!tombstone) return answer;
      const { archive: key, head } = tombstone;
      return key === undefined ? gone(tombstone) : accept({ key, head });
    },
    stream: async (caller, id, wanted) => {
      const answer = await door.stream(caller, id, wanted);
      const tombstone = answer.status === 404 ? await buried(caller, id) : undefined;
      return tombstone ? Response.json(gone(tombstone), { status: 410 }) : answer;
    },
  };
}
