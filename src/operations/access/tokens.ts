/**
 * Short-lived leave to watch: what a browser puts into a URL, where a key must never be.
 *
 * - A token opens one stream and nothing else, for the caller who asked for it, ten minutes at most.
 * - It dies with its key: a caller that revokes the key revokes the key's tokens too.
 */
import type { z } from "zod";
import type { TokenRequest } from "../../contract/access/tokens.ts";
import type { Scope } from "../../domain/execution/principal.ts";
import { hasScope } from "../../domain/execution/principal.ts";
import type { Result } from "../../domain/values/fault.ts";
import { accept, refuse } from "../../domain/values/fault.ts";
import type { ExecutionClient } from "../ports.ts";
import type { ApiKeyAuthenticator, KeyHolder } from "./api-key-authenticator.ts";

const TOKEN_LIFE_MS = 600_000;

/** A node follows what it works on. */
const OPENS_STREAMS: ReadonlySet<Scope> = new Set(["read", "admin", "approve", "agent"]);
/** A client of a conversation says something too. */
const OPENS_CHATS: ReadonlySet<Scope> = new Set(["read", "admin", "execute"]);

/** A stream that a token opens; neither: the live list. */
export interface StreamNamed {
  readonly executionId?: string | undefined;
  readonly chat?: { readonly sessionId: string; readonly agent: string } | undefined;
}

export interface StreamGrant {
  readonly tenant: string;
  readonly subject: string;
  readonly scopes: readonly Scope[];
  readonly masked: boolean;
  /** The one stream that it opens. */
  readonly stream: StreamNamed;
  readonly keyHash: string | undefined;
  readonly expiresAtMs: number;
}

export interface StreamTokensParts {
  readonly client: Pick<ExecutionClient, "view">;
  readonly ring: Pick<ApiKeyAuthenticator, "holderOfHash">;
  readonly now: () => number;
}

export class StreamTokens {
  readonly #parts: StreamTokensParts;

  constructor(parts: StreamTokensParts) {
    this.#parts = parts;
  }

  async grant({ caller, keyHash }: KeyHolder, request: z.infer<typeof TokenRequest>): Promise<Result<StreamGrant>> {
    const { execution_id: executionId, chat } = request;
    if (executionId === undefined && !hasScope(caller, "read")) {
      const what = chat ? "a conversation" : "the live list";
      return refuse("forbidden_scope", `a token for ${what} needs the scope "read"`);
    }
    if (executionId !== undefined) {
      const view = await this.#parts.client.view(caller, executionId);
      if (!view.ok) return view;
    }
    const { tenant, subject, scopes, masked = false } = caller;
    // A token carries whole seconds: rounded down, it never lives longer than it says.
    const expiresAtMs = Math.floor((this.#parts.now() + TOKEN_LIFE_MS) / 1_000) * 1_000;
    // A token opens nothing but streams.
    const opens = chat ? OPENS_CHATS : OPENS_STREAMS;
    const kept = scopes.filter((scope) => opens.has(scope));
    const stream = { executionId, chat: chat && { sessionId: chat.session_id, agent: chat.agent } };
    return accept({ tenant, subject, scopes: kept, masked, stream, keyHash, expiresAtMs });
  }

  /** Whom a token speaks for at this stream. */
  async holderFor(grant: StreamGrant, stream: StreamNamed): Promise<Result<KeyHolder>> {
    if (!isSame(grant.stream, stream)) return refuse("unauthorized", "this token is for another stream");
    if (grant.expiresAtMs <= this.#parts.now()) return expiredToken();
    const { tenant, subject, scopes, masked, expiresAtMs, keyHash } = grant;
    const caller = { tenant, subject, scopes, expiresAtMs, ...(masked ? { masked } : {}) };
    if (keyHash === undefined) return accept({ caller, operator: false });
    const key = await this.#parts.ring.holderOfHash(keyHash);
    if (!key.ok) return key;
    return accept({ ...key.value, caller: { ...caller, key: key.value.caller.key }, operator: false });
  }
}

function isSame(a: StreamNamed, b: StreamNamed): boolean {
  return a.executionId === b.executionId && a.chat?.sessionId === b.chat?.sessionId && a.chat?.agent === b.chat?.agent;
}

export function expiredToken() {
  return refuse("unauthorized", "this token has expired; ask POST /api/v1/tokens for a new one");
}
