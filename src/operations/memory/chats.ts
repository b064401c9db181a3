/** Sockets of conversations: whose they are, and the way to the object that holds them. */

import { threadId } from "../../define/execution/thread.ts";
import { CHAT } from "../../define/roles/role-targets.ts";
import type { Principal } from "../../domain/execution/principal.ts";
import type { Result } from "../../domain/values/fault.ts";
import { FAULTS } from "../../domain/values/fault.ts";
import type { Executions } from "../executions/executions.ts";
import type { Catalog } from "../ports.ts";
import { resolveTarget } from "../target.ts";
import type { MemoryClient } from "./ports.ts";

export interface AskedChat {
  readonly sessionId: string;
  readonly agent: string;
  /** The last event that the reader has; absent: it has nothing yet. */
  readonly after?: number | undefined;
  /** Whether it answers when it is asked how far it has read. */
  readonly asks: boolean;
}

export class Chats {
  readonly #parts: { readonly client: Pick<MemoryClient, "chat">; readonly catalog: Catalog };

  constructor(parts: { readonly client: Pick<MemoryClient, "chat">; readonly catalog: Catalog }) {
    this.#parts = parts;
  }

  /** The object's own socket (101), or the refusal in its place. The conversation is the caller's own. */
  async open(caller: Principal, { sessionId, agent, after, asks }: AskedChat): Promise<Response> {
    const found = resolveTarget(this.#parts.catalog, `${agent}.${CHAT}`, "execution");
    if (!found.ok) return Response.json(found, { status: FAULTS[found.code].status });
    const { tenant, subject: owner } = caller;
    const place = { tenant, owner, scope: "thread", scopeId: threadId(sessionId, agent) } as const;
    return this.#parts.client.chat(caller, place, { after, asks });
  }
}

/** Starts the answer to a message of a socket; sent again it is the same execution. */
export async function startAnswer(
  { executions, digest }: { readonly executions: Pick<Executions, "start">; readonly digest: (text: string) => string },
  caller: Principal,
  { sessionId, agent, id, text }: { sessionId: string; agent: string; id: string; text: string },
): Promise<Result<string>> {
  const key = `chat-${digest(JSON.stringify([sessionId, agent, id]))}`;
  const started = await executions.start(caller, {
    ...{ target: `${agent}.${CHAT}`, input: { message: text }, budget: undefined, metadata: undefined },
    ...{ context: undefined, deadlineMs: undefined, waitMs: 0 },
    headers: { "x-session-id": sessionId, "idempotency-key": key },
  });
  return started.ok ? { ok: true, value: started.value.state.origin.id } : started;
}
