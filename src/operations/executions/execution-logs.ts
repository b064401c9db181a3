/** What an execution keeps, for audits. A whole log, or all effects, are read page by page: one reader holds a page. */
import type { Event } from "../../domain/execution/event.ts";
import type { Principal } from "../../domain/execution/principal.ts";
import type { InvariantReport } from "../../domain/invariants/invariants.ts";
import type { EffectPage, EffectQuery, EventPage, EventQuery } from "../../domain/read-models/pages.ts";
import type { Span } from "../../domain/read-models/span.ts";
import { TraceReader } from "../../domain/read-models/trace.ts";
import type { EffectView } from "../../domain/read-models/view.ts";
import type { Refusal, Result } from "../../domain/values/fault.ts";
import { FAULTS } from "../../domain/values/fault.ts";
import type { ExecutionClient, RunRegistry } from "../ports.ts";

const LIMIT = 1_000;
const SPANS_AT_ONCE = 200;

/** Thrown where an answer has begun already: what it still needed was refused. */
export class Refused extends Error {
  /** True when it may be read later. */
  readonly isRetryable: boolean;

  constructor({ code, detail }: Refusal) {
    super(`${code}: ${detail}`);
    this.name = "Refused";
    this.isRetryable = FAULTS[code].retryable;
  }
}

interface Parts {
  readonly client: Pick<ExecutionClient, "events" | "effects" | "invariants">;
  readonly registry: Pick<RunRegistry, "byId">;
  /** SHA-256 in hex: ids of spans are made by it. */
  readonly hash: (text: string) => string;
}

export class ExecutionLogs {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  events(caller: Principal, id: string, query: EventQuery): Promise<Result<EventPage>> {
    return this.#parts.client.events(caller, id, query);
  }

  effects(caller: Principal, id: string, query: EffectQuery): Promise<Result<EffectPage>> {
    return this.#parts.client.effects(caller, id, query);
  }

  async *allEvents(caller: Principal, id: string): AsyncGenerator<Event> {
    for (let after: number | null = 0; after !== null; ) {
      const page = await this.events(caller, id, { after, limit: LIMIT });
      if (!page.ok) throw new Refused(page);
      yield* page.value.events;
      after = page.value.next;
    }
  }

  /** Its spans, as they end, and its own last; at most `SPANS_AT_ONCE` at a time. */
  async *spans(caller: Principal, id: string): AsyncGenerator<readonly Span[]> {
    const reader = new TraceReader(this.#parts.hash);
    let spans: Span[] = [];
    for await (const event of this.allEvents(caller, id)) {
      reader.read(event);
      spans.push(...reader.taken());
      if (spans.length < SPANS_AT_ONCE) continue;
      yield spans;
      spans = [];
    }
    yield [...spans, ...reader.unended()];
  }

  async *allEffects(caller: Principal, id: string): AsyncGenerator<EffectView> {
    for (let after: number | null = 0; after !== null; ) {
      const page = await this.effects(caller, id, { after, limit: LIMIT });
      if (!page.ok) throw new Refused(page);
      yield* page.value.effects;
      after = page.value.next;
    }
  }

  /**
   * The promises of one execution. Its log is compared with what the index knows of its chain; where the index does not
   * answer, or has no row of it yet, the log is checked by itself.
   */
  async promises(caller: Principal, id: string): Promise<Result<InvariantReport[]>> {
    const [row] = await this.#parts.registry.byId({ tenant: caller.tenant }, [id]).catch(() => []);
    const { seq, chainHead: head } = row ?? {};
    return this.#parts.client.invariants(caller, id, head ? { seq, head } : undefined);
  }
}
