/**
 * Makes ids of executions and says which object an id means. The check in an id is keyed with a secret of the deployment and
 * made over the tenant too: a made-up id, and one of another tenant, is refused before its object is reached for (E10).
 *
 * Until the secret is known ids are made without a check. They are right all the same; only an index that knows them tells
 * them from made-up ones.
 */

import type { IdParts } from "../../domain/execution/execution-id.ts";
import { checkedHex, formatExecutionId, isChosenId, parseExecutionId } from "../../domain/execution/execution-id.ts";
import { LruCache } from "../../domain/values/lru-cache.ts";
import { namespaceOf } from "./jurisdiction.ts";

/** Most ids that an isolate remembers as made by this deployment: the digest that proves it costs as much as a row. */
const REMEMBERED = 5_000;

export interface ExecutionIdParts {
  readonly namespace: DurableObjectNamespace;
  /** The secret of the check; `undefined` until it is known. */
  readonly secret: () => string | undefined;
  /** Keyed digest as 16 hex digits. */
  readonly digest: (secret: string, text: string) => string;
}

export class ExecutionIds {
  readonly #parts: ExecutionIdParts;
  readonly #made = new LruCache<string, true>(REMEMBERED);

  constructor(parts: ExecutionIdParts) {
    this.#parts = parts;
  }

  /** An id that was never used. `shard`: the intake shard that may have a ticket of it; 0 for none. */
  fresh(tenant: string, shard = 0): string {
    return this.#idOf(tenant, {
      objectHex: namespaceOf(this.#parts.namespace, tenant).newUniqueId().toString(),
      shard,
    });
  }

  /** The id that always belongs to these words; the first says what kind of name it is. With another shard it is another id of the same object. */
  named(tenant: string, words: readonly string[], shard = 0): string {
    return this.#idOf(tenant, {
      objectHex: named(this.#parts.namespace, tenant, words).toString(),
      shard,
    });
  }

  #idOf(tenant: string, parts: IdParts): string {
    const check = this.#checkOf(tenant, parts);
    const id = formatExecutionId({ ...parts, ...(check === undefined ? {} : { check }) });
    if (check !== undefined) this.#made.set(nameOf(tenant, id), true);
    return id;
  }

  #checkOf(tenant: string, parts: IdParts): string | undefined {
    const secret = this.#parts.secret();
    return secret === undefined ? undefined : this.#parts.digest(secret, JSON.stringify([tenant, checkedHex(parts)]));
  }

  /** Whether an id was made for this tenant: `unsure` where it has no check, `unchecked` where it has one and the secret is not known. */
  judge(tenant: string, id: string): "made" | "made_up" | "unsure" | "unchecked" {
    const name = nameOf(tenant, id);
    if (this.#made.get(name)) return "made";
    const parts = parseExecutionId(id);
    if (!parts) return isChosenId(id) ? "unsure" : "made_up";
    const check = this.#checkOf(tenant, parts);
    if (parts.check === undefined) return "unsure";
    if (check === undefined) return "unchecked";
    if (parts.check !== check) return "made_up";
    this.#made.set(name, true);
    return "made";
  }
}

/** No tenant's name holds a line break. */
const nameOf = (tenant: string, id: string) => `${tenant}\n${id}`;

/** The object behind an id, or `undefined` when the text is no id of this namespace. Checks nothing. */
export function objectId(
  namespace: DurableObjectNamespace,
  tenant: string,
  executionId: string,
): DurableObjectId | undefined {
  if (isChosenId(executionId)) return named(namespace, tenant, ["id", tenant, executionId]);
  const parts = parseExecutionId(executionId);
  if (parts === undefined) return undefined;
  try {
    return namespace.idFromString(parts.objectHex);
  } catch {
    return undefined;
  }
}

/** As JSON, because no two lists of words are one text then. */
function named(namespace: DurableObjectNamespace, tenant: string, words: readonly string[]): DurableObjectId {
  return namespaceOf(namespace, tenant).idFromName(JSON.stringify(words));
}
