/** What a start hears when its id or its idempotency key was used before, by an execution whose object is gone. */

import { mayAct } from "../../domain/execution/access.ts";
import type { CreateCommand } from "../../domain/execution/command.ts";
import { isChosenId } from "../../domain/execution/execution-id.ts";
import type { Principal } from "../../domain/execution/principal.ts";
import type { Tombstone } from "../../domain/read-models/tombstone.ts";
import { refuseBuried } from "../../domain/read-models/tombstone.ts";
import type { Refusal } from "../../domain/values/fault.ts";
import { refuse } from "../../domain/values/fault.ts";

export interface UsedName {
  readonly caller: Principal;
  readonly command: CreateCommand;
  readonly find: (tenant: string, id: string) => Promise<Tombstone | undefined>;
}

/** `undefined` when the name is free; it counts as free while the index does not answer. Asks nothing for unnamed starts. */
export async function usedName({ caller, command: { origin }, find }: UsedName): Promise<Refusal | undefined> {
  if (!origin.named) return undefined;
  const buried = await find(origin.tenant, origin.id).catch(() => undefined);
  if (!buried) return undefined;
  return mayAct(caller, "read", buried) ? refuseBuried(buried, origin.digest) : taken(origin.id);
}

/** Only a chosen id can be another user's already: that the caller learns, and nothing more. */
export function taken(executionId: string): Refusal {
  return isChosenId(executionId) ? refuse("id_taken", "another execution of this tenant has this id") : unknown();
}

/** The same for an execution that does not exist and for one that is not the caller's. */
export function unknown(): Refusal {
  return refuse("not_found", "there is no such execution");
}
