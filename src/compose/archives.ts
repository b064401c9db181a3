import { objectId } from "../actors/platform/execution-ids.ts";
import { TextCut } from "../actors/platform/text-pieces.ts";
import { opened } from "../actors/storage/opened.ts";
import type { Refusal } from "../domain/values/fault.ts";
import { refuse } from "../domain/values/fault.ts";
import { Archives } from "../operations/executions/archives.ts";
import type { ExecutionClient, TextStore } from "../operations/ports.ts";
import { sealerOf } from "../vault/configured.ts";
import { shortDigest } from "../vault/digest.ts";
import type { Env } from "./environment/env.ts";

/** Archives, checked with the keys of the objects that wrote them: the objects themselves are gone. */
export function archivesOf(env: Env, client: ExecutionClient, store: TextStore): Archives {
  return new Archives({
    client,
    store,
    digest: shortDigest,
    chainOf: (tenant, id) => {
      const object = objectId(env.EXECUTIONS, tenant, id);
      const sealer = object && sealerOf(env, object.toString());
      return (...asked) => sealer?.nextHeadOf(...asked);
    },
    refusalOf,
  });
}

function refusalOf(error: unknown): Refusal | undefined {
  if (error instanceof TextCut)
    return refuse("archive_damaged", `the archive is not what was written: ${error.message}`);
  try {
    const found = opened(() => {
      throw error;
    });
    return found.ok ? undefined : found;
  } catch {
    return undefined;
  }
}
