/**
 * Sends the traces of executions that have ended to a collector, each minute, by the cron handler.
 *
 * - At least once: a mark in the index goes when the collector has taken the trace. Its ids never change, so a collector that
 *   gets one twice has it once.
 * - Bounded: so many executions and so much time a minute, so many spans a request. While the collector is away one request
 *   a tenant fails, and the marks stay.
 * - What the collector refuses for good, and a log that is refused for good, is logged, and not sent again. A log that cannot be read
 *   now keeps its mark, and the others go on.
 */
import { resourceSpansOf } from "../../contract/executions/trace-body.ts";
import type { Principal } from "../../domain/execution/principal.ts";
import { systemPrincipal } from "../../domain/execution/principal.ts";
import type { Span } from "../../domain/read-models/span.ts";
import type { OutboundFetch } from "../../domain/values/outbound.ts";
import { Refused } from "../executions/execution-logs.ts";

interface Due {
  readonly id: string;
  readonly seq: number;
}

export interface TraceExportParts {
  /** Tenants with executions. */
  readonly tenants: () => Promise<readonly string[]>;
  readonly due: (tenant: string, limit: number) => Promise<readonly Due[]>;
  readonly settle: (tenant: string, sent: readonly Due[]) => Promise<void>;
  /** Rejects where the log cannot be read. */
  readonly spans: (caller: Principal, id: string) => AsyncIterable<readonly Span[]>;
  readonly post: OutboundFetch;
  readonly collector: { readonly url: string; readonly headers: Readonly<Record<string, string>> };
  readonly now: () => number;
  readonly log: (entry: Readonly<Record<string, unknown>>) => void;
}

/** Executions of a tenant a minute: 288,000 a day. */
const A_TENANT = 200;
/** One sweep takes so long at most; the next minute goes on. */
const A_SWEEP_MS = 20_000;
const POST_TIMEOUT_MS = 10_000;
const MOST_ANSWER_BYTES = 4_096;
/** Answers after which the same trace may be taken later. */
const LATER: ReadonlySet<number> = new Set([408, 425, 429]);

type Sent = "taken" | "refused" | "later" | "unread";

export class TraceExport {
  readonly #parts: TraceExportParts;

  constructor(parts: TraceExportParts) {
    this.#parts = parts;
  }

  /** Returns how many traces the collector took. Never rejects for one tenant or one trace. */
  async sweep(): Promise<number> {
    const { tenants, now, log } = this.#parts;
    const untilMs = now() + A_SWEEP_MS;
    let taken = 0;
    for (const tenant of await tenants()) {
      if (now() >= untilMs) break;
      try {
        taken += await this.#sweepTenant(tenant, untilMs);
      } catch (error) {
        log({ level: "warn", message: "traces could not be sent", tenant, error: String(error) });
      }
    }
    return taken;
  }

  async #sweepTenant(tenant: string, untilMs: number): Promise<number> {
    const { due, settle, now } = this.#parts;
    let taken = 0;
    for (const one of await due(tenant, A_TENANT)) {
      if (now() >= untilMs) return taken;
      const sent = await this.#send(tenant, one.id);
      // The collector is away: nobody's trace is taken now.
      if (sent === "later") return taken;
      if (sent === "unread") continue;
      await settle(tenant, [one]);
      taken += sent === "taken" ? 1 : 0;
    }
    return taken;
  }

  async #send(tenant: string, id: string): Promise<Sent> {
    try {
      for await (const spans of this.#parts.spans(systemPrincipal(tenant), id)) {
        if (spans.length === 0) continue;
        const sent = await this.#post(tenant, id, spans);
        if (sent !== "taken") return sent;
      }
      return "taken";
    } catch (error) {
      this.#parts.log({ level: "warn", message: "a trace could not be read", execution_id: id, error: String(error) });
      return error instanceof Refused && !error.isRetryable ? "refused" : "unread";
    }
  }

  async #post(tenant: string, id: string, spans: readonly Span[]): Promise<Sent> {
    const { post, collector, log } = this.#parts;
    const body = JSON.stringify({ resourceSpans: [resourceSpansOf(tenant, spans)] });
    const headers = { "content-type": "application/json", "user-agent": "errand", ...collector.headers };
    const limits = { timeoutMs: POST_TIMEOUT_MS, maxBytes: MOST_ANSWER_BYTES };
    const answer = await post({ method: "POST", url: collector.url, headers, body, ...limits });
    const about = { execution_id: id, spans: spans.length };
    if (!answer.ok) {
      log({ level: "warn", message: "the collector of traces was not reached", ...about, error: answer.detail });
      return "later";
    }
    if (answer.status >= 200 && answer.status < 300) {
      if (/"rejectedSpans":\s*"?[1-9]/.test(answer.body))
        log({ level: "warn", message: "the collector refused some spans", ...about, error: answer.body.slice(0, 300) });
      return "taken";
    }
    const isLater = answer.status >= 500 || LATER.has(answer.status);
    const message = isLater ? "the collector takes no traces now" : "the collector refused a trace";
    log({ level: "warn", message, ...about, status: answer.status, error: answer.body.slice(0, 300) });
    return isLater ? "later" : "refused";
  }
}
