/** What a start hears when its id or its idempotency key was used before, by an execution whose object is gone. */
import type { Caller } from "../../domain/caller.ts";
import { maySee } from "../../domain/caller.ts";
import type { CreateCommand } from "../../domain/command.ts";
import { isChosenId } from "../../domain/execution-id.ts";
import type { Refusal } from "../../domain/fault.ts";
import { refuse } from "../../domain/fault.ts";
import type { Tombstone } from "../../domain/tombstone.ts";
import { refuseBuried } from "../../domain/tombstone.ts";

export interface UsedName {
  readonly caller: Caller;
  readonly command: CreateCommand;
  readonly find: (tenant: string, id: string) => Promise<Tombstone | undefined>;
}

/** `undefined` when the name is free; it counts as free while the index does not answer. Asks nothing for unnamed starts. */
export async function usedName({ caller, command: { origin }, find }: UsedName): Promise<Refusal | undefined> {
  if (!origin.named) return undefined;
  const buried = await find(origin.tenant, origin.id).catch(() => undefined);
  if (!buried) return undefined;
  return maySee(caller, buried) ? refuseBuried(buried, origin.digest) : taken(origin.id);
}

/** Only a chosen id can be another user's already: that the caller learns, and nothing more. */
export function taken(executionId: string): Refusal {
  return isChosenId(executionId) ? refuse("id_taken", "another execution of this tenant has this id") : unknown();
}

/** The same for an execution that does not exist and for one that is not the caller's. */
export function unknown(): Refusal {
  return refuse("not_found", "there is no such execution");
}
