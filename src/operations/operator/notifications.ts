/**
 * Where people are notified that executions of theirs wait for them: one address an owner, and one for the tenant, which is used
 * where the owner has none. What is sent there goes the way of webhooks.
 */
import type { z } from "zod";
import type { NotificationTarget } from "../../contract/notifications/endpoints.ts";
import type { NotificationRequest, NotificationsQuery } from "../../contract/notifications/requests.ts";
import type { Principal } from "../../domain/execution/principal.ts";
import { hasScope } from "../../domain/execution/principal.ts";
import { WebhookSecrets } from "../../domain/execution/webhook.ts";
import type { Refusal, Result } from "../../domain/values/fault.ts";
import { accept, refuse } from "../../domain/values/fault.ts";

interface Whose {
  readonly tenant: string;
  /** Empty: the tenant as a whole. */
  readonly owner: string;
}

interface Row extends Whose {
  readonly target: string;
  readonly updatedAtMs: number;
}

interface Parts {
  readonly store: {
    find(tenant: string, owners: readonly string[]): Promise<readonly Row[]>;
    put(whose: Whose, target: string, updatedAtMs: number): Promise<void>;
    remove(whose: Whose): Promise<void>;
  };
  /** Whether this deployment reaches an address. */
  readonly judge: (url: string) => Result<URL>;
  readonly seal: (whose: Whose, secrets: WebhookSecrets) => string;
  /** Throws when the key to it is missing. */
  readonly open: (whose: Whose, sealed: string) => string;
  readonly now: () => number;
}

type NotificationsFor = z.infer<typeof NotificationsQuery>["for"];

const TENANT = "";

export class Notifications {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async get(caller: Principal, which: NotificationsFor): Promise<Result<NotificationTarget>> {
    const whose = whoseOf(caller, which);
    if (!whose.ok) return whose;
    const [row] = await this.#parts.store.find(caller.tenant, [whose.value.owner]);
    return accept({ for: which, kept: row && this.#shown(this.#opened(row), row.updatedAtMs) });
  }

  async set(
    caller: Principal,
    which: NotificationsFor,
    request: z.infer<typeof NotificationRequest>,
  ): Promise<Result<NotificationTarget>> {
    const whose = whoseOf(caller, which);
    if (!whose.ok) return whose;
    const { url, secret, headers } = request;
    const judged = this.#parts.judge(url);
    if (!judged.ok) return refuseUrl(judged);
    const { store, seal, now } = this.#parts;
    const secrets: WebhookSecrets = { url, headers: headers ?? {}, ...(secret ? { secret } : {}) };
    const updatedAtMs = now();
    await store.put(whose.value, seal(whose.value, secrets), updatedAtMs);
    return accept({ for: which, kept: this.#shown(secrets, updatedAtMs) });
  }

  async remove(caller: Principal, which: NotificationsFor): Promise<Result<null>> {
    const whose = whoseOf(caller, which);
    if (!whose.ok) return whose;
    await this.#parts.store.remove(whose.value);
    return accept(null);
  }

  /** Where people are notified: at the own address of the first that has one, else at that of their tenant. */
  async targetOf(tenant: string, people: readonly string[]): Promise<WebhookSecrets | undefined> {
    const places = [...people, TENANT];
    const rows = await this.#parts.store.find(tenant, places);
    const row = places.flatMap((owner) => rows.find((one) => one.owner === owner) ?? [])[0];
    return row && this.#opened(row);
  }

  #opened(row: Row): WebhookSecrets {
    return WebhookSecrets.parse(JSON.parse(this.#parts.open(row, row.target)));
  }

  #shown({ url, secret, headers }: WebhookSecrets, updatedAtMs: number): NotificationTarget["kept"] {
    const { origin, pathname, search } = new URL(url);
    const address = `${origin}${pathname}${search === "" ? "" : "?…"}`;
    return { address, signed: secret !== undefined, headerNames: Object.keys(headers), updatedAtMs };
  }
}

function whoseOf(caller: Principal, which: NotificationsFor): Result<Whose> {
  const { tenant, subject } = caller;
  if (which === "own") return accept({ tenant, owner: subject });
  if (hasScope(caller, "admin")) return accept({ tenant, owner: TENANT });
  return refuse("forbidden_scope", 'for=tenant: the address of the whole tenant needs the scope "admin"');
}

function refuseUrl({ detail: message }: Refusal): Refusal {
  return refuse("address_refused", `url: ${message}`, [{ path: "url", message }]);
}
