/**
 * Tells agents at their own address that there is work. A hint and no more: it is tried once, says nothing of the work itself, and an
 * agent that does not hear of it finds the work with its next poll.
 *
 * - One that was told is not told again until it has polled, or a minute has passed.
 * - Few are told at once, because the platform holds few connections open; the others are told of the next work.
 */
import type { PollingAgent } from "../../domain/node/polling-agent.ts";
import type { WorkOffer } from "../../domain/node/work-offer.ts";
import type { OutboundFetch } from "../../domain/values/outbound.ts";
import { signWebhook, webhookId } from "../../vault/sign-webhook.ts";

const TIMEOUT_MS = 5_000;
const MAX_ANSWER_BYTES = 1_024;
const AGAIN_MS = 60_000;
const MOST_AT_ONCE = 4;

interface Parts {
  readonly outbound: OutboundFetch;
  readonly now: () => number;
  /** Runs on behind the answer. */
  readonly behind: (work: Promise<unknown>) => void;
  readonly log: (entry: Readonly<Record<string, unknown>>) => void;
}

export class WorkPushes {
  readonly #parts: Parts;
  /** When each agent was told that has not polled since. */
  readonly #told = new Map<string, number>();
  #open = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Forgets what an agent was told: it asks by itself now. */
  polled(agentId: string): void {
    this.#told.delete(agentId);
  }

  /** `agents`: those that may do it, and do not wait for it already. */
  tell(offer: WorkOffer, agents: readonly PollingAgent[]): void {
    const { now, behind } = this.#parts;
    for (const agent of agents) {
      const nowMs = now();
      if (this.#open >= MOST_AT_ONCE) return;
      if (agent.webhookUrl === null || nowMs - (this.#told.get(agent.id) ?? Number.NEGATIVE_INFINITY) < AGAIN_MS)
        continue;
      this.#told.set(agent.id, nowMs);
      this.#open += 1;
      behind(this.#push(offer, agent, agent.webhookUrl));
    }
  }

  async #push({ tenant, executionId, seq }: WorkOffer, agent: PollingAgent, url: string): Promise<void> {
    const { outbound, now, log } = this.#parts;
    const atMs = now();
    const told = { event: "work.available", agent_id: agent.id, execution_id: executionId };
    const body = JSON.stringify({
      ...told,
      poll: `/api/agents/${agent.id}/work`,
      timestamp: new Date(atMs).toISOString(),
    });
    const id = webhookId([tenant, agent.id, executionId, String(seq)]);
    const signed = signWebhook(agent.webhookSecret ?? undefined, { id, atMs, body });
    const headers = { "content-type": "application/json", "user-agent": "errand", ...signed };
    try {
      const request = {
        method: "POST",
        url,
        headers,
        body,
        timeoutMs: TIMEOUT_MS,
        maxBytes: MAX_ANSWER_BYTES,
      } as const;
      const answer = await outbound(request);
      const failed = answer.ok ? (answer.status > 299 ? `it answered ${answer.status}` : undefined) : answer.detail;
      if (failed !== undefined)
        log({ level: "warn", message: "an agent could not be told of work", agent: agent.id, error: failed });
    } finally {
      this.#open -= 1;
    }
  }
}
